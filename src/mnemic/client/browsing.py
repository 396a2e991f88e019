"""Looking through a bank of a server: counts, times, words, links, what was recalled and spent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mnemic.answers import Tally
from mnemic.client import shapes
from mnemic.client.bank_calls import BankCalls, records_of
from mnemic.client.calls import Call
from mnemic.core.reading import Receipt, Where
from mnemic.core.record import Edge, Record
from mnemic.core.times import Interval, instant

Point = datetime | str | int | None


def narrowed(where: Where | None) -> str | None:
    """A filter as it stands in an address."""
    return None if where is None else json.dumps(shapes.where_json(where))


class BrowsingCalls(BankCalls):
    """What a person who looks through a bank asks for."""

    __slots__ = ()

    def tally(self, where: Where | None = None, *, as_of: Point = None) -> Tally:
        """Count the records that pass a filter, by kind, state and the other facets."""
        params = {"where": narrowed(where), "as_of": shapes.point(as_of)}
        made: Tally = self.do(Call("GET", self._path("tally"), lambda data: Tally(data["total"], data["by"]), params))
        return made

    def timeline(
        self, where: Where | None = None, *, during: Interval | None = None, bins: int = 80, limit: int = 50,
        after: str | None = None, as_of: Point = None,
    ) -> shapes.RemoteTimeline:  # fmt: skip
        """Records in order of time; those of ``during`` are given, all are counted by time."""
        start, end = (during.start.isoformat(), during.end.isoformat()) if during else (None, None)
        params = {"where": narrowed(where), "start": start, "end": end, "bins": bins, "limit": limit, "cursor": after,
                  "as_of": shapes.point(as_of)}  # fmt: skip
        made: shapes.RemoteTimeline = self.do(Call("GET", self._path("timeline"), shapes.timeline, params))
        return made

    def matching(
        self, text: str, where: Where | None = None, *, limit: int = 50, after: str | None = None
    ) -> shapes.RemotePage:
        """Records that hold words of a text, the best first."""
        params = {"text": text, "where": narrowed(where), "limit": limit, "cursor": after}
        made: shapes.RemotePage = self.do(Call("GET", self._path("matching"), shapes.page, params))
        return made

    def newest(self, limit: int = 10) -> Sequence[Record]:
        """The current records that lie last in time, the last first."""
        made: Sequence[Record] = self.do(Call("GET", self._path("newest"), records_of, {"limit": limit}))
        return made

    def records(self, ids: Sequence[str], *, as_of: Point = None) -> Mapping[str, Record]:
        """Records by id, as they are or were; those that are not there are left out."""

        def read(data: Any) -> Mapping[str, Record]:
            return {record.id: record for record in records_of(data)}

        return self._ask("records/read", {"ids": list(ids), "as_of": shapes.point(as_of)}, read)

    def sessions(self) -> Sequence[tuple[str, int]]:
        """All sessions with how many events each has, in order of their first event."""

        def read(data: Any) -> Sequence[tuple[str, int]]:
            return [(one["session"], one["events"]) for one in data["sessions"]]

        call = Call("GET", self._path("sessions"), read, {"limit": 1000}, every="sessions")
        made: Sequence[tuple[str, int]] = self.do(call)
        return made

    def words(self, field: str, *, limit: int = 100) -> Mapping[str, int]:
        """The words that most current records carry as ``field`` (entity, tag or label), with how many do."""
        params = {"field": field, "limit": limit}
        made: Mapping[str, int] = self.do(Call("GET", self._path("words"), lambda data: dict(data["words"]), params))
        return made

    def together(self, field: str, words: Sequence[str]) -> Mapping[tuple[str, str], int]:
        """How many current records carry both of two words as ``field``, for all pairs."""

        def read(data: Any) -> Mapping[tuple[str, str], int]:
            return {(one["words"][0], one["words"][1]): one["records"] for one in data["pairs"]}

        params = {"field": field, "word": list(words)}
        made: Mapping[tuple[str, str], int] = self.do(Call("GET", self._path("together"), read, params))
        return made

    def links(
        self, records: Sequence[str], *, as_of: Point = None
    ) -> tuple[Sequence[Edge], Mapping[str, Record]]:  # fmt: skip
        """The edges that leave or reach records, and the records at both ends of them."""

        def read(data: Any) -> tuple[Sequence[Edge], Mapping[str, Record]]:
            edges = [Edge.from_json(one) for one in data["edges"]]
            return edges, {record.id: record for record in records_of(data)}

        params = {"record": list(records), "as_of": shapes.point(as_of)}
        made: tuple[Sequence[Edge], Mapping[str, Record]] = self.do(Call("GET", self._path("links"), read, params))
        return made

    def recalled(self, record: str, *, among: int = 200) -> Sequence[tuple[Receipt, Mapping[str, Any]]]:
        """In which of the newest ``among`` recalls a record was, with its line there."""

        def read(data: Any) -> Sequence[tuple[Receipt, Mapping[str, Any]]]:
            return [(Receipt.from_json(one["receipt"]), one["line"]) for one in data["recalled"]]

        path = self._path("records", record, "recalled")
        made: Sequence[tuple[Receipt, Mapping[str, Any]]] = self.do(Call("GET", path, read, {"among": among}))
        return made

    def spent(self) -> Sequence[Mapping[str, Any]]:
        """What asking language models has cost, by day, purpose and task."""
        made: Sequence[Mapping[str, Any]] = self.do(Call("GET", self._path("spent"), lambda data: data["spent"]))
        return made

    def last_seq(self) -> int:
        """The last point of the log."""
        made: int = self.do(Call("GET", self._path("head"), lambda data: int(data["seq"])))
        return made

    def last_written(self) -> datetime | None:
        """When the bank was last written, or None when it never was."""

        def read(data: Any) -> datetime | None:
            return None if data["at"] is None else instant(data["at"])

        made: datetime | None = self.do(Call("GET", self._path("head"), read))
        return made
