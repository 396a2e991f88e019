"""Erasure: what would go, shown before anything does; a typed word erases it; the signed receipts of what went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from mnemic.core.erasure import ErasurePlan, ErasureReceipt
from mnemic.core.errors import BadInput, NotFound
from mnemic.guarded import GuardedBank
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.forms import Form
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute)
#: So many receipts are listed, the newest first; the command line lists them all.
RECEIPTS = 100
#: The fields of the form that say what is to go.
CHOICE = ("events", "session", "person", "mentions", "since", "until", "everything")


@router.get("/banks/{bank}/erasure")
def erasure(request: Request, opened: OpenBank) -> Response:
    """What can be erased, and what was."""
    return _shown(request, opened, Form({}))


@router.post("/banks/{bank}/erasure")
def decide(request: Request, memory: Doors, opened: OpenBank, form: Sent) -> Response:
    """Show what would go; erase it once the bank's name is typed; finish what was interrupted."""
    action = form.one("action")
    if action == "finish":
        opened.finish_erasures()
        return back("banks", opened.name, "erasure", done="finished")
    if action == "bank":
        _check_typed(opened, form)
        receipt = memory.erase_bank(opened.name, reason=form.one("reason").strip())
        return back("erasures", receipt.id)
    if action not in ("plan", "erase"):
        raise BadInput(f"action: {action[:40]!r} is unknown; use plan, erase, bank or finish")
    events, chosen = _chosen(form)
    told = ""
    if action == "erase":
        # What goes is what was shown, or nothing.
        if form.one("seen") != _point(opened):
            told = "The bank was written meanwhile; this is what would go now."
        elif not _typed(opened, form):
            told = f"Nothing was erased: the word typed is not {opened.name!r}."
    if action == "plan" or told:
        seen = _point(opened)
        return _shown(request, opened, form, opened.erase_plan(events, **chosen), told, seen)
    branches = bool(form.one("branches"))
    done = opened.erase(events, **chosen, branches=branches, reason=form.one("reason").strip())
    return back("banks", opened.name, "erasure", done.id)


@router.get("/banks/{bank}/erasure/{receipt}")
def receipt(request: Request, opened: OpenBank, receipt: str) -> Response:
    """One receipt: what went, where was looked for traces, and whether it is as it was signed."""
    found = named(opened.erasures(), receipt)
    return page(
        request,
        "erasure_receipt.html",
        bank=opened.name,
        section="erasure",
        receipt=found,
        holds=opened.erasure_holds(found),
        file=links.to("banks", opened.name, "erasure", found.id, "file"),
    )


@router.get("/banks/{bank}/erasure/{receipt}/file")
def file(opened: OpenBank, receipt: str) -> Response:
    """A receipt as a file, which can be checked without this store."""
    return as_file(named(opened.erasures(), receipt))


def named(found: list[ErasureReceipt], receipt: str) -> ErasureReceipt:
    """The receipt of an id; raises NotFound."""
    wanted = links.named(receipt)
    for one in found:
        if one.id == wanted:
            return one
    raise NotFound(f"receipt: there is none of an erasure with id {wanted[:80]!r} here")


def as_file(receipt: ErasureReceipt) -> Response:
    """A receipt to download."""
    text = json.dumps(receipt.to_json(), indent=1, ensure_ascii=False)
    disposition = f'attachment; filename="erasure-{receipt.id}.json"'
    return Response(text, media_type="application/json", headers={"Content-Disposition": disposition})


def _point(opened: GuardedBank) -> str:
    # Taken before a plan is made: what is written while it is made shows, too.
    row = opened.open.engine.store.bank(opened.name)
    return str(row.seq) if row is not None else ""


def _typed(opened: GuardedBank, form: Form) -> bool:
    return form.one("typed").strip() == opened.name.strip()


def _check_typed(opened: GuardedBank, form: Form) -> None:
    if not _typed(opened, form):
        raise BadInput(
            f"typed: is not the name of the bank; nothing was erased. Type {opened.name!r} to erase it whole"
        )


def _chosen(form: Form) -> tuple[list[str] | None, Mapping[str, Any]]:
    def given(name: str) -> str | None:
        return form.one(name).strip() or None

    during = (given("since"), given("until"))
    chosen = {
        "session": given("session"),
        "person": given("person"),
        "mentions": bool(form.one("mentions")),
        "during": during if any(during) else None,
        "everything": bool(form.one("everything")),
    }
    return form.one("events").split() or None, chosen


def _shown(
    request: Request,
    opened: GuardedBank,
    form: Form,
    plan: ErasurePlan | None = None,
    told: str = "",
    seen: str = "",
) -> Response:
    found = sorted(opened.erasures(), key=lambda one: one.at, reverse=True)
    return page(
        request,
        "erasure.html",
        bank=opened.name,
        section="erasure",
        form=form,
        chosen=[(name, form.one(name)) for name in CHOICE if form.one(name).strip()],
        plan=plan,
        seen=seen,
        told=told,
        receipts=found[:RECEIPTS],
        more=max(0, len(found) - RECEIPTS),
        unfinished=sum(one.state != "done" for one in found),
        may_erase=opened.may("erase"),
    )
