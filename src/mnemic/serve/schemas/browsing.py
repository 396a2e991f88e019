"""Looking through a bank: counts, times, words, links, what was recalled and what was spent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Told
from mnemic.serve.schemas.reading import CITATION, RECEIPT, CitationOut, ReceiptOut
from mnemic.serve.schemas.records import RECORD, RecordOut

Faceted = Literal["entity", "tag", "label", "actor", "session"]
Marked = Literal["entity", "tag", "label"]
_AT = "2026-06-02T09:00:00+00:00"


class TallyOut(Told):
    """How many records pass a filter, and how many of them by each word of each facet."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"total": 2, "by": {"kind": {"episodic": 2}, "state": {"active": 2}}}]}
    )

    total: int
    by: dict[str, dict[str, int]]


class TimelineOut(Told):
    """Records in order of time, and how many begin in each part of the time that they span."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"records": [RECORD], "total": 1, "start": _AT, "end": _AT, "counts": [1], "next": None, "seq": 3,
                 "head": 3}
            ]
        }
    )  # fmt: skip

    records: list[RecordOut]
    total: int
    start: str | None
    end: str | None
    counts: list[int]
    next: str | None
    seq: int = Field(description="Point of the log at which the bank was looked at.")
    head: int = Field(description="Last point of the log.")


class PairOut(Told):
    """Two words, and how many current records carry both."""

    words: list[str] = Field(min_length=2, max_length=2)
    records: int


class Pairs(Told):
    """Pairs of words that any record carries both of."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pairs": [{"words": ["Anna", "Ben"], "records": 3}]}]})

    pairs: list[PairOut]


class SessionOut(Told):
    """A session, and how many events it has."""

    session: str
    events: int


class Sessions(Told):
    """A page of sessions in order of their first event."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sessions": [{"session": "s1", "events": 2}], "next": None}]}
    )

    sessions: list[SessionOut]
    next: str | None


class Words(Told):
    """Words, with how many current records carry each, the most common first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": {"Lisbon": 3, "Anna": 2}}]})

    words: dict[str, int]


class EdgeOut(Told):
    """A link from one record to another."""

    src: str
    dst: str
    rel: str
    weight: float


class Links(Told):
    """Edges, and the records at both ends of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"edges": [{"src": "r1", "dst": "r2", "rel": "next", "weight": 1.0}],
                 "records": [RECORD | {"id": "r1"}, RECORD | {"id": "r2"}]}
            ]
        }
    )  # fmt: skip

    edges: list[EdgeOut]
    records: list[RecordOut]


class RecalledOut(Told):
    """A recall that a record was in, and its line there."""

    receipt: ReceiptOut
    line: CitationOut


class Recalled(Told):
    """The recalls that a record was in, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recalled": [{"receipt": RECEIPT, "line": CITATION}]}]})

    recalled: list[RecalledOut]


class SpentOut(Told):
    """What asking language models has cost on one day, by purpose and task."""

    day: str
    purpose: str
    task: str
    calls: int
    cached: int
    tokens_in: int
    tokens_out: int
    failures: int


class Spending(Told):
    """What asking language models has cost."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"spent": [{"day": "2026-06-02", "purpose": "write", "task": "extract_facts", "calls": 3, "cached": 1,
                            "tokens_in": 900, "tokens_out": 120, "failures": 0}]}
            ]
        }
    )  # fmt: skip

    spent: list[SpentOut]


class HeadOut(Told):
    """The last point of a bank's log, and when it was written; null where it never was."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"seq": 42, "at": _AT}]})

    seq: int
    at: str | None


def pairs(found: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Pairs as they are answered, the most common first."""
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {"pairs": [{"words": list(words), "records": count} for words, count in ranked]}
