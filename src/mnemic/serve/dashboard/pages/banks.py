"""All banks: how much each holds, by which recipe and models, what waits, and when it was last written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from mnemic.core.errors import BadInput, StoreError
from mnemic.governance.roles import Right
from mnemic.guarded import GuardedMemory
from mnemic.recipes import recipe_names
from mnemic.serve.dashboard.asked import Sent, back
from mnemic.serve.dashboard.forms import whole
from mnemic.serve.dashboard.menu import first_open
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors
from mnemic.store.protocol import BankRow

router = APIRouter(route_class=PageRoute)
PAGE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A bank in the list; ``stats`` is None when it is not open to the visitor, or ``locked``: its key is not here."""

    row: BankRow
    stats: dict[str, Any] | None
    written: datetime | None
    link: str
    locked: bool = False


@router.get("")
@router.get("/")
@router.get("/banks")
def banks(request: Request, memory: Doors) -> Response:
    """The list of banks."""
    wanted = request.query_params.get("name", "").strip()
    after = max(0, whole(request.query_params.get("after", ""), "after", 0))
    rows = [row for row in memory.banks() if wanted.casefold() in row.name.casefold()]
    shown = [_line(memory, row) for row in rows[after : after + PAGE]]
    return page(
        request,
        "banks.html",
        lines=shown,
        wanted=wanted,
        total=len(rows),
        after=after,
        step=PAGE,
        recipes=recipe_names(),
        size=memory.open.engine.store.size() if memory.acting.is_local else None,
        may_make=memory.holds(Right.CREATE),
    )


def _line(memory: GuardedMemory, row: BankRow) -> Line:
    bank = memory.bank(row.name)
    # Whoever may only write or erase in a bank, or sees a part of it, is told no more than that it is there.
    try:
        stats = bank.stats() if bank.may("stats") else None
        written = bank.last_written() if bank.may("last_written") else None
    except StoreError:
        if not row.sealed:
            raise
        return Line(row, None, None, first_open(memory, row.name), locked=True)
    return Line(row, stats, written, first_open(memory, row.name))


@router.post("/banks")
def make(memory: Doors, form: Sent) -> Response:
    """Make a bank."""
    name = form.one("name").strip()
    if any(row.name == name for row in memory.banks()):
        raise BadInput(f"name: there is a bank called {name!r} already; choose another name")
    memory.bank(name, form.one("recipe") or None, create=True, sealed=bool(form.one("sealed")))
    return back("banks", name)
