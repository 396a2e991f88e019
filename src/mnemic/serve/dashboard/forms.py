"""Forms: what a browser sends, read with limits, and the token that no other site can send along."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from mnemic.core.errors import BadInput, Denied

#: The cookie whose value every changing form repeats: another site can neither read it nor make a browser send it.
CSRF_COOKIE = "mnemic_form"
CSRF_FIELD = "csrf"
MAX_FORM = 2_000_000
MAX_FIELDS = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form; a field that is not there is empty."""

    fields: dict[str, list[str]]

    def one(self, name: str, otherwise: str = "") -> str:
        """A field's last value."""
        return self.fields.get(name, [otherwise])[-1]

    def many(self, name: str) -> list[str]:
        """All values of a field that are not empty."""
        return [value for value in self.fields.get(name, []) if value]

    def number(self, name: str, otherwise: int) -> int:
        """A field as a whole number; raises BadInput naming it."""
        return whole(self.one(name), name, otherwise)


def whole(text: str, name: str, otherwise: int) -> int:
    """A text as a whole number, ``otherwise`` when it is empty; raises BadInput.

    >>> whole("", "after", 0), whole(" 12 ", "after", 0)
    (0, 12)
    """
    text = text.strip()
    if not text:
        return otherwise
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 18:
        raise BadInput(f"{name}: {text[:40]!r} is not a whole number")
    return int(text)


def new_token() -> str:
    """A token for a browser that has none yet."""
    return secrets.token_urlsafe(24)


async def read_form(request: Request) -> Form:
    """The form of a request; raises BadInput when it is too large or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise BadInput(f"form: is larger than {MAX_FORM:,} bytes; give less text at once")
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise BadInput("form: cannot be read; send it from the dashboard's own page") from None
    return Form(fields)


def check_origin(request: Request, form: Form) -> None:
    """Raise Denied unless a form was sent from a page of this dashboard in the same browser."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Denied("form: it was sent from another site; open the page here and send it again")
    sent, kept = form.one(CSRF_FIELD), request.cookies.get(CSRF_COOKIE, "")
    if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
        raise Denied("form: it is too old or was not made by this dashboard; load the page again and send it once more")
