"""What can be asked of a bank's log: a part of :class:`mnemic.bank.Bank`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mnemic.core.op import LogEntry
from mnemic.engine.intake import Written
from mnemic.engine.timeline import Difference, difference, rollback_ops
from mnemic.label_verbs import LabelVerbs
from mnemic.messages import check_whole
from mnemic.recalling import MAX_PAGE
from mnemic.record_verbs import MAX_SEQ


class LogVerbs(LabelVerbs):
    """The log of a bank: read it, compare two points of it, go back to one."""

    __slots__ = ()

    def log(self, *, after: int = 0, limit: int = 100) -> Sequence[LogEntry]:
        """Entries of the log behind seq ``after``."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        with self._snapshot() as snapshot:
            return list(snapshot.log(after, after + limit))

    def diff(self, since: datetime | str | int, until: datetime | str | int | None = None) -> Difference:
        """What changed between two points of the log: records added, set aside, and changed."""
        low = self._at(since) or 0
        high = self._at(until)
        with self._snapshot(low) as before, self._snapshot(high) as after:
            return difference(before, after)

    def rollback(self, to: datetime | str | int, *, reason: str = "") -> Written:
        """Bring every record and edge back to what it was at a point of the log.

        Nothing is destroyed: the log goes on with the ops that undo, and those can be rolled back too. Events
        stay in evidence.
        """
        seq, reason = self._at(to) or 0, self._sealed(reason)
        with self._snapshot(seq) as past:
            return self._commit(lambda view: rollback_ops(past, view, reason or f"rollback to {seq}"))
