"""Rights and roles: what somebody may do, in the few words in which grants are given.

A right opens verbs; a role is a set of rights. Nobody has any right that no grant gives him.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from mnemic.core.errors import BadInput


class Right(StrEnum):
    """What a grant allows."""

    READ = "read"
    WRITE = "write"
    CHANGE = "change"
    UNLABEL = "unlabel"
    EXPORT = "export"
    REVEAL = "reveal"
    ERASE = "erase"
    CREATE = "create"
    AUDIT = "audit"
    GOVERN = "govern"


#: Each role, what it is for beside it: see docs/access.md.
ROLES: Mapping[str, frozenset[Right]] = MappingProxyType(
    {
        "reader": frozenset({Right.READ}),
        "teller": frozenset({Right.WRITE}),
        "writer": frozenset({Right.READ, Right.WRITE}),
        "editor": frozenset({Right.READ, Right.WRITE, Right.CHANGE}),
        "exporter": frozenset({Right.READ, Right.EXPORT}),
        "keyholder": frozenset({Right.READ, Right.REVEAL}),
        "eraser": frozenset({Right.ERASE}),
        "founder": frozenset({Right.CREATE}),
        "auditor": frozenset({Right.AUDIT}),
        "governor": frozenset(Right) - {Right.REVEAL},
        "owner": frozenset(Right),
    }
)


def rights_of(role: str) -> frozenset[Right]:
    """The rights of a role, or of several joined by ``+``; raises BadInput.

    >>> sorted(rights_of("reader+founder"))
    [<Right.CREATE: 'create'>, <Right.READ: 'read'>]
    >>> rights_of("king")
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: role: 'king' is unknown; use one of reader, teller, writer, editor, exporter, \
keyholder, eraser, founder, auditor, governor, owner, or several joined by +
    """
    out: frozenset[Right] = frozenset()
    for name in role.split("+"):
        if name not in ROLES:
            known = ", ".join(ROLES)
            raise BadInput(f"role: {name!r} is unknown; use one of {known}, or several joined by +")
        out |= ROLES[name]
    return out
