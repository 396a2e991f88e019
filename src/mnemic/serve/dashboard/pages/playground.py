"""The playground: ask a bank, see the context it assembles, and why each line is in it; by two ways side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from mnemic.answers import Found
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Context
from mnemic.guarded import GuardedBank
from mnemic.recipes import load_recipe, recipe_names
from mnemic.serve.dashboard.asked import OpenBank, Sent
from mnemic.serve.dashboard.forms import Form
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
HITS = 20
#: So many records are looked at for the keys that they have.
LOOKED_AT = 50
#: On how many of the last events recipes can be tried; what is chosen at first is the second.
TRIED = (50, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a context: its words, the record it cites and how that was found."""

    number: int
    text: str
    hit: Found


@dataclass(frozen=True, slots=True)
class Asked:
    """What one way of asking came to; of a trial nothing is kept, so that nothing of it can be opened."""

    title: str
    note: str
    context: Context | None
    rows: Sequence[Row]
    hits: Sequence[Found]
    cited: dict[str, int]
    failure: str = ""
    kept: bool = True
    #: Whether it could be compared on what it forms anew.
    anew: bool = False

    @property
    def said(self) -> set[str]:
        """What its lines rest on: events are the same in every formation, records are not."""
        return {span.source for row in self.rows for span in row.hit.record.sources}

    def alone(self, row: Row, other: Asked | None) -> bool:
        """Whether nothing that a line rests on is behind any line of the other way."""
        return (
            other is not None
            and other.context is not None
            and not {span.source for span in row.hit.record.sources} & other.said
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A recipe that can be chosen; ``missing`` says what it needs that this server has not."""

    name: str
    missing: str


@router.get("/banks/{bank}/playground")
def empty(request: Request, opened: OpenBank) -> Response:
    """The playground before anything is asked; raises Denied for whoever may ask nothing."""
    opened.scope("recall_many")
    return _page(request, opened, Form({}), [])


@router.post("/banks/{bank}/playground")
def ask(request: Request, opened: OpenBank, form: Sent) -> Response:
    """Ask, by one way or by two: on the bank's records, each leaves a receipt, or on what each recipe makes anew."""
    ways = [form.one("way")]
    if form.one("other") not in ("", "none"):
        ways.append(form.one("other"))
    asked = _tried if form.one("on") == "anew" else _asked
    return _page(request, opened, form, [asked(opened, form, way) for way in ways])


def _page(request: Request, opened: GuardedBank, form: Form, asked: Sequence[Asked]) -> Response:
    recipe = opened.open.recipe
    first, second = (*asked, None, None)[:2]
    return page(
        request,
        "playground.html",
        bank=opened.name,
        section="playground",
        recipe=recipe,
        choices=_choices(opened, recipe.name),
        form=form,
        asked=asked,
        other_of=[second, first],
        may_try=opened.may("trial"),
        tried=TRIED,
    )


def _choices(opened: GuardedBank, own: str) -> list[Choice]:
    models = opened.open.engine.models
    out = []
    for name in recipe_names():
        if name == own:
            continue
        needs = load_recipe(name).needs()
        missing = "" if models.answers or "language-model" not in needs else "needs a language model"
        out.append(Choice(name, missing))
    return out


def _named(opened: GuardedBank, way: str) -> tuple[str | None, str | None, str]:
    """The recipe and the profile of a way, and what it is called."""
    kind, _, name = way.partition(":")
    recipe = name if kind == "recipe" and name else None
    profile = name if kind == "profile" and name else None
    own = f"{opened.open.recipe.name}, the bank’s own"
    return recipe, profile, f"recipe {name}" if recipe else f"profile {profile}" if profile else f"recipe {own}"


def _asked(opened: GuardedBank, form: Form, way: str) -> Asked:
    recipe, profile, title = _named(opened, way)
    note = "" if not recipe else (
        f"The reading of {recipe}, on records that {opened.open.recipe.name} formed: where the two form differently, "
        "it finds less than on records of its own."
    )  # fmt: skip
    if recipe and (lacking := _lacking(opened, recipe)):
        return Asked(title, "", None, (), (), {}, lacking, anew=True)
    try:
        hits, contexts = opened.recall_many(
            form.one("question"),
            tokens=(form.number("tokens", 1500),),
            k=HITS,
            profile=profile,
            as_of=_point(form.one("as_of")),
            **_who_and_when(form),
            **({"recipe": recipe} if recipe else {}),
        )
    except MnemicError as error:
        return Asked(title, note, None, (), (), {}, str(error))
    context = contexts[0]
    known = {found.record.id: found.record for found in hits}
    missing = [citation.record for citation in context.citations if citation.record not in known]
    if missing:
        known |= opened.records(missing)
    cited = {c.record: c.number for c in context.citations}
    return Asked(title, note, context, _rows(context, known), hits, cited, anew=recipe is not None)


def _lacking(opened: GuardedBank, recipe: str) -> str:
    """Why a recipe's reading can find nothing here: records have not the keys that it searches; else nothing."""
    # Parameters that are as usual are not among those that a stage tells.
    named = (getattr(stage, "key", None) for stage in load_recipe(recipe).retrieval.stages())
    searched = {key for key in named if isinstance(key, str)}
    there = {key for record in opened.newest(LOOKED_AT) for key in record.keys}
    if not searched or not there or searched & there:
        return ""
    return (
        f"{recipe} finds records by {_joined(searched)}; those of this bank, which {opened.open.recipe.name} formed, "
        f"have {_joined(there)} alone. On these records it cannot be compared."
    )


def _joined(keys: set[str]) -> str:
    return ("the key " if len(keys) == 1 else "the keys ") + ", ".join(f"“{key}”" for key in sorted(keys))


def _tried(opened: GuardedBank, form: Form, way: str) -> Asked:
    recipe, profile, title = _named(opened, way)
    try:
        trial = opened.trial(
            form.one("question"),
            recipe or opened.open.recipe,
            last=form.number("last", TRIED[1]),
            tokens=form.number("tokens", 1500),
            k=HITS,
            profile=profile,
            **_who_and_when(form),
        )
    except MnemicError as error:
        return Asked(title, "", None, (), (), {}, str(error), kept=False)
    note = (
        f"Formed anew of the bank’s last {trial.events:,} events: {trial.formed:,} records in "
        f"{trial.forming_ms / 1000:.1f} s. Nothing of it is kept."
    )
    context = trial.context
    known = {found.record.id: found.record for found in trial.hits} | dict(trial.records)
    cited = {c.record: c.number for c in context.citations}
    return Asked(title, note, context, _rows(context, known), trial.hits, cited, kept=False)


def _who_and_when(form: Form) -> dict[str, Any]:
    return {"asked_at": form.one("asked_at").strip() or None, "asker": form.one("asker").strip()}


def _rows(context: Context, known: dict[str, Any]) -> list[Row]:
    lines = context.lines
    return [
        Row(citation.number, lines.get(citation.number, ""), Found(known[citation.record], citation.hit))
        for citation in context.citations
        if citation.record in known
    ]


def _point(text: str) -> str | int | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text)
    return text or None
