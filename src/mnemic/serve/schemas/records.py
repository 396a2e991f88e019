"""Records: filters over them, one of them, pages of them, their histories."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from mnemic.core.errors import BadInput
from mnemic.core.reading import Where
from mnemic.core.times import Interval, instant
from mnemic.serve.schemas.base import Asked, Names, Point, Told

State = Literal["proposed", "active", "superseded", "archived", "quarantined", "erased"]
CURRENT: tuple[State, ...] = ("active",)
RECORD: dict[str, Any] = {
    "id": "0197f3c2-0000-7000-8000-000000000001", "bank": "anna", "kind": "episodic",
    "value": "We moved to Lisbon last May.", "state": "active", "version": 1, "sources": [["e1", 0, 28, "9b3c"]],
    "session": "s1", "actor": "Anna", "role": "user", "times": {"recorded_at": "2026-06-02T09:00:00+00:00"},
}  # fmt: skip


class During(Asked):
    """A stretch of time, from ``start`` up to and without ``end``."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"start": "2026-05-01", "end": "2026-06-01"}]})

    start: str = Field(examples=["2026-05-01"])
    end: str = Field(examples=["2026-06-01"])


class WhereIn(Asked):
    """A filter over records; what is left away is not asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kinds": ["episodic"], "sessions": ["s1"]}]})

    kinds: Names = None
    states: list[State] = Field(default_factory=lambda: list(CURRENT))
    sessions: Names = None
    actors: Names = None
    roles: Names = None
    during: During | None = None
    entities: Names = None
    tags: Names = None
    labels: Names = None
    epistemic: Names = None
    tiers: Names = None
    ids: Names = None
    secrets: bool = False

    def where(self) -> Where:
        """The filter of the core; raises BadInput on a stretch of time that is none."""
        given = {name: tuple(value) for name, value in self if isinstance(value, list)}
        return Where(**given, during=_interval(self.during), secrets=self.secrets)


def where_of(text: str | None) -> Where | None:
    """The filter that a query's JSON asks for; raises BadInput when it is none."""
    if text is None:
        return None
    try:
        return WhereIn.model_validate_json(text).where()
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{'.'.join(map(str, ('where', *first['loc'])))}: {first['msg']}") from None


def _interval(given: During | None) -> Interval | None:
    if given is None:
        return None
    start, end = instant(given.start, "where.during.start"), instant(given.end, "where.during.end")
    if start >= end:
        raise BadInput("where.during: ends before it starts; give a later end")
    return Interval(start, end)


class RecordOut(Told):
    """A record: ``value`` is what is shown, ``sources`` are spans of the events that it rests on."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECORD]})

    id: str
    kind: str
    value: str
    state: str
    version: int
    sources: list[list[Any]] = Field(default_factory=list)
    fields: dict[str, Any] = Field(default_factory=dict)
    entities: list[str] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    labels: list[str] = Field(default_factory=list)
    times: dict[str, Any] = Field(default_factory=dict)
    session: str = ""
    actor: str = ""


class Records(Told):
    """A page of records; ``next`` is the cursor of the next one, which reads the bank as it was at the first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"records": [RECORD], "next": None}]})

    records: list[RecordOut]
    next: str | None


class UpdateIn(Asked):
    """Another value for a record."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": "We moved to Porto.", "reason": "misheard"}]})

    value: str
    reason: str = Field("", max_length=1000, description="Why; kept in the log.")


class ReasonIn(Asked):
    """Why something is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "it was right after all"}]})

    reason: str = Field("", max_length=1000, description="Why; kept in the log.")


_VERSION: dict[str, Any] = {
    "version": 1, "seq": 3, "at": "2026-06-02T09:00:00+00:00", "op": "ADD", "actor": "formation", "reason": "",
    "record": RECORD,
}  # fmt: skip


class HistoryOut(Told):
    """A version of a record, with the op that made it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VERSION]})

    version: int
    seq: int
    at: str
    op: str
    actor: str
    reason: str
    record: RecordOut


class History(Told):
    """Every version of a record, from the first to the current one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"versions": [_VERSION]}]})

    versions: list[HistoryOut]


class IdsIn(Asked):
    """Records by id."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": ["r1", "r2"]}]})

    ids: list[str] = Field(max_length=10_000)
    as_of: Point = None


class ManyRecords(Told):
    """Records; ids that there are none of are left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"records": [RECORD]}]})

    records: list[RecordOut]


class LabelsIn(Asked):
    """What a record is about."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"labels": ["health"], "reason": "a visit"}]})

    labels: list[str] = Field(min_length=1, max_length=100)
    reason: str = Field("", max_length=1000, description="Why; kept in the log.")
