"""Progress: what has happened in a bank since each of its rules last ran; every log entry is counted once.

progress(seq) = progress(seq') + entries of the log in (seq', seq], so that a write costs what it wrote,
however long ago a rule last ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mnemic.core.experience import FEEDBACK_ROLE
from mnemic.core.op import LogEntry
from mnemic.core.stage import Progress
from mnemic.store.protocol import Snapshot

#: By rule what its trigger looks at, and the seq up to which the rule has looked.
RuleProgress = dict[str, tuple[Progress, int]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over the log's entries behind ``since``, up to ``upto``."""

    since: int
    upto: int
    events: int = 0
    tokens: int = 0
    feedbacks: int = 0
    tasks: int = 0
    sessions: frozenset[str] = frozenset()

    def with_(self, entries: Iterable[LogEntry], upto: int, count: Callable[[str], int]) -> Tally:
        """The counts with further entries; ``count`` gives a text's size in tokens."""
        events = tokens = feedbacks = tasks = 0
        sessions: set[str] = set()
        for entry in entries:
            feedbacks += entry.op.kind == "TOUCH" or entry.op.reason.startswith("feedback ")
            if (event := entry.op.event) is not None:
                events += 1
                feedbacks += event.role == FEEDBACK_ROLE
                tokens += count(event.text)
                tasks += "reward" in event.meta
                sessions.add(event.session)
        return Tally(
            self.since,
            upto,
            self.events + events,
            self.tokens + tokens,
            self.feedbacks + feedbacks,
            self.tasks + tasks,
            self.sessions if sessions <= self.sessions else self.sessions | sessions,
        )


@dataclass(slots=True)
class Tallies:
    """Tallies of the rules of many banks, by bank and rule."""

    _known: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def of(self, snapshot: Snapshot, rule: str, since: int, count: Callable[[str], int]) -> Tally:
        """The tally of a rule that last ran at seq ``since``, brought to the snapshot."""
        slot = (snapshot.row.name, rule)
        known = self._known.get(slot)
        if known is None or known.since != since or known.upto > snapshot.seq:
            known = Tally(since, since)
        if known.upto < snapshot.seq:
            known = known.with_(snapshot.log(known.upto, None), snapshot.seq, count)
            self._known[slot] = known
        return known

    def forget(self, bank: str) -> None:
        """Count a bank's log from its beginning again."""
        for slot in [slot for slot in list(self._known) if slot[0] == bank]:
            self._known.pop(slot, None)

    def progress(
        self,
        snapshot: Snapshot,
        rules: Sequence[str],
        count: Callable[[str], int],
        *,
        closed: bool,
        idle: bool,
        now: datetime,
    ) -> RuleProgress:
        """What the trigger of each rule looks at, and the seq up to which the rule has looked."""
        ran = snapshot.rules()
        out = {}
        for name in rules:
            since, last_run = ran.get(name, (0, None))
            tally = self.of(snapshot, name, since, count)
            out[name] = (progress_of(tally, closed=closed, idle=idle, last_run=last_run, now=now), since)
        return out


def progress_of(tally: Tally, *, closed: bool, idle: bool, last_run: datetime | None, now: datetime) -> Progress:
    """What triggers look at. Without ``closed`` the last session is taken to go on."""
    sessions = len(tally.sessions)
    return Progress(
        events=tally.events,
        tokens=tally.tokens,
        sessions_ended=sessions if closed else max(0, sessions - 1),
        feedbacks=tally.feedbacks,
        tasks_ended=tally.tasks,
        idle=idle,
        last_run=last_run,
        now=now,
    )
