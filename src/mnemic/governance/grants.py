"""Grants: who may do what in which banks, for whom and how long. Without one nothing is allowed.

    allowed(who, bank, right)  ⇔  some grant to him or to a group of his names the bank, holds the right, has not
                                  expired, and is meant for this recipient and this purpose

Each grant is a wall of labels with its own door: a reader sees what at least one of them admits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput
from mnemic.core.scope import Scope
from mnemic.core.times import instant
from mnemic.governance.patterns import fits
from mnemic.governance.roles import Right, rights_of

GROUP = "group:"
_KINDS = ("key:", "oidc:", GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role for somebody in a bank.

    ``to`` is a principal or ``group:NAME``; ``bank`` a name, or a pattern with ``*``; ``only`` and ``without`` are
    labels that what he sees must carry, or must not; ``purposes`` and ``recipients``, when there are any, are
    patterns of which what a request says must fit one. From ``expires`` on it is none. ``by`` is who gave it.

    >>> grant = Grant(id="g1", to="key:4f", bank="team-*", role="reader", without=("health",))
    >>> at = instant("2026-06-02")
    >>> grant.allows(Acting(principal="key:4f"), "team-blue", Right.READ, at)
    True
    >>> grant.allows(Acting(principal="key:4f"), "team-blue", Right.WRITE, at)
    False
    """

    id: str
    to: str
    bank: str
    role: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    expires: datetime | None = None
    by: str = ""

    def checked(self) -> Grant:
        """The grant, when it can be given; raises BadInput naming the field."""
        if not any(self.to.startswith(kind) and len(self.to) > len(kind) for kind in _KINDS):
            raise BadInput(f"to: {self.to!r} is nobody; give key:ID, oidc:ISSUER|SUBJECT or group:NAME")
        if not self.bank.strip():
            raise BadInput("bank: is empty; give a bank's name, or a pattern such as team-*")
        rights_of(self.role)
        for name in ("only", "without", "purposes", "recipients"):
            if any(not isinstance(word, str) or not word.strip() for word in getattr(self, name)):
                raise BadInput(f"{name}: an empty word is no label or pattern; leave it out")
        return self

    @property
    def wide(self) -> bool:
        """Whether it names a pattern of banks, and so belongs to the store and to no bank."""
        return "*" in self.bank

    @property
    def rights(self) -> frozenset[Right]:
        """What the role holds."""
        return rights_of(self.role)

    @property
    def scope(self) -> Scope:
        """The wall that it leaves."""
        only = frozenset(label.casefold() for label in self.only) if self.only else None
        without = frozenset(label.casefold() for label in self.without)
        return Scope(only, without, secrets=Right.REVEAL in self.rights)

    def is_to(self, acting: Acting) -> bool:
        """Whether it was given to him, or to a group of his."""
        if self.to.startswith(GROUP):
            return self.to.removeprefix(GROUP) in acting.groups
        return self.to == acting.principal

    def holds(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires is None or now < self.expires

    def allows(self, acting: Acting, bank: str, right: Right, now: datetime) -> bool:
        """Whether it opens a right on a bank to him, for what he says he does."""
        return (
            right in self.rights
            and self.is_to(acting)
            and self.holds(now)
            and fits(self.bank, bank)
            and _said(self.recipients, acting.recipient)
            and _said(self.purposes, acting.purpose)
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {"id": self.id, "to": self.to, "bank": self.bank, "role": self.role}
        for name in ("only", "without", "purposes", "recipients"):
            if getattr(self, name):
                out[name] = list(getattr(self, name))
        if self.expires:
            out["expires"] = self.expires.isoformat()
        if self.by:
            out["by"] = self.by
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Grant:
        """The inverse of :meth:`to_json`."""
        several: dict[str, Any] = {n: tuple(data.get(n, ())) for n in ("only", "without", "purposes", "recipients")}
        expires = instant(data["expires"], "expires") if data.get("expires") else None
        single = {n: data[n] for n in ("id", "to", "bank", "role")}
        return cls(**single, **several, expires=expires, by=data.get("by", ""))


def _said(patterns: Sequence[str], word: str) -> bool:
    # Who does not say whom he reads for is not let through a door that is for somebody.
    return not patterns or (bool(word) and any(fits(p.casefold(), word.casefold()) for p in patterns))


def wall_of(grants: Iterable[Grant], acting: Acting, bank: str, right: Right, now: datetime) -> Scope | None:
    """What the grants that open a right leave of a bank; None when none does.

    >>> wall_of([], Acting(principal="key:4f"), "anna", Right.READ, instant("2026-06-02")) is None
    True
    """
    wall: Scope | None = None
    for grant in grants:
        if grant.allows(acting, bank, right, now):
            wall = grant.scope if wall is None else wall.or_(grant.scope)
    return wall
