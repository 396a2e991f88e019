"""The desk: which memory and bank a request of MCP reaches; every tool and resource asks here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mnemic.core.errors import Denied
from mnemic.guarded import GuardedBank, GuardedMemory

#: Gives the memory as the sender of a request may use it; what it takes is the SDK's context of the request.
Door = Callable[[Any], GuardedMemory]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests are let in.

    ``door`` says who sends a request; ``default`` is the bank of a request that names none; ``pinned`` says that no
    other bank can be reached.
    """

    door: Door
    default: str
    pinned: bool = False

    def memory(self, context: Any) -> GuardedMemory:
        """The memory behind the doors that the sender may pass."""
        return self.door(context)

    def bank(self, context: Any, name: str | None = None, *, create: bool = False) -> GuardedBank:
        """A bank that the sender may use; raises Denied for another one than the pinned one."""
        if self.pinned and name not in (None, "", self.default):
            raise Denied(f"bank: this server serves the bank {self.default!r} alone; leave 'bank' out")
        return self.door(context).bank(name or self.default, create=create)

    def banks(self, context: Any) -> list[str]:
        """Names of the banks that the sender may use here."""
        names = [row.name for row in self.door(context).banks()]
        return [name for name in names if name == self.default] if self.pinned else names
