"""What a person who looks through a bank asks for: counts, sessions, links, what was recalled and what was spent.

Part of :class:`mnemic.bank.Bank`. Each answer comes from an index or a page of rows, however large the bank is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mnemic.answers import Page, Tally, Timeline
from mnemic.core.reading import Receipt, Where
from mnemic.core.record import STATES, Edge, Record
from mnemic.core.times import Interval, from_micros
from mnemic.log_verbs import LogVerbs
from mnemic.messages import check_text, check_whole
from mnemic.recalling import MAX_PAGE, MAX_QUESTION, check_where
from mnemic.record_verbs import MAX_SEQ
from mnemic.store.asked import Spent

__all__ = ["ANY_STATE", "FACETS", "BrowseVerbs", "Tally", "Timeline"]

#: What records can be counted by.
FACETS = ("kind", "state", "epistemic", "role", "tier", "actor")
#: A filter that lets records of every state through.
ANY_STATE = Where(states=STATES)


class BrowseVerbs(LogVerbs):
    """Looking through a bank."""

    __slots__ = ()

    def tally(self, where: Where | None = None, *, as_of: datetime | str | int | None = None) -> Tally:
        """Count the records that pass a filter, by kind, state and the other facets."""
        check_where(where)
        with self._view(self._at(as_of)) as view:
            return Tally(*view.tally(where or ANY_STATE, FACETS))

    def timeline(
        self,
        where: Where | None = None,
        *,
        during: Interval | None = None,
        bins: int = 80,
        limit: int = 50,
        after: int = 0,
        as_of: datetime | str | int | None = None,
    ) -> Timeline:
        """Records that pass a filter, in order of time; those of ``during`` are given, all are counted by time."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        check_whole(bins, "bins", 1, 1000)
        check_where(where)
        where = where or ANY_STATE
        narrow = where if during is None else where.and_(during=during)
        with self._view(self._at(as_of)) as view:
            low, high, counts = view.spread(where, bins)
            records = view.scan(narrow, limit=limit + 1, skip=after)
            total = view.count(narrow)
            seq, head = view.snapshot.seq, view.snapshot.row.seq
        start, end = (from_micros(low), from_micros(high)) if counts else (None, None)
        more = after + limit if len(records) > limit else None
        return Timeline(tuple(records[:limit]), total, start, end, tuple(counts), more, seq, head)

    def together(self, field: str, words: Sequence[str]) -> Mapping[tuple[str, str], int]:
        """How many current records carry both of two words as ``field`` (entity, tag or label), for all pairs."""
        with self._view() as view:
            return view.together(field, words)

    def matching(self, text: str, where: Where | None = None, *, limit: int = 50, after: int = 0) -> Page:
        """Records that hold words of a text in any of their lexical keys, the best first."""
        check_text(text, "text", limit=MAX_QUESTION)
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        check_where(where)
        wanted = after + limit + 1
        with self._view() as view:
            scores: dict[str, float] = {}
            for key in view.snapshot.index().keys:
                for hit in view.lexical(text, key=key, k=wanted, where=where or Where()):
                    scores[hit.id] = max(scores.get(hit.id, 0.0), hit.score)
            ranked = sorted(scores, key=lambda record_id: (-scores[record_id], record_id))[after:wanted]
            records = list(view.get(ranked).values())
        return Page(tuple(records[:limit]), after + limit if len(records) > limit else None)

    def sessions(self, *, limit: int = 100, after: int = 0) -> Sequence[tuple[str, int]]:
        """Sessions with how many events each has, in order of their first event, ``limit`` from place ``after`` on."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        with self._snapshot() as snapshot:
            return snapshot.sessions()[after : after + limit]

    def words(self, field: str, *, limit: int = 100) -> Mapping[str, int]:
        """The words that most current records carry as ``field`` (entity, tag or label), with how many do."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        with self._view() as view:
            counts = view.facts(field)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit])

    def links(
        self, records: Sequence[str], *, as_of: datetime | str | int | None = None
    ) -> tuple[Sequence[Edge], Mapping[str, Record]]:
        """The edges that leave or reach records, and the records at both ends of them."""
        with self._view(self._at(as_of)) as view:
            given = view.get(records)
            edges = view.edges(list(given), direction="both")
            ends = view.get([*given, *(end for edge in edges for end in (edge.src, edge.dst))])
        return [edge for edge in edges if edge.src in ends and edge.dst in ends], ends

    def recalled(self, record: str, *, among: int = 200) -> Sequence[tuple[Receipt, Mapping[str, Any]]]:
        """In which of the newest ``among`` recalls a record was, with its line there."""
        check_whole(among, "among", 1, MAX_PAGE)
        return [
            (receipt, line) for receipt in self._receipts(among) for line in receipt.lines if line["record"] == record
        ]

    def records(self, ids: Sequence[str], *, as_of: datetime | str | int | None = None) -> Mapping[str, Record]:
        """Records by id, as they are or were; those that are not there are left out."""
        with self._view(self._at(as_of)) as view:
            return view.get(ids)

    def last_seq(self) -> int:
        """The last point of the log."""
        with self._snapshot() as snapshot:
            return snapshot.row.seq

    def newest(self, limit: int = 10) -> Sequence[Record]:
        """The current records that lie last in time, the last first."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        with self._view() as view:
            return view.scan(Where(), limit=limit, newest_first=True)

    def last_written(self) -> datetime | None:
        """When the bank was last written, or None when it never was."""
        with self._snapshot() as snapshot:
            entry = next(iter(snapshot.log(snapshot.seq - 1, None)), None)
        return entry.at if entry else None

    def spent(self) -> Sequence[Spent]:
        """What asking language models has cost, by day, purpose and task."""
        return self.engine.store.spent(self.name)
