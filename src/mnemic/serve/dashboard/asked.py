"""What pages are asked for: a bank by its piece of the path, a filter by its fields, a form by its request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse

from mnemic.core.reading import Where
from mnemic.core.record import STATES
from mnemic.guarded import GuardedBank
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.forms import Form, whole
from mnemic.serve.dashboard.session import Doors


def opened(bank: str, memory: Doors) -> GuardedBank:
    """The bank that a path names."""
    return memory.bank(links.named(bank), create=False)


OpenBank = Annotated[GuardedBank, Depends(opened)]


def sent(request: Request) -> Form:
    """The form of a request, which the route has read and checked."""
    form: Form = request.state.form
    return form


Sent = Annotated[Form, Depends(sent)]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records a page shows, as its address says."""

    kind: str
    state: str
    session: str
    label: str
    entity: str
    after: int

    @property
    def where(self) -> Where:
        """The filter as banks take it: of every state unless one is chosen."""

        def some(value: str) -> tuple[str, ...] | None:
            return (value,) if value else None

        return Where(
            kinds=some(self.kind),
            states=(self.state,) if self.state in STATES else STATES if self.state == "any" else ("active",),
            sessions=some(self.session),
            labels=some(self.label),
            entities=some(self.entity),
        )

    @property
    def asked(self) -> dict[str, Any]:
        """The fields that are given, for links to the same view."""
        names = ("kind", "state", "session", "label", "entity")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def filtered(request: Request) -> Filter:
    """The filter of a page's address, or of its form; raises BadInput naming the field."""
    form = getattr(request.state, "form", None)

    def given(name: str) -> str:
        return (form.one(name) if form is not None else request.query_params.get(name, "")).strip()

    after = max(0, whole(given("after"), "after", 0))
    return Filter(given("kind"), given("state"), given("session"), given("label"), given("entity"), after)


Filtered = Annotated[Filter, Depends(filtered)]


def back(*pieces: str, **asked: Any) -> RedirectResponse:
    """After a change: go on to a page, which a reload does not change again."""
    return RedirectResponse(links.to(*pieces, **asked), 303)
