"""Labels by rule: what an event is about, from words that weigh for and against each matter. No language model.

    score(matter)    = sum over the distinct words found of weight(tier) * (1, or 0.35 in a circumstance)
    evidence(matter) = sqrt(score) + 0.4 * nearness, where an embedder takes part
    labels(sentence) = {matter : evidence >= best evidence - margin(strictness)};  labels(text) = all its sentences'

A circumstance ("during the divorce", "for the trial") says what something goes with, and seldom what it is. The root
keeps many words of one kind from drowning a plain one. A wider margin gives a label too many where two are close: what
is labelled twice flows only where both may. The words are in ``matters.toml``, written for this project.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from math import sqrt
from typing import Any

from mnemic.core.errors import BadInput, MnemicError
from mnemic.core.evidence import Event
from mnemic.governance.nearness import Embed, Nearness

#: What a word of each tier weighs; one ``against`` a matter takes away what it looks like.
TIERS = {"strong": 3.0, "words": 1.5, "weak": 0.5, "patterns": 2.0, "against": -3.0}
#: How far below the best evidence a matter is still a label.
STRICTNESS = {"careful": 0.6, "balanced": 0.3, "open": 0.0}
LABELLINGS = ("none", "rules", "nearest", "model")
_IN_CIRCUMSTANCE = 0.35
#: What a sentence must come to before it has a label: one weak word is none.
_LEAST = 1.0
_NEARNESS_WEIGHT = 0.4
#: Products of matrices differ in their last bits between machines.
_TIE = 1e-6
#: How far nearness must stand out, in spreads, where no word was found.
_NEAR_ALONE = 1.5
_CIRCUMSTANCE = re.compile(
    r"\b(?:during|after|before|since|regarding|about|concerning|because of|due to|related to|throughout|following|while"
    r"|amid|for)\b"
)
_CIRCUMSTANCE_ENDS = re.compile(
    r"[,.;:!?]|\b(?:is|are|was|were|has|have|had|will|be|been|includes?|remains?|became|and)\b"
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])")
#: Hyphens and apostrophes as a keyboard has them.
_PLAIN = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2019": "'"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Weighted patterns for each matter, and examples of what is said about it.

    A word matches itself and up to four letters more; one that ends in ``!`` matches itself alone.

    >>> lexicon = Lexicon.of({"money": {"words": ["loan"], "patterns": ["[$]\\\\d"]}, "pets": {"strong": ["cat!"]}})
    >>> lexicon.labels("Two loans, $5 each"), lexicon.labels("My cat"), lexicon.labels("Catalogues")
    (('money',), ('pets',), ())
    >>> lexicon.labels("A loan for the cat", STRICTNESS["open"])
    ('money',)
    """

    patterns: Mapping[str, tuple[tuple[re.Pattern[str], float, bool], ...]]
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Lexicon:
        """A lexicon of ``{matter: {tier: [...], examples: [...]}}``; raises BadInput naming the matter."""
        made = {}
        for matter, entry in data.items():
            if unknown := [name for name in entry if name not in (*TIERS, "examples")]:
                raise BadInput(f"{matter}.{unknown[0]}: is no tier; known are {', '.join(TIERS)}, examples")
            made[matter] = tuple(
                (_pattern(matter, tier, entry[tier]), weight, tier != "patterns")
                for tier, weight in TIERS.items()
                if entry.get(tier)
            )
        return cls(made, {matter: tuple(entry.get("examples", ())) for matter, entry in data.items()})

    def scores(self, sentence: str) -> dict[str, float]:
        """What the words of a sentence come to, for each matter that they speak for."""
        text = sentence.casefold().translate(_PLAIN)
        within = [(m.end(), _end(text, m.end())) for m in _CIRCUMSTANCE.finditer(text)]
        out = {}
        for matter, tiers in self.patterns.items():
            found: dict[tuple[str, float], float] = {}
            for pattern, weight, lessened in tiers:
                for match in pattern.finditer(text):
                    aside = lessened and any(low <= match.start() < high for low, high in within)
                    key = (match.group(), weight)
                    found[key] = max(found.get(key, 0.0), _IN_CIRCUMSTANCE if aside else 1.0)
            score = sum(weight * share for (_, weight), share in found.items())
            if score > 0:
                out[matter] = score
        return out

    def labels(self, text: str, margin: float = STRICTNESS["careful"]) -> tuple[str, ...]:
        """The matters of a text, in the lexicon's order."""
        return Labeller(self, margin).labels(text)


def _pattern(matter: str, tier: str, entries: Sequence[str]) -> re.Pattern[str]:
    words = sorted((entry.casefold() for entry in entries), key=len, reverse=True)
    try:
        return re.compile("|".join(entries if tier == "patterns" else map(_word, words)), re.IGNORECASE)
    except re.error as error:
        raise BadInput(f"{matter}: a pattern is no regular expression ({error})") from None


def _word(word: str) -> str:
    alone = word.endswith("!")
    text = word.removesuffix("!")
    before = r"\b" if text[:1].isalnum() else ""
    after = (r"\b" if alone else r"\w{0,4}\b") if text[-1:].isalnum() else ""
    return before + re.escape(text) + after


def _end(text: str, start: int) -> int:
    found = _CIRCUMSTANCE_ENDS.search(text, start)
    return found.start() if found else len(text)


@dataclass(slots=True)
class Labeller:
    """Decides on labels: by a lexicon, and by nearness to its examples too where it is handed an embedder.

    ``margin`` is one of :data:`STRICTNESS`. An embedder that fails leaves the careful rules.
    """

    lexicon: Lexicon
    margin: float = STRICTNESS["careful"]
    embed: Embed | None = None
    _nearness: Nearness | None = None

    @property
    def matters(self) -> tuple[str, ...]:
        """What it knows of."""
        return tuple(self.lexicon.patterns)

    def labels(self, text: str) -> tuple[str, ...]:
        """The matters of a text, in the lexicon's order."""
        return self.all_labels([text])[0]

    def all_labels(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The matters of each of several texts."""
        parts = [[s for s in _SENTENCES.split(text) if s and not s.isspace()] for text in texts]
        flat = list(dict.fromkeys(sentence for sentences in parts for sentence in sentences))
        near, margin = self._near(flat)
        decided = {s: self._decide(self.lexicon.scores(s), n, margin) for s, n in zip(flat, near, strict=True)}
        found = [set().union(*(decided[s] for s in sentences)) for sentences in parts]
        return [tuple(matter for matter in self.matters if matter in one) for one in found]

    def _near(self, sentences: Sequence[str]) -> tuple[Sequence[Mapping[str, float]], float]:
        if self.embed is None or not sentences:
            return [{}] * len(sentences), self.margin
        try:
            if self._nearness is None:
                self._nearness = Nearness.of(self.lexicon.examples, self.embed)
            return self._nearness.of_texts(sentences, self.embed), self.margin
        except MnemicError:
            return [{}] * len(sentences), max(self.margin, STRICTNESS["careful"])

    @staticmethod
    def _decide(scores: Mapping[str, float], near: Mapping[str, float], margin: float) -> set[str]:
        if max(scores.values(), default=0.0) < _LEAST and max(near.values(), default=0.0) < _NEAR_ALONE:
            return set()
        evidence = {m: sqrt(scores.get(m, 0.0)) + _NEARNESS_WEIGHT * near.get(m, 0.0) for m in {**scores, **near}}
        best = max(evidence.values())
        return {matter for matter, value in evidence.items() if value >= best - margin - _TIE}


@cache
def own_lexicon() -> Lexicon:
    """The lexicon that comes with mnemic."""
    text = resources.files("mnemic.governance").joinpath("matters.toml").read_text("utf-8")
    return Lexicon.of(tomllib.loads(text))


def labeller_of(labelling: str, strictness: str = "careful", embed: Embed | None = None) -> Labeller | None:
    """What settings say about labels by rule; None where events get none. Raises BadInput naming the setting.

    ``model`` has these rules label first, so that nothing is open until the model has been asked.
    """
    if labelling not in LABELLINGS:
        raise BadInput(f"labelling: {labelling!r} is unknown; use one of {', '.join(LABELLINGS)}")
    if strictness not in STRICTNESS:
        raise BadInput(f"labelling_strictness: {strictness!r} is unknown; use one of {', '.join(STRICTNESS)}")
    if labelling == "none":
        return None
    return Labeller(own_lexicon(), STRICTNESS[strictness], embed if labelling == "nearest" else None)


def label(events: Sequence[Event], labeller: Labeller) -> list[Event]:
    """The events with the labels that rules give them beside their own; the very same object where none is new.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.times import instant
    >>> event = Event(id="e", session="s", role="user", parts=(Part("text", "My doctor called."),),
    ...               occurred_at=instant("2026-06-02"))
    >>> label([event], Labeller(own_lexicon()))[0].labels
    ('health',)
    """
    out = []
    found = labeller.all_labels(["\n".join((event.text, *event.captions)) for event in events])
    for event, labels in zip(events, found, strict=True):
        known = {one.casefold() for one in event.labels}
        more = tuple(one for one in labels if one not in known)
        out.append(replace(event, labels=(*event.labels, *more)) if more else event)
    return out
