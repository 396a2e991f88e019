"""What importers of other memories share: objects in lists, one owner a file, and facts with the times they held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.ingest.message import shown


def objects(value: object, field: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty for null; raises BadInput, naming ``field``.

    >>> objects(None, "edges"), objects([{"a": 1}], "edges")
    ([], [{'a': 1}])
    """
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise BadInput(f"{field}: {shown(value)} is no list of objects; export the memories again")


def one_owner(names: Iterable[object], field: str, remedy: str) -> None:
    """Raise BadInput when a file holds what belongs to several: a bank is one owner's.

    >>> one_owner(["anna", None, "ben"], "user_id", "export one at a time")
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: user_id: the file holds memories of 2, and a bank is one's alone; export one at a time
    """
    found = {str(name) for name in names if name not in (None, "")}
    if len(found) > 1:
        raise BadInput(f"{field}: the file holds memories of {len(found)}, and a bank is one's alone; {remedy}")


def fact(subject: str, attribute: str, value: str, text: str, **times: str | None) -> dict[str, Any]:
    """A fact as an event carries it; ``since`` and ``until`` are kept where they are known.

    >>> fact("Anna", "works_at", "Acme", "Anna works at Acme", since="2026-01-01", until=None)["since"]
    '2026-01-01'
    """
    held = {name: value for name, value in times.items() if value}
    return {"subject": subject, "attribute": attribute, "value": value, "text": text, "many": True, **held}
