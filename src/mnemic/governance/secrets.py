"""Finds the secrets of a text, precision first: ordinary words, numbers, hashes and identifiers are left alone.

``find_secrets`` joins the families (known shapes, checked numbers, what words give away); ``may_hold`` is a look that
costs microseconds and lets almost every ordinary text pass at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mnemic.governance.found import Found
from mnemic.governance.known_tokens import find_known
from mnemic.governance.numbered_secrets import find_numbers
from mnemic.governance.spoken_secrets import find_named, find_spoken

#: What stands in place of a secret: ``[secret:card:7f3a09c1d2e4]``.
#: It goes by the same name, without the brackets, as a note of this kind in the vault.
PLACEHOLDER = re.compile(r"\[secret:([a-z-]{2,20}):([0-9a-f]{12}|lost)\]")
SEALED = "sealed"
_WORDS = (
    "pass", "pwd", "pin", "code", "secret", "token", "key", "credential", "bearer", "kennwort", "contrase",
    "mot de passe", "cvv", "cvc", "-----begin", "://", "safe", "gate", "alarm", "door", "combination", "lock",
)  # fmt: skip
_DIGITS = re.compile(r"\d[\dA-Za-z ./-]{4,}\d")
_LONG = re.compile(r"[A-Za-z0-9_-]{18}|[A-Za-z0-9_-]{10}\.[A-Za-z0-9_-]{6}")


def may_hold(text: str) -> bool:
    """Whether a text is worth a closer look.

    >>> may_hold("We moved to Lisbon last May."), may_hold("My PIN is 4711.")
    (False, True)
    """
    low = text.lower()
    return any(word in low for word in _WORDS) or bool(_DIGITS.search(text) or _LONG.search(text))


def find_secrets(text: str) -> list[Found]:
    """The secrets of a text in their order, none within another.

    >>> [(found.kind, found.value) for found in find_secrets("My card is 4111-1111-1111-1111.")]
    [('card', '4111111111111111')]
    """
    if not text or not may_hold(text):
        return []
    taken = [match.span() for match in PLACEHOLDER.finditer(text)] if "[secret:" in text else []
    out: list[Found] = []
    # The surer family comes first: what it takes, the next one leaves alone.
    for family in (find_known, find_numbers, find_spoken):
        for found in family(text):
            if all(found.end <= start or found.start >= end for start, end in taken):
                taken.append((found.start, found.end))
                out.append(found)
    return sorted(out, key=lambda found: found.start)


def without_secrets(text: str, stand_in: Callable[[str, str], str]) -> str:
    """The text with ``stand_in(kind, value)`` in place of each secret.

    >>> without_secrets("My PIN is 4711.", lambda kind, value: f"[{kind}]")
    'My PIN is [pin].'
    """
    found = find_secrets(text)
    if not found:
        return text
    out, end = [], 0
    for one in found:
        out += [text[end : one.start], stand_in(one.kind, one.value)]
        end = one.end
    return "".join([*out, text[end:]])


def data_without_secrets(data: Any, stand_in: Callable[[str, str], str], name: str = "") -> Any:
    """JSON with a stand-in for each secret, also for what the name of a field says is one.

    >>> data_without_secrets({"user": "anna", "password": "k1tten"}, lambda kind, value: f"[{kind}]")
    {'user': 'anna', 'password': '[password]'}
    """
    if isinstance(data, str):
        # Text of another shape may hold a secret within it; then only that is taken out.
        masked = without_secrets(data, stand_in)
        if masked == data and name and find_named(name, data):
            return stand_in("password" if "pass" in name.lower() else "token", data)
        return masked
    if isinstance(data, Mapping):
        return {key: data_without_secrets(value, stand_in, str(key)) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [data_without_secrets(item, stand_in, name) for item in data]
    return data
