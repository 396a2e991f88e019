"""API keys: 256 random bits, shown once, kept as a hash.

    mnk_<id>_<secret>        kept: id, SHA-256("mnemic key" ‖ id ‖ secret)

A password is hashed slowly since people choose it from few words. A key is chosen by chance among 2^256: no one can
try them in any order, so that a slow hash would protect nothing and let anybody keep the server busy with forged keys.
Both the search by id and the comparison say nothing about how near a guess came.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnemic.core.times import instant

PREFIX = "mnk_"
_SHAPE = re.compile(r"mnk_([0-9a-f]{12})_([0-9a-f]{64})")
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is kept of a key; nothing in it lets anybody in."""

    id: str
    name: str
    hash: str = field(repr=False)
    created: datetime
    expires: datetime | None = None
    by: str = ""
    last_used: datetime | None = None

    @property
    def principal(self) -> str:
        """Who acts with it."""
        return f"key:{self.id}"

    def to_json(self) -> dict[str, Any]:
        """A JSON object, with the hash: for the store alone."""
        return {**self.shown(), "hash": self.hash}

    def shown(self) -> dict[str, Any]:
        """A JSON object for people, without the hash."""
        return {
            "id": self.id,
            "name": self.name,
            "principal": self.principal,
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "by": self.by,
            "last_used": self.last_used.isoformat() if self.last_used else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ApiKey:
        """The inverse of :meth:`to_json`."""

        def when(name: str) -> datetime | None:
            return instant(data[name], name) if data.get(name) else None

        return cls(
            id=data["id"], name=data["name"], hash=data["hash"], created=instant(data["created"], "created"),
            expires=when("expires"), by=data.get("by", ""), last_used=when("last_used"),
        )  # fmt: skip


def mint(name: str, now: datetime, *, expires: datetime | None = None, by: str = "") -> tuple[ApiKey, str]:
    """A new key: what is kept of it, and the text that its owner is shown once.

    >>> key, text = mint("agent", instant("2026-06-02"))
    >>> matches(key, text, instant("2026-06-03")), matches(key, text[:-1] + "g", instant("2026-06-03"))
    (True, False)
    """
    key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
    kept = ApiKey(id=key_id, name=name, hash=_hash(key_id, secret), created=now, expires=expires, by=by)
    return kept, f"{PREFIX}{key_id}_{secret}"


def id_of(text: str) -> str | None:
    """The id that a text would be a key of; None when it has not the shape of a key."""
    found = _SHAPE.fullmatch(text)
    return found.group(1) if found else None


def matches(key: ApiKey | None, text: str, now: datetime) -> bool:
    """Whether a text is this key and the key has not expired; the same work is done when there is no such key."""
    found = _SHAPE.fullmatch(text)
    given = _hash(*found.groups()) if found else _hash("", text)
    right = hmac.compare_digest(given, key.hash if key is not None else _NO_HASH)
    return right and key is not None and (key.expires is None or now < key.expires)


def _hash(key_id: str, secret: str) -> str:
    return hashlib.sha256(f"mnemic key\0{key_id}\0{secret}".encode("utf-8", "surrogatepass")).hexdigest()
