"""Pages are filled in from templates on the server; everything that is not a template is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from mnemic.serve.dashboard import forms, links
from mnemic.serve.dashboard.menu import menu

if TYPE_CHECKING:
    from jinja2 import Environment

#: The cookie of the colours that a person chose; none follows the system.
THEME_COOKIE = "mnemic_theme"
THEMES = ("auto", "light", "dark")
#: What is said when a change was made, by the word that the address carries.
DONE = {
    "access": "Access is changed.",
    "release": "Let out of quarantine, and formed.",
    "reject": "Rejected: they stay in evidence and are never formed.",
    "retained": "Taken in.",
    "kept-back": "Taken into evidence, and kept back: see the quarantine.",
    "consolidated": "What waited is formed, and the rules that were due have run.",
    "update": "Saved as a new version.",
    "delete": "Set aside: no default read finds it any more. It can be made current again below.",
    "restore": "Current again.",
    "label": "Labelled.",
    "cited": "Noted: it was cited.",
    "uncited": "Noted: it was not cited.",
    "correct": "Noted: it was right.",
    "wrong": "Noted: it was wrong.",
    "liked": "Noted: it was liked.",
    "feedback": "Noted.",
    "rolled-back": "Gone back. The ops that undid the others stand at the top of the log.",
    "forgotten": "Forgotten: its words are destroyed; what names it keeps the placeholder.",
    "asked": "Asked for. A worker does it when its turn comes.",
    "finished": "Finished what could be finished; what still waits says so.",
    "policy": "The policy is kept.",
    "dropped": "The policy is dropped.",
    "admission": "What enters is judged by these rules from now on.",
    "moved-on": "The bank was written meanwhile; this is what would change now.",
}
#: Of a value in a list so many characters are shown; its own page shows all.
SHORT = 280


@cache
def environment() -> Environment:
    """The templates, which escape what they are given and fail on a name that is not there."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"to": links.to, "done_text": DONE}
    made.filters |= {
        "short": short, "moment": moment, "day": day, "count": count, "figure": figure, "size": size,
        "pretty": pretty, "cell": cell,
        "instant": datetime.fromisoformat, "twice": lambda value: (value, value),
    }  # fmt: skip
    return made


def page(request: Request, template: str, *, status: int = 200, **given: Any) -> HTMLResponse:
    """A page of the dashboard from its template."""
    if not hasattr(request.state, "csrf"):
        request.state.csrf = request.cookies.get(forms.CSRF_COOKIE) or forms.new_token()
    theme = request.cookies.get(THEME_COOKIE, "auto")
    shared = {
        "csrf": request.state.csrf,
        "theme": theme if theme in THEMES else "auto",
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "done": request.query_params.get("done", ""),
        "signed_in": "mnemic_session" in request.cookies,
        "bank": None,
        "section": "",
    }
    doors = getattr(request.state, "doors", None)
    shared["menu"] = menu(doors, given.get("bank"))
    shared["who"] = "" if doors is None or doors.acting.is_local else doors.acting.principal
    return HTMLResponse(environment().get_template(template).render(**(shared | given)), status)


def error_page(request: Request, message: str, status: int) -> HTMLResponse:
    """A page that says what went wrong and what can be done."""
    titles = {401: "Who are you?", 403: "Not permitted", 404: "Not there", 500: "A defect"}
    return page(
        request, "error.html", status=status, heading=titles.get(status, "That cannot be done"), message=message
    )


def short(text: str, length: int = SHORT) -> str:
    """The beginning of a text.

    >>> short("tea and milk", 6)
    'tea a…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def moment(when: datetime | str | None) -> str:
    """An instant as people read it, in UTC.

    >>> moment(datetime.fromisoformat("2026-06-02T14:30:00+00:00"))
    '2026-06-02 14:30'
    """
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    return f"{when:%Y-%m-%d %H:%M}" if when else "–"


def day(when: datetime | None) -> str:
    """The day of an instant."""
    return f"{when:%Y-%m-%d}" if when else "–"


def count(number: int) -> str:
    """A whole number with its thousands apart.

    >>> count(12345)
    '12,345'
    """
    return f"{number:,}"


def figure(number: float) -> str:
    """A number with as many digits as tell something.

    >>> figure(0.123456), figure(12.3456), figure(1234.5)
    ('0.123', '12.3', '1,234')
    """
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.3f}"


def size(octets: int) -> str:
    """Bytes in the unit that fits.

    >>> size(512), size(3_400_000)
    ('512 B', '3.4 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000 or unit == "GB":
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets = octets / 1000  # type: ignore[assignment]
    return ""


def cell(value: object) -> str:
    """A figure of a report: shares with three digits, whole numbers as they are, a dash for what was not measured.

    >>> cell(0.25), cell(3), cell(None), cell("per_turn")
    ('0.250', '3', '–', 'per_turn')
    """
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def pretty(data: Mapping[str, Any] | list[Any]) -> str:
    """JSON to read."""
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)
