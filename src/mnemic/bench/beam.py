"""BEAM: long chats of a user with an assistant, with questions that try ten abilities of memory.

Source: Tavakoli et al., "Beyond a Million Tokens: Benchmarking and Enhancing Long-Term Memory in LLMs";
github.com/mohammadtavakoli78/BEAM (chats/<size>/<number>/). The data are not shipped with mnemic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mnemic.bench.datafile import find_file, read_json
from mnemic.bench.suite import Conversation, Gold, Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part

ORIGIN = (
    "BEAM is published in github.com/mohammadtavakoli78/BEAM under chats/<size>/ (its repository names no "
    "licence); put one size folder there"
)
#: Fields that hold the reference answer, by ability.
ANSWERS = ("answer", "ideal_answer", "ideal_response", "ideal_summary", "expected_compliance")
_ASKED_AFTER = timedelta(hours=1)
_MARKER = re.compile(r"\s*->->[^\n]*\Z")


def load_beam(data_dir: Path, size: str = "") -> Suite:
    """The chats of one size, in ``data_dir/beam/<size>``, ``data_dir/<size>`` or ``data_dir`` itself.

    Each message is an event of the session ``batch_<n>``; its time is the batch's anchor, which is a day.
    The shortened chat is taken where there is one, and the generator's marks are stripped from messages.
    Categories are the ten abilities; the questions of ``abstention`` have no evidence and so are dropped
    and counted. Questions are asked one hour after the last message.

    Parameters
    ----------
    data_dir
        Folder to look in.
    size
        ``"100K"``, ``"500K"``...; ``"100K"`` when empty, unless ``data_dir`` is itself a size folder.

    Raises
    ------
    BadInput
        When there is no such folder, or a field is missing or of the wrong form.
    """
    folder = _size_folder(data_dir, size)
    gold = Gold()
    conversations = []
    for chat in sorted(path for path in folder.iterdir() if path.is_dir()):
        if not (questions := _first(chat, "probing_questions.json", "probing_questions/probing_questions.json")):
            continue
        messages = find_file(
            [chat / f"{name}.json{end}" for name in ("chat_truncated", "chat") for end in (".gz", "")], ORIGIN
        )
        try:
            conversations.append(
                _conversation(f"{folder.name}-{chat.name}", read_json(messages), read_json(questions), gold)
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"data: {chat}: not in BEAM's form ({error!r})") from None
    return Suite(f"beam-{folder.name}", tuple(conversations), gold.dropped())


def parse_anchor(text: str) -> datetime:
    """A batch's day, at midnight UTC.

    >>> parse_anchor("March-15-2024").isoformat()
    '2024-03-15T00:00:00+00:00'
    """
    return datetime.strptime(text.strip(), "%B-%d-%Y").replace(tzinfo=UTC)


def strip_marker(text: str) -> str:
    """A message without the generator's mark, which would give the plan of the chat away.

    >>> strip_marker("Can you help me? ->-> 1,1"), strip_marker("Is it wise? ->-> 6,N/A")
    ('Can you help me?', 'Is it wise?')
    """
    return _MARKER.sub("", text)


def _size_folder(data_dir: Path, size: str) -> Path:
    folders = [data_dir / "beam" / (size or "100K"), data_dir / (size or "100K")]
    if not size or data_dir.name == size:
        folders.insert(0, data_dir)
    for folder in folders:
        if folder.is_dir() and any(_questions_of(folder)):
            return folder
    looked = " or ".join(str(folder / "<number>" / "probing_questions.json") for folder in folders)
    raise BadInput(f"data: {looked} not found; {ORIGIN}")


def _questions_of(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*/probing_questions.json")
    yield from folder.glob("*/probing_questions/probing_questions.json")


def _first(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _conversation(name: str, batches: Any, questions: Any, gold: Gold) -> Conversation:
    events = tuple(_events(name, batches))
    asked_at = max(event.occurred_at for event in events) + _ASKED_AFTER
    gold.events = {event.id for event in events}
    probes = []
    for ability in sorted(questions):
        for number, question in enumerate(questions[ability]):
            id_ = f"{name}:{ability}:{number}"
            ids = [f"{name}:{message}" for message in _flat(question.get("source_chat_ids"))]
            if evidence := gold.resolve(id_, ability, ids):
                answer = next((str(question[key]) for key in ANSWERS if key in question), "")
                spoken = ability.replace("_", " ")
                probes.append(Probe(id_, question["question"], ability, spoken, evidence, answer, asked_at))
    return Conversation(name, events, tuple(probes))


def _events(name: str, batches: Any) -> Iterator[Event]:
    when: datetime | None = None
    for batch in batches:
        anchor = batch.get("time_anchor")
        when = parse_anchor(anchor) if anchor else when
        for message in (message for group in batch["turns"] for message in group):
            if anchor := message.get("time_anchor"):
                when = parse_anchor(anchor)
            if when is None:
                raise ValueError(f"message {message['id']} comes before any time_anchor")
            yield Event(
                id=f"{name}:{message['id']}",
                session=f"batch_{batch['batch_number']}",
                role=message["role"],
                parts=(Part("text", strip_marker(message["content"])),),
                occurred_at=when,
            )


def _flat(ids: Any) -> Iterator[Any]:
    if isinstance(ids, dict):
        ids = list(ids.values())
    if isinstance(ids, list):
        for part in ids:
            yield from _flat(part)
    elif ids is not None:
        yield ids
