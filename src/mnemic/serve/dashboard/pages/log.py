"""The log of a bank: every op, what changed between two points, and the way back to one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.guarded import GuardedBank
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.pages.record import fields_changed, words_changed
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
PAGE = 50
#: Points further apart are compared by the command line: a page would have to read all of the log between them.
FURTHEST = 20_000
SHOWN = 100
#: Of the records that an op is on so many are named.
TARGETS = 3


@dataclass(frozen=True, slots=True)
class Changed:
    """A record at two points of the log."""

    record: Record
    words: Sequence[tuple[str, str]]
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Differences:
    """What is different at a later point of the log, up to a hundred of each sort."""

    added: Sequence[Record]
    removed: Sequence[Record]
    changed: Sequence[Changed]
    counts: tuple[int, int, int]


@router.get("/banks/{bank}/log")
def log(request: Request, opened: OpenBank) -> Response:
    """A page of the log, its end unless another point is asked for."""
    asked = request.query_params
    head = opened.last_seq()
    around = whole(asked.get("around", ""), "around", 0)
    after = whole(asked.get("after", ""), "after", -1)
    if after < 0:
        after = max(0, (around or head) - (PAGE // 2 if around else PAGE))
    entries = list(opened.log(after=min(after, head), limit=PAGE))[::-1]
    return page(
        request,
        "log.html",
        bank=opened.name,
        section="log",
        entries=entries,
        named=_named(opened, [entry.op for entry in entries]),
        around=around,
        after=after,
        head=head,
        step=PAGE,
    )


def _named(opened: GuardedBank, ops: Sequence[Op]) -> Mapping[str, Record]:
    # An op that only names a record is told by what that says now; whoever may not read is told its id.
    bare = [op for op in ops if op.event is None and op.record is None]
    ids = [i for op in bare for i in (*op.targets[:TARGETS], *((op.edge.src, op.edge.dst) if op.edge else ()))]
    found: Mapping[str, Record] = opened.records(list(dict.fromkeys(ids))) if ids and opened.may("records") else {}
    return found


@router.get("/banks/{bank}/diff")
def diff(request: Request, opened: OpenBank) -> Response:
    """What changed between two points."""
    head = opened.last_seq()
    until = whole(request.query_params.get("until", ""), "until", head)
    since = whole(request.query_params.get("since", ""), "since", max(0, head - 100))
    found = _differences(opened, since, until)
    return page(request, "diff.html", bank=opened.name, section="log", since=since, until=until, head=head, found=found)


@router.get("/banks/{bank}/rollback")
def ask(request: Request, opened: OpenBank) -> Response:
    """What a way back would change; nothing is done yet."""
    to = whole(request.query_params.get("to", ""), "to", -1)
    head = opened.last_seq()
    if not 0 <= to <= head:
        raise BadInput(f"to: is no point of this log; give a seq from 0 to {head}")
    found = _differences(opened, head, to)
    return page(request, "rollback.html", bank=opened.name, section="log", to_seq=to, head=head, found=found)


@router.post("/banks/{bank}/rollback")
def go_back(opened: OpenBank, form: Sent) -> Response:
    """Go back, unless the log has gone on since the person saw what would change."""
    to, seen = form.number("to", -1), form.number("seen", -1)
    if opened.last_seq() != seen:
        return back("banks", opened.name, "rollback", to_=to, done="moved-on")
    opened.rollback(to, reason=form.one("reason").strip() or f"rollback to {to}, from the dashboard")
    return back("banks", opened.name, "log", done="rolled-back")


def _differences(opened: GuardedBank, since: int, until: int) -> Differences:
    if abs(until - since) > FURTHEST:
        name = links.segment(opened.name)
        raise BadInput(
            f"since: {abs(until - since):,} ops lie between these points, a page compares {FURTHEST:,} at most; "
            f"choose nearer ones, or run 'mnemic diff --bank {name}'"
        )
    found = opened.diff(since, until)
    changed = [
        Changed(b, words_changed(a.value, b.value), fields_changed(a, b)) for a, b in list(found.changed)[:SHOWN]
    ]
    counts = (len(found.added), len(found.removed), len(found.changed))
    return Differences(found.added[:SHOWN], found.removed[:SHOWN], changed, counts)
