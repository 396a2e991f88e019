"""What a benchmark is: conversations of events, and probes whose gold evidence is known by event id.

Every loader gives these types, so that the runner and the metrics never know which data set they work on.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mnemic.bench.answers import Check
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, canonical, sha
from mnemic.models.language.given import Extractions


@dataclass(frozen=True, slots=True)
class Probe:
    """A question put to a memory, with the events that hold its answer.

    ``category`` is the data set's own id and ``category_name`` its meaning; ``evidence`` holds the ids of
    the gold events, each once; ``asked_at`` is the instant at which the question is asked. With a ``check`` it is the
    answer that is scored, not the evidence found.
    """

    id: str
    question: str
    category: str
    category_name: str
    evidence: tuple[str, ...]
    answer: str
    asked_at: datetime
    check: Check | None = None

    @property
    def sha(self) -> str:
        """Hash of all that a result for this probe depends on."""
        return sha(canonical([self.id, self.question, self.category, list(self.evidence), self.asked_at.isoformat()]))


@dataclass(frozen=True, slots=True)
class Conversation:
    """One history and the probes about it; each conversation is run in a store of its own.

    ``extractions`` are facts and session summaries that the data set carries, if it does.
    """

    id: str
    events: tuple[Event, ...]
    probes: tuple[Probe, ...]
    extractions: Extractions = field(default_factory=Extractions)

    @property
    def sha(self) -> str:
        """Hash of the events in their order: what a store that holds them depends on."""
        return sha(canonical([self.id, [event.sha for event in self.events]]))

    def sessions(self) -> list[tuple[str, list[Event]]]:
        """The events by session, sessions in the order in which they begin."""
        grouped: dict[str, list[Event]] = {}
        for event in self.events:
            grouped.setdefault(event.session, []).append(event)
        return list(grouped.items())


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a loader could not use: gold ids that name no event, and questions left without evidence.

    ``unresolved`` holds ``(probe id, gold id)``; ``without_evidence`` counts questions by category id.
    """

    unresolved: tuple[tuple[str, str], ...] = ()
    without_evidence: Mapping[str, int] = field(default_factory=dict)

    @property
    def questions(self) -> int:
        """How many questions were left out."""
        return sum(self.without_evidence.values())

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "unresolved": [list(pair) for pair in self.unresolved],
            "without_evidence": dict(self.without_evidence),
        }


@dataclass(frozen=True, slots=True)
class Suite:
    """A benchmark: its conversations, what was dropped, and sums over several categories.

    ``groups`` maps a further row of the tables to the category ids that it joins, such as ``"1-4"``.
    """

    name: str
    conversations: tuple[Conversation, ...]
    dropped: Dropped = Dropped()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe of every conversation."""
        return tuple(probe for conversation in self.conversations for probe in conversation.probes)

    @property
    def events(self) -> int:
        """How many events all conversations hold."""
        return sum(len(conversation.events) for conversation in self.conversations)

    @property
    def answered(self) -> bool:
        """Whether answers are scored, and not the evidence found."""
        return bool(self.probes) and all(probe.check is not None for probe in self.probes)

    @property
    def categories(self) -> dict[str, str]:
        """Category ids with their names, in the order of their ids."""
        return dict(sorted({probe.category: probe.category_name for probe in self.probes}.items()))


class Gold:
    """Collects probes while a loader reads, and counts what cannot be used.

    >>> gold = Gold({"e1", "e2"})
    >>> gold.resolve("q1", "1", ["e2", "e9", "e2"]), gold.resolve("q2", "5", [])
    (('e2',), ())
    >>> gold.dropped()
    Dropped(unresolved=(('q1', 'e9'),), without_evidence={'5': 1})
    """

    def __init__(self, events: Collection[str] = ()) -> None:
        self.events: Collection[str] = events
        self._unresolved: list[tuple[str, str]] = []
        self._without: dict[str, int] = {}

    def resolve(self, probe: str, category: str, ids: Iterable[str]) -> tuple[str, ...]:
        """The gold ids that name an event, each once; empty when the question cannot be scored."""
        wanted = list(dict.fromkeys(ids))
        found = tuple(id_ for id_ in wanted if id_ in self.events)
        self._unresolved += [(probe, id_) for id_ in wanted if id_ not in self.events]
        if not found:
            self._without[category] = self._without.get(category, 0) + 1
        return found

    def dropped(self) -> Dropped:
        """What has been counted so far."""
        return Dropped(tuple(self._unresolved), dict(sorted(self._without.items())))


def load_suite(
    name_or_dir: str | Path,
    data_dir: str | Path | None = None,
    limit: int | None = None,
    conversations: int | None = None,
) -> Suite:
    """Load a benchmark by name, or a folder of one's own.

    Parameters
    ----------
    name_or_dir
        ``"locomo"``, ``"beam"`` (the 100K chats), ``"beam/<size>"``, ``"fact-consolidation"``, ``"lives"`` or
        ``"lives/<first seed>-<last seed>"``, ``"multihop/hotpotqa"`` or ``"multihop/musique"``, or a directory in the
        folder format.
    data_dir
        Where the named data sets lie; the environment variable ``MNEMIC_DATA`` when not given.
    limit
        How many questions to keep, spread as :func:`mnemic.bench.sample.spread` says.
    conversations
        How many conversations to keep, the first ones.

    Raises
    ------
    BadInput
        When the data are not there or cannot be read; the message names the file.
    """
    from mnemic.bench.beam import load_beam
    from mnemic.bench.fact_consolidation import load_fact_consolidation
    from mnemic.bench.folder import load_folder
    from mnemic.bench.lives import load_lives
    from mnemic.bench.locomo import load_locomo
    from mnemic.bench.multihop import load_multihop
    from mnemic.bench.sample import spread

    name, _, size = str(name_or_dir).partition("/")
    if name_or_dir == "locomo":
        suite = load_locomo(data_folder(data_dir, "locomo"))
    elif name_or_dir == "fact-consolidation":
        suite = load_fact_consolidation(data_folder(data_dir, "fact-consolidation"))
    elif name == "lives" and not Path(name_or_dir, "questions.jsonl").exists():
        suite = load_lives(size)
    elif name == "multihop" and not Path(name_or_dir, "questions.jsonl").exists():
        suite = load_multihop(data_folder(data_dir, "multihop"), size)
    elif name == "beam" and size.count("/") == 0 and not Path(name_or_dir, "questions.jsonl").exists():
        suite = load_beam(data_folder(data_dir, "beam"), size)
    else:
        suite = load_folder(Path(name_or_dir))
    if conversations is not None:
        if conversations < 1:
            raise BadInput(f"conversations: {conversations} cannot be measured; give 1 or more")
        suite = replace(suite, conversations=suite.conversations[:conversations])
    return suite if limit is None else spread(suite, limit)


def data_folder(given: str | Path | None, name: str) -> Path:
    """The folder of data sets: as given, else of ``MNEMIC_DATA``; raises BadInput when neither is there."""
    root = given or os.environ.get("MNEMIC_DATA")
    if not root:
        raise BadInput(f"data: where the {name} files lie is not known; give --data DIR or set MNEMIC_DATA")
    return Path(root).expanduser()
