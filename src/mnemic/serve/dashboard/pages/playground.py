"""The playground: ask a bank, see the context it assembles, and why each line is in it; by two ways side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from mnemic.answers import Found
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Context
from mnemic.guarded import GuardedBank
from mnemic.recipes import recipe_names
from mnemic.serve.dashboard.asked import OpenBank, Sent
from mnemic.serve.dashboard.forms import Form
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
HITS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a context: its words, the record it cites and how that was found."""

    number: int
    text: str
    hit: Found


@dataclass(frozen=True, slots=True)
class Asked:
    """What one way of asking came to."""

    title: str
    note: str
    context: Context | None
    rows: Sequence[Row]
    hits: Sequence[Found]
    cited: dict[str, int]
    failure: str = ""


@router.get("/banks/{bank}/playground")
def empty(request: Request, opened: OpenBank) -> Response:
    """The playground before anything is asked."""
    return _page(request, opened, Form({}), [])


@router.post("/banks/{bank}/playground")
def ask(request: Request, opened: OpenBank, form: Sent) -> Response:
    """Ask, by one way or by two; each leaves a receipt."""
    ways = [form.one("way")]
    if form.one("other") not in ("", "none"):
        ways.append(form.one("other"))
    return _page(request, opened, form, [_asked(opened, form, way) for way in ways])


def _page(request: Request, opened: GuardedBank, form: Form, asked: Sequence[Asked]) -> Response:
    recipe = opened.open.recipe
    both = {row.hit.record.id for row in asked[0].rows} & {r.hit.record.id for r in asked[1].rows} if asked[1:] else {}
    return page(
        request,
        "playground.html",
        bank=opened.name,
        section="playground",
        recipe=recipe,
        recipes=[name for name in recipe_names() if name != recipe.name],
        profile=opened.open.profile,
        form=form,
        asked=asked,
        both=both,
    )


def _asked(opened: GuardedBank, form: Form, way: str) -> Asked:
    kind, _, name = way.partition(":")
    recipe = name if kind == "recipe" else None
    profile = name if kind == "profile" and name else None
    title = f"recipe {name}" if recipe else f"profile {profile}" if profile else "the bank's own reading"
    note = "" if not recipe else (
        f"The reading of {name}, on records that {opened.open.recipe.name} formed: where the two form differently, "
        "it finds less than it would in a bank of its own."
    )  # fmt: skip
    try:
        hits, contexts = opened.recall_many(
            form.one("question"),
            tokens=(form.number("tokens", 1500),),
            k=HITS,
            profile=profile,
            as_of=_point(form.one("as_of")),
            asked_at=form.one("asked_at").strip() or None,
            asker=form.one("asker").strip(),
            **({"recipe": recipe} if recipe else {}),
        )
    except MnemicError as error:
        return Asked(title, note, None, (), (), {}, str(error))
    context = contexts[0]
    lines = context.lines
    known = {found.record.id: found.record for found in hits}
    missing = [citation.record for citation in context.citations if citation.record not in known]
    if missing:
        known |= opened.records(missing)
    rows = [
        Row(citation.number, lines.get(citation.number, ""), Found(known[citation.record], citation.hit))
        for citation in context.citations
        if citation.record in known
    ]
    return Asked(title, note, context, rows, hits, {c.record: c.number for c in context.citations})


def _point(text: str) -> str | int | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text)
    return text or None
