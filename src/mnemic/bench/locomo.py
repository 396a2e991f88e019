"""LoCoMo: ten very long conversations of two people, with questions whose evidence is given by turn.

Source: Maharana et al., "Evaluating Very Long-Term Conversational Memory of LLM Agents", arXiv 2402.17753;
github.com/snap-research/locomo (data/locomo10.json), CC BY-NC 4.0. The data are not shipped with mnemic.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mnemic.bench.datafile import find_file, read_json
from mnemic.bench.suite import Conversation, Gold, Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.models.language.given import Extractions

#: Category ids of the data set. Several published tables permute the names, so the id is always shown.
CATEGORIES = {"1": "multi-hop", "2": "temporal", "3": "open-domain", "4": "single-hop", "5": "adversarial"}
ORIGIN = (
    "LoCoMo is published by Snap Research as data/locomo10.json in github.com/snap-research/locomo "
    "(CC BY-NC 4.0); put it there"
)
_ASKED_AFTER = timedelta(hours=1)
_TURN = re.compile(r"D:?(\d+):(\d+)")
_SESSION = re.compile(r"session_(\d+)")


def load_locomo(data_dir: Path) -> Suite:
    """The conversations of ``locomo.json`` or ``locomo10.json``, in ``data_dir/locomo`` or ``data_dir``.

    Each turn is an event with the role ``user`` (both speakers are people) and the speaker as its actor;
    the caption of a picture is an image part, the words by which the picture was looked for are in
    ``meta["query"]``. Questions are asked one hour after the last session begins. The group ``1-4`` leaves
    out category 5, whose questions have evidence but no answer.

    Raises
    ------
    BadInput
        When there is no such file, or a field is missing or of the wrong form.
    """
    names = ("locomo.json", "locomo10.json")
    path = find_file([folder / name for folder in (data_dir / "locomo", data_dir) for name in names], ORIGIN)
    gold = Gold()
    samples = read_json(path)
    if not isinstance(samples, list):
        raise BadInput(f"data: {path} holds no list of conversations; {ORIGIN}")
    conversations = []
    for sample in samples:
        try:
            conversations.append(_conversation(sample, gold))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            name = sample.get("sample_id", "?") if isinstance(sample, dict) else "?"
            raise BadInput(f"data: {path}, conversation {name}: not in LoCoMo's form ({error!r})") from None
    return Suite("locomo", tuple(conversations), gold.dropped(), {"1-4": ("1", "2", "3", "4")})


def parse_time(text: str) -> datetime:
    """A session's time, taken as UTC.

    >>> parse_time("1:56 pm on 8 May, 2023").isoformat()
    '2023-05-08T13:56:00+00:00'
    """
    return datetime.strptime(text.strip(), "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)


def parse_evidence(conversation: str, evidence: list[str]) -> list[str]:
    """Event ids of gold turns, also of joined and misspelt ones.

    >>> parse_evidence("conv-1", ["D8:6; D9:17", "D:11:26", "D30:05", "D"])
    ['conv-1:D8:6', 'conv-1:D9:17', 'conv-1:D11:26', 'conv-1:D30:5']
    """
    return [f"{conversation}:D{int(session)}:{int(turn)}" for text in evidence for session, turn in _TURN.findall(text)]


def _conversation(sample: dict[str, Any], gold: Gold) -> Conversation:
    name, body = str(sample["sample_id"]), sample["conversation"]
    numbers = sorted(int(match[1]) for key in body if (match := _SESSION.fullmatch(key)))
    events = [
        _event(name, number, turn, parse_time(body[f"session_{number}_date_time"]))
        for number in numbers
        for turn in body[f"session_{number}"]
    ]
    asked_at = max(event.occurred_at for event in events) + _ASKED_AFTER
    gold.events = {event.id for event in events}
    probes = []
    for number, question in enumerate(sample["qa"]):
        id_, category = f"{name}:q{number}", str(question["category"])
        if evidence := gold.resolve(id_, category, parse_evidence(name, question["evidence"])):
            answer = str(question.get("answer", ""))
            name_of = CATEGORIES.get(category, category)
            probes.append(Probe(id_, question["question"], category, name_of, evidence, answer, asked_at))
    return Conversation(name, tuple(events), tuple(probes), _extractions(name, sample))


def _extractions(conversation: str, sample: dict[str, Any]) -> Extractions:
    """The facts (``observation``) with the turns that they come from, and the session summaries."""
    facts: dict[str, list[str]] = {}
    for by_speaker in sample.get("observation", {}).values():
        for found in by_speaker.values():
            for fact, turns in found:
                for turn in parse_evidence(conversation, [turns] if isinstance(turns, str) else turns)[:1]:
                    facts.setdefault(turn, []).append(fact)
    summaries = sample.get("session_summary", {}).items()
    return Extractions(facts, {key.removesuffix("_summary"): text for key, text in summaries})


def _event(conversation: str, session: int, turn: dict[str, Any], when: datetime) -> Event:
    parts = [Part("text", turn["text"])]
    if caption := turn.get("blip_caption"):
        parts.append(Part("image", caption))
    return Event(
        id=parse_evidence(conversation, [turn["dia_id"]])[0],
        session=f"session_{session}",
        role="user",
        actor=turn["speaker"],
        parts=tuple(parts),
        occurred_at=when,
        meta={"query": turn["query"]} if turn.get("query") else {},
    )
