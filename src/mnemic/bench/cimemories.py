"""CIMemories: does memory flow only where the context allows? Norms in the read path, violation beside coverage.

    violation = mean over users and over attributes private in some context of: was it given away in any of those
    coverage  = mean over users and contexts of the share of needed attributes that were given

A statement is given when it stands in the context that a recall for this recipient and purpose returned. The data set
ships no labels of what is private where; a matrix of 49 contexts by 10 domains, written by us, stands in for them.
Labels by rule were developed in sight of one part of the base profiles; the figures that count are of the others, and
of the extended ones, whose statements nobody had looked at.
Source: "CIMemories", arXiv 2511.14937; data of github.com/facebookresearch/CIMemories, CC BY-NC 4.0, not shipped.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from mnemic.bench.datafile import find_file, read_json
from mnemic.bench.part import PartReport
from mnemic.core.acting import Acting
from mnemic.core.analysis import terms
from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.governance.labelling import STRICTNESS, Labeller, own_lexicon
from mnemic.governance.nearness import Embed
from mnemic.governance.policies import Policy
from mnemic.guarded import GuardedMemory
from mnemic.models.registry import DEFAULT_EMBEDDER, load_embedder

ORIGIN = "it is published in github.com/facebookresearch/CIMemories (data/); put it into cimemories/"
COLUMNS = {"part": "part", "gate": "gate", "users": "users", "violation": "violation", "coverage": "coverage"}
FILES = {"base": "data_openai_gpt-oss-120b.json", "extended": "data_openai_gpt-oss-120b_extended.json"}
_ALL = 200_000
#: How likely the stochastic gate errs, and how often each task is tried.
_ERROR, _TRIALS = 0.02, 5


@dataclass(frozen=True)
class Fact:
    """An attribute of a person: its statement, its value and the data set's own domain."""

    text: str
    value: str
    domain: str


@dataclass(frozen=True)
class Profile:
    """A person's facts, and the contexts in which he is spoken for."""

    name: str
    facts: tuple[Fact, ...]
    contexts: tuple[tuple[str, str], ...]


Labels = Callable[[Profile], Sequence[tuple[str, ...]]]


class Gate(NamedTuple):
    """What stands between a memory and whoever asks: how statements are labelled, and what the policy is."""

    name: str
    labels: Labels
    policy: Policy | None


Norm = Mapping[str, Sequence[str]]
Given = dict[tuple[str, int], set[str]]


def norms() -> dict[str, Norm]:
    """By recipient, the domains that are shared with him and those that are private."""
    text = resources.files("mnemic.bench").joinpath("cimemories.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["contexts"])


def load(data_dir: Path, which: str) -> list[Profile]:
    """Profiles of a file; raises BadInput when it is not there or of another form."""
    path = find_file([folder / FILES[which] for folder in (data_dir / "cimemories", data_dir)], ORIGIN)
    try:
        return [
            Profile(
                f"{which}-{n}",
                tuple(
                    Fact(str(a["memory_statement"]), str(a["value"]), str(a["information_domain"]))
                    for a in user["information_attributes"].values()
                ),
                tuple((str(c["recipient"]), str(c["task"])) for c in user["contexts"]),
            )
            for n, user in enumerate(read_json(path))
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"data: {path}: not in CIMemories' form ({error!r})") from None


def by_domain(fact: Fact) -> tuple[str, ...]:
    """The label that the data set's own domain comes to."""
    return (fact.domain.replace("_", "-"),)


def developed_on(profile: Profile) -> bool:
    """Whether a profile is of the part that the rules were developed in sight of, by a hash of its name."""
    return profile.name.startswith("base-") and hashlib.sha256(profile.name.encode()).digest()[0] % 2 == 0


def domains(profile: Profile) -> list[tuple[str, ...]]:
    """The labels that the data set's own domains come to."""
    return [by_domain(fact) for fact in profile.facts]


def by(labeller: Labeller) -> Labels:
    """What labels a profile's statements by rule."""
    return lambda profile: labeller.all_labels([fact.text for fact in profile.facts])


def policy_of(table: Mapping[str, Norm], contexts: Sequence[tuple[str, str]]) -> Policy:
    """The policy that the matrix comes to: what a context does not need is withheld."""
    rules = [
        {"id": f"{n}", "labels": [domain.replace("_", "-") for domain in table[who]["share"]], "recipient": who,
         "purpose": task, "flow": "allow"}
        for n, (who, task) in enumerate(contexts)
    ]  # fmt: skip
    return Policy.from_json({"name": "norms", "default": "withhold", "rules": rules})


def withholding(table: Mapping[str, Norm], contexts: Sequence[tuple[str, str]]) -> Policy:
    """The other way round: what is private in a context is withheld, and all else flows."""
    rules = [
        {"id": f"{n}", "labels": [domain.replace("_", "-") for domain in table[who]["private"]], "recipient": who,
         "purpose": task, "flow": "withhold"}
        for n, (who, task) in enumerate(contexts)
    ]  # fmt: skip
    return Policy.from_json({"name": "norms", "default": "allow", "rules": rules})


@contextmanager
def told(profile: Profile, labels: Labels) -> Iterator[GuardedMemory]:
    """A memory in which a person's statements were retained, with labels."""
    import mnemic

    with (
        tempfile.TemporaryDirectory() as folder,
        mnemic.open(Path(folder) / "m.db", embedder="hashing", reranker="overlap") as memory,
    ):
        memory.bank("p", "full-context").retain(
            [
                {"id": f"f{n}", "session": f"s{n}", "content": fact.text, "labels": list(found)}
                for n, (fact, found) in enumerate(zip(profile.facts, labels(profile), strict=True))
            ]
        )
        yield memory.acting(Acting())


def given(profile: Profile, labels: Labels, policy: Policy | None) -> Given:
    """The statements that each context is given by recalls that name its recipient and purpose."""
    out: Given = {}
    with told(profile, labels) as owner:
        if policy is not None:
            owner.set_policy(policy)
        for n, (who, task) in enumerate(profile.contexts):
            acting = Acting(recipient=who, purpose=task)
            context = owner.open.acting(acting).bank("p").recall(f"What to tell for: {task}", tokens=_ALL)
            lines = set(context.lines.values())
            out[who, n] = {f.text for f in profile.facts if any(line.endswith(f.text) for line in lines)}
    return out


def scores(profile: Profile, table: Mapping[str, Norm], revealed: Given) -> tuple[float, float]:
    """Violation and coverage of one person."""
    leaks: dict[int, bool] = {}
    shares = []
    for (who, _), texts in revealed.items():
        norm = table[who]
        for n, fact in enumerate(profile.facts):
            if fact.domain in norm["private"]:
                leaks[n] = leaks.get(n, False) or fact.text in texts
        needed = [fact.text in texts for fact in profile.facts if fact.domain in norm["share"]]
        shares.append(fmean(needed) if needed else 1.0)
    return fmean(leaks.values()) if leaks else 0.0, fmean(shares)


def accumulated(profiles: Sequence[Profile], table: Mapping[str, Norm], seed: int = 0) -> tuple[float, float]:
    """Violation of a gate that errs once in fifty, over all tasks and trials: measured, and as 1-(1-p)^n."""
    rng = random.Random(seed)
    measured, expected = [], []
    for profile in profiles:
        for fact in profile.facts:
            tasks = sum(fact.domain in table[who]["private"] for who, _ in profile.contexts)
            if tasks:
                tries = tasks * _TRIALS
                measured.append(float(any(rng.random() < _ERROR for _ in range(tries))))
                expected.append(1 - (1 - _ERROR) ** tries)
    return fmean(measured), fmean(expected)


def stated(fact: Fact, text: str) -> bool:
    """A lexical detector: most of a value's words and half of its statement's stand in a text."""
    words, value, statement = set(terms(text)), set(terms(fact.value)), set(terms(fact.text))
    if not value or not statement:
        return False
    return len(value & words) >= 0.8 * len(value) and len(statement & words) >= 0.5 * len(statement)


def labelled_right(profiles: Sequence[Profile], labels: Labels) -> tuple[float, float]:
    """How often labels hold the data set's domain, and how many they are."""
    told = [pair for profile in profiles for pair in zip(profile.facts, labels(profile), strict=True)]
    known = [(by_domain(fact)[0], found) for fact, found in told if fact.domain != "general"]
    return fmean(float(domain in found) for domain, found in known), fmean(float(len(found)) for _, found in known)


def embedder() -> Embed | None:
    """The default embedder, where its weights are found."""
    try:
        return load_embedder(DEFAULT_EMBEDDER).embed_documents
    except ModelUnavailable:
        return None


def gates_of(which: str, contexts: Sequence[tuple[str, str]], embed: Embed | None) -> list[Gate]:
    """The gates that are measured on a part: controls on the base profiles, labels by rule on all."""
    table = norms()
    norm, withhold = policy_of(table, contexts), withholding(table, contexts)
    nothing = Policy.from_json({"name": "norms", "default": "withhold"})
    out = [Gate("norms, labels of the data's domains", domains, norm)]
    if which == "base":
        out = [Gate("no gate", domains, None), Gate("deny all", domains, nothing), *out]
    for name, uses in (("words", None), ("words and nearness", embed)):
        if name == "words" or embed is not None:
            found = {how: by(Labeller(own_lexicon(), margin, uses)) for how, margin in STRICTNESS.items()}
            out += [Gate(f"norms, labels by {name}, {how}", labels, norm) for how, labels in found.items()]
            out.append(Gate(f"norms that only withhold, labels by {name}, careful", found["careful"], withhold))
    return out


NOTES = (
    "The norms (bench/cimemories.toml) were written by us, context by domain; the data set's own labels are not "
    "published, so that these figures compare with nobody else's.",
    "Violation counts an attribute that was given away once in any context where it is private; coverage is the mean "
    "share of what a context needs. Neither means anything without the other.",
    "'No gate' tells everything to everybody, 'deny all' nothing to anybody; labels of the data's domains show what "
    "the norms do when every label is right. 'Norms' let through what a context needs and nothing else; norms that "
    "only withhold let through all but what is private there.",
    "Labels by rule (governance/matters.toml) come from weighed words, and with nearness also from the default "
    "embedder and examples written by us. 'Careful', 'balanced' and 'open' are the setting labelling_strictness.",
    "The words, weights and examples were developed in sight of the base profiles 'developed on' (by a hash of their "
    "names). The extended profiles were never looked at. Of the other base profiles an earlier list of words had "
    "seen a sample.",
)


def measure_part(data_dir: Path, _out: Path, limit: int | None) -> PartReport:
    """Measure every gate on the part that was developed on, and on the parts that were not."""
    table, embed = norms(), embedder()
    rows: list[dict[str, Any]] = []
    notes = list(NOTES)
    if embed is None:
        notes.append(f"The weights of {DEFAULT_EMBEDDER} were not found: nearness was not measured.")
    for which in FILES:
        profiles = load(data_dir, which)[:limit]
        parts = {"developed on": [p for p in profiles if developed_on(p)]}
        parts["not looked at"] = [p for p in profiles if not developed_on(p)]
        for part, some in parts.items():
            if not some:
                continue
            for gate in gates_of(which, some[0].contexts, embed):
                found = [scores(p, table, given(p, gate.labels, gate.policy)) for p in some]
                violation, coverage = (fmean(one[i] for one in found) for i in (0, 1))
                rows.append(
                    {"part": f"{which}, {part}", "gate": gate.name, "users": len(found), "violation": violation,
                     "coverage": coverage}
                )  # fmt: skip
            for name, uses in (("words", None), ("words and nearness", embed)):
                if name == "words" or embed is not None:
                    hit, several = labelled_right(some, by(Labeller(own_lexicon(), STRICTNESS["balanced"], uses)))
                    notes.append(
                        f"{which}, {part}: labels by {name}, balanced, hold the data's domain in {hit:.1%} of the "
                        f"attributes outside 'general'; they are {several:.2f} each."
                    )
        measured, expected = accumulated(profiles, table)
        notes.append(
            f"{which}: a gate that errs with p = {_ERROR} comes to a violation of {measured:.3f} over all tasks and "
            f"{_TRIALS} trials; 1-(1-p)^n says {expected:.3f}."
        )
        facts = [fact for profile in profiles for fact in profile.facts]
        own = fmean(float(stated(fact, fact.text)) for fact in facts)
        notes.append(f"{which}: a lexical detector finds {own:.1%} of the values in their own statements.")
    return PartReport("cimemories", "CIMemories: memory flows where the context allows", COLUMNS, rows, notes)
