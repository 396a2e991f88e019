"""Records: look at them, page through them, change what is kept of them."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from mnemic.core.record import Record
from mnemic.core.times import instant
from mnemic.serve.parameters import AsOf, BankName, Cursor, Limit, Reason, RecordId, cursor_of, place_of, point
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.records import (
    CURRENT,
    History,
    IdsIn,
    ManyRecords,
    ReasonIn,
    RecordOut,
    Records,
    UpdateIn,
    where_of,
)
from mnemic.serve.who import Guarded

router = APIRouter(tags=["records"])
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description="ETag of the record as it was read; another one is refused."),
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=1000, description="ETags that are known; nothing is sent of those."),
]
_Many = Annotated[list[str] | None, Query(max_length=1000, description="Of any of these alone.")]


def sha_of(tag: str | None) -> str | None:
    """The sha that an ETag names; None for any.

    >>> sha_of('"4f"'), sha_of("*"), sha_of(None)
    ('4f', None, None)
    """
    if tag is None or tag.strip() == "*":
        return None
    return tag.strip().removeprefix("W/").strip('"')


def names(tags: str, sha: str) -> bool:
    """Whether a list of ETags names a sha.

    >>> names('"4f", W/"5a"', "5a"), names("*", "5a"), names('"4f"', "5a")
    (True, True, False)
    """
    return any(sha_of(tag) in (None, sha) for tag in tags.split(","))


def seq_at(request: Request, bank: str, at: str | int | None) -> int:
    """The seq of a bank's log at a point, so that later pages can be read as the first was."""
    with request.app.state.memory.engine.store.snapshot(bank) as snapshot:
        if isinstance(at, int):
            return at
        return int(snapshot.seq if at is None else snapshot.log_at(instant(at, "as_of")))


def tagged(record: Record) -> Reply:
    """A record with its ETag."""
    return Reply(record.to_json(), headers={"ETag": f'"{record.sha}"'})


@router.get("/banks/{bank}/records", response_model=Records)
def records(
    request: Request,
    bank: BankName,
    memory: Guarded,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_of: AsOf = None,
    kind: _Many = None,
    state: _Many = None,
    session: _Many = None,
    actor: _Many = None,
    tag: _Many = None,
    label: _Many = None,
    entity: _Many = None,
    where: Annotated[
        str | None,
        Query(max_length=100_000, description="Any filter, as the JSON that a recall takes; in place of the others."),
    ] = None,
) -> Reply:
    """Records in order of time. Every page reads the bank as it was at the first: none is missed or repeated."""
    asked = {"kinds": kind, "states": state or list(CURRENT), "sessions": session, "actors": actor, "tags": tag,
             "labels": label, "entities": entity}  # fmt: skip
    narrowed = where_of(json.dumps(asked) if where is None else where)
    opened = memory.bank(bank)
    after, at = place_of(cursor, "after", "at") if cursor else (0, seq_at(request, bank, point(as_of)))
    page = opened.list(narrowed, limit=limit, after=after, as_of=at)
    following = None if page.next is None else cursor_of(after=page.next, at=at)
    return Reply({"records": [record.to_json() for record in page.records], "next": following})


@router.post("/banks/{bank}/records/read", response_model=ManyRecords)
def records_by_id(bank: BankName, body: IdsIn, memory: Guarded) -> Reply:
    """Records by id, as they are or were; those that are not there are left out."""
    found = memory.bank(bank).records(body.ids, as_of=body.as_of)
    return Reply({"records": [record.to_json() for record in found.values()]})


@router.get(
    "/banks/{bank}/records/{record}",
    response_model=RecordOut,
    responses={304: {"description": "It is what ``If-None-Match`` names."}},
)
def record(
    bank: BankName, record: RecordId, memory: Guarded, as_of: AsOf = None, if_none_match: IfNoneMatch = None
) -> Response:
    """A record. Its ETag is what ``If-Match`` takes when it is changed."""
    found = memory.bank(bank).get(record, as_of=point(as_of))
    if if_none_match is not None and names(if_none_match, found.sha):
        return Response(status_code=304, headers={"ETag": f'"{found.sha}"'})
    return tagged(found)


@router.patch("/banks/{bank}/records/{record}", response_model=RecordOut, dependencies=[Writing])
def update(bank: BankName, record: RecordId, body: UpdateIn, memory: Guarded, if_match: IfMatch = None) -> Reply:
    """Give a record another value; the former one stays in its history, evidence stays as it was said."""
    opened = memory.bank(bank)
    return tagged(opened.update(record, body.value, reason=body.reason, before_sha=sha_of(if_match)))


@router.delete("/banks/{bank}/records/{record}", response_model=RecordOut, dependencies=[Writing])
def delete(bank: BankName, record: RecordId, memory: Guarded, reason: Reason = "", if_match: IfMatch = None) -> Reply:
    """Set a record aside: no default read finds it; it can be restored. To erase is another verb."""
    return tagged(memory.bank(bank).delete(record, reason=reason, before_sha=sha_of(if_match)))


@router.post("/banks/{bank}/records/{record}/restore", response_model=RecordOut, dependencies=[Writing])
def restore(
    bank: BankName, record: RecordId, memory: Guarded, body: ReasonIn | None = None, if_match: IfMatch = None
) -> Reply:
    """Make a record that was set aside current again."""
    reason = body.reason if body else ""
    return tagged(memory.bank(bank).restore(record, reason=reason, before_sha=sha_of(if_match)))


@router.get("/banks/{bank}/records/{record}/history", response_model=History)
def history(bank: BankName, record: RecordId, memory: Guarded) -> Reply:
    """Every version of a record, with the op that made it."""
    return Reply({"versions": [entry.to_json() for entry in memory.bank(bank).history(record)]})
