"""Memories and banks behind a door: each verb asks for the right to it, and is written into the audit.

What a reader may not see is kept out before any search (law 9): a bank is handed out with the scope that grants and
policies leave of it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mnemic.core.acting import Acting

if TYPE_CHECKING:
    from mnemic.bank import Bank
    from mnemic.memory import Memory
    from mnemic.store.protocol import BankRow


class Right(StrEnum):
    """What a grant allows, from least to most; each role is a set of these."""

    READ = "read"
    WRITE = "write"
    CHANGE = "change"
    EXPORT = "export"
    GOVERN = "govern"


#: The right that each verb of a bank asks for. What is not named here is nobody's.
BANK_VERBS: Mapping[str, Right] = MappingProxyType(
    {
        "search": Right.READ, "recall": Right.READ, "recall_many": Right.READ, "answer": Right.READ, "get": Right.READ,
        "list": Right.READ, "event": Right.READ, "events": Right.READ, "history": Right.READ, "receipt": Right.READ,
        "receipts": Right.READ, "why": Right.READ, "stats": Right.READ, "tally": Right.READ, "matching": Right.READ,
        "sessions": Right.READ, "words": Right.READ, "links": Right.READ, "recalled": Right.READ, "spent": Right.READ,
        "newest": Right.READ, "last_written": Right.READ, "timeline": Right.READ, "together": Right.READ,
        "records": Right.READ, "last_seq": Right.READ,
        "retain": Right.WRITE, "close_sessions": Right.WRITE, "consolidate": Right.WRITE, "reflect": Right.WRITE,
        "feedback": Right.WRITE,
        "update": Right.CHANGE, "delete": Right.CHANGE, "restore": Right.CHANGE, "rollback": Right.CHANGE,
        "log": Right.CHANGE, "diff": Right.CHANGE,
        "switch": Right.GOVERN,
    }
)  # fmt: skip
#: The right that each verb of a memory asks for, on the bank that it is given first.
MEMORY_VERBS: Mapping[str, Right] = MappingProxyType(
    {
        "branch": Right.GOVERN, "export": Right.EXPORT, "import_bank": Right.GOVERN, "reembed": Right.GOVERN,
        "switch": Right.GOVERN, "switching": Right.READ, "give_up_switch": Right.GOVERN, "check": Right.GOVERN,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GuardedBank:
    """A bank as somebody may use it: the verbs of :class:`mnemic.bank.Bank`; raises Denied where there is no grant."""

    open: Bank
    acting: Acting

    @property
    def name(self) -> str:
        """The bank's name."""
        return self.open.name

    def __getattr__(self, verb: str) -> Any:
        if verb not in BANK_VERBS:
            raise AttributeError(verb)
        return functools.partial(getattr(self.open, verb))


@dataclass(frozen=True, slots=True)
class GuardedMemory:
    """A memory as somebody may use it: the verbs of :class:`mnemic.memory.Memory` on the banks granted to him."""

    open: Memory
    acting: Acting

    def bank(self, name: str | None = None, recipe: str | None = None, *, create: bool = False) -> GuardedBank:
        """A bank that is granted; raises Denied, also where there is none of that name and none may be made."""
        return GuardedBank(self.open.bank(name, recipe, create=create), self.acting)

    def banks(self) -> list[BankRow]:
        """The banks that are granted, by name."""
        return self.open.banks()

    def __getattr__(self, verb: str) -> Any:
        if verb not in MEMORY_VERBS:
            raise AttributeError(verb)
        return functools.partial(getattr(self.open, verb))
