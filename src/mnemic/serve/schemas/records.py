"""Records: filters over them, one of them, pages of them, their histories."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from mnemic.core.errors import BadInput
from mnemic.core.reading import Where
from mnemic.core.times import Interval, instant
from mnemic.serve.schemas.base import Asked, Names, Told

State = Literal["proposed", "active", "superseded", "archived", "quarantined", "erased"]
CURRENT: tuple[State, ...] = ("active",)


class During(Asked):
    """A stretch of time, from ``start`` up to and without ``end``."""

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


def _interval(given: During | None) -> Interval | None:
    if given is None:
        return None
    start, end = instant(given.start, "where.during.start"), instant(given.end, "where.during.end")
    if start >= end:
        raise BadInput("where.during: ends before it starts; give a later end")
    return Interval(start, end)


class RecordOut(Told):
    """A record: ``value`` is what is shown, ``sources`` are spans of the events that it rests on."""

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

    records: list[RecordOut]
    next: str | None


class UpdateIn(Asked):
    """Another value for a record."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": "We moved to Porto.", "reason": "misheard"}]})

    value: str
    reason: str = Field("", max_length=1000, description="Why; kept in the log.")


class ReasonIn(Asked):
    """Why something is done."""

    reason: str = Field("", max_length=1000, description="Why; kept in the log.")


class HistoryOut(Told):
    """A version of a record, with the op that made it."""

    version: int
    seq: int
    at: str
    op: str
    actor: str
    reason: str
    record: RecordOut


class History(Told):
    """Every version of a record, from the first to the current one."""

    versions: list[HistoryOut]
