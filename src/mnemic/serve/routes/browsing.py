"""Looking through a bank: counts, times, sessions, words, links, what was recalled and what was spent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from mnemic.core.errors import BadInput
from mnemic.core.times import Interval, instant
from mnemic.recalling import MAX_QUESTION
from mnemic.serve.parameters import AsOf, BankName, Cursor, Limit, RecordId, cursor_of, place_of, point
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.browsing import (
    Faceted,
    HeadOut,
    Links,
    Marked,
    Pairs,
    Recalled,
    Sessions,
    Spending,
    TallyOut,
    TimelineOut,
    Words,
    pairs,
)
from mnemic.serve.schemas.records import ManyRecords, Records, where_of
from mnemic.serve.who import Guarded

router = APIRouter(tags=["browsing"])
Filter = Annotated[str | None, Query(max_length=100_000, description="A filter, as the JSON that a recall takes.")]
Instant = Annotated[str | None, Query(max_length=100, description="An instant (ISO 8601).")]
_FIRST, _LAST = "0001-01-01", "9999-12-31"


def _after(cursor: str | None) -> int:
    return place_of(cursor, "after")[0] if cursor is not None else 0


def _next(after: int | None) -> str | None:
    return None if after is None else cursor_of(after=after)


@router.get("/banks/{bank}/head", response_model=HeadOut)
def head(bank: BankName, memory: Guarded) -> Reply:
    """The last point of a bank's log, and when it was written."""
    opened = memory.bank(bank)
    at = opened.last_written()
    return Reply({"seq": opened.last_seq(), "at": None if at is None else at.isoformat()})


@router.get("/banks/{bank}/tally", response_model=TallyOut)
def tally(bank: BankName, memory: Guarded, where: Filter = None, as_of: AsOf = None) -> Reply:
    """Count the records that pass a filter, of every state without one, by kind, state and other facets."""
    found = memory.bank(bank).tally(where_of(where), as_of=point(as_of))
    return Reply({"total": found.total, "by": found.by})


@router.get("/banks/{bank}/timeline", response_model=TimelineOut)
def timeline(
    bank: BankName,
    memory: Guarded,
    where: Filter = None,
    start: Instant = None,
    end: Instant = None,
    bins: Annotated[int, Query(ge=1, le=1000, description="Parts in which records are counted.")] = 80,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_of: AsOf = None,
) -> Reply:
    """Records in order of time; those from ``start`` until ``end`` are given, all are counted by time."""
    during = None
    if start is not None or end is not None:
        low, high = instant(start or _FIRST, "start"), instant(end or _LAST, "end")
        if low >= high:
            raise BadInput("end: is not later than start; give a later end")
        during = Interval(low, high)
    found = memory.bank(bank).timeline(
        where_of(where), during=during, bins=bins, limit=limit, after=_after(cursor), as_of=point(as_of)
    )
    return Reply(
        {
            "records": [record.to_json() for record in found.records],
            "total": found.total,
            "start": found.start.isoformat() if found.start else None,
            "end": found.end.isoformat() if found.end else None,
            "counts": list(found.counts),
            "next": _next(found.next),
            "seq": found.seq,
            "head": found.head,
        }
    )


@router.get("/banks/{bank}/matching", response_model=Records)
def matching(
    bank: BankName,
    memory: Guarded,
    text: Annotated[str, Query(max_length=MAX_QUESTION, description="Words to look for.", examples=["Lisbon"])],
    where: Filter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Reply:
    """Records that hold words of a text, the best first."""
    page = memory.bank(bank).matching(text, where_of(where), limit=limit, after=_after(cursor))
    return Reply({"records": [record.to_json() for record in page.records], "next": _next(page.next)})


@router.get("/banks/{bank}/newest", response_model=ManyRecords)
def newest(bank: BankName, memory: Guarded, limit: Limit = 10) -> Reply:
    """The current records that lie last in time, the last first."""
    return Reply({"records": [record.to_json() for record in memory.bank(bank).newest(limit)]})


@router.get("/banks/{bank}/sessions", response_model=Sessions)
def sessions(bank: BankName, memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """Sessions with how many events each has, in order of their first event."""
    after = _after(cursor)
    found = memory.bank(bank).sessions(limit=limit, after=after)
    following = _next(after + limit if len(found) == limit else None)
    return Reply({"sessions": [{"session": name, "events": count} for name, count in found], "next": following})


@router.get("/banks/{bank}/words", response_model=Words)
def words(
    bank: BankName,
    memory: Guarded,
    field: Annotated[Faceted, Query(description="What records carry them as.")] = "entity",
    limit: Limit = 100,
) -> Reply:
    """The words that most current records carry, with how many do: entities, tags, labels, actors or sessions."""
    return Reply({"words": memory.bank(bank).words(field, limit=limit)})


@router.get("/banks/{bank}/together", response_model=Pairs)
def together(
    bank: BankName,
    memory: Guarded,
    word: Annotated[list[str], Query(min_length=2, max_length=200, description="Words, two or more.")],
    field: Annotated[Marked, Query(description="What records carry them as.")] = "entity",
) -> Reply:
    """How many current records carry both of two words, for all pairs."""
    return Reply(pairs(dict(memory.bank(bank).together(field, list(dict.fromkeys(word))))))


@router.get("/banks/{bank}/links", response_model=Links)
def links(
    bank: BankName,
    memory: Guarded,
    record: Annotated[list[str], Query(min_length=1, max_length=1000, description="Ids of records.")],
    as_of: AsOf = None,
) -> Reply:
    """The edges that leave or reach records, and the records at both ends of them."""
    edges, ends = memory.bank(bank).links(list(dict.fromkeys(record)), as_of=point(as_of))
    return Reply({"edges": [edge.to_json() for edge in edges], "records": [one.to_json() for one in ends.values()]})


@router.get("/banks/{bank}/records/{record}/recalled", response_model=Recalled)
def recalled(
    bank: BankName,
    record: RecordId,
    memory: Guarded,
    among: Annotated[int, Query(ge=1, le=10_000, description="How many of the newest recalls are looked at.")] = 200,
) -> Reply:
    """In which of the newest recalls a record was, with its line there."""
    found = memory.bank(bank).recalled(record, among=among)
    return Reply({"recalled": [{"receipt": receipt.to_json(), "line": dict(line)} for receipt, line in found]})


@router.get("/banks/{bank}/spent", response_model=Spending)
def spent(bank: BankName, memory: Guarded) -> Reply:
    """What asking language models has cost, by day, purpose and task."""
    rows = memory.bank(bank).spent()
    told = [
        {"day": r.day, "purpose": r.purpose, "task": r.task, **asdict(r.usage), "failures": r.failures} for r in rows
    ]
    return Reply({"spent": told})
