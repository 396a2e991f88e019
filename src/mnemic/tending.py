"""Jobs, and the erasure of whole banks, through the doors: a part of the guarded memory.

A job asks for the right to what it does, of the whole bank: who sees a part of one has none done on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mnemic.core.erasure import ErasureReceipt
from mnemic.governance.roles import Right
from mnemic.messages import check_name
from mnemic.store.notes import WHOLE_STORE, Job

if TYPE_CHECKING:
    from mnemic.core.scope import Scope
    from mnemic.memory import Memory

#: The right that each kind of job asks for; any other kind asks for the right to govern.
JOB_RIGHTS: Mapping[str, Right] = MappingProxyType(
    {
        "form": Right.WRITE, "consolidate": Right.WRITE, "reembed": Right.GOVERN, "switch": Right.GOVERN,
        "tune": Right.GOVERN,
        "erase": Right.ERASE,
    }
)  # fmt: skip


class TendingVerbs:
    """Jobs of the banks that are granted, and what erases a bank whole."""

    __slots__ = ()

    if TYPE_CHECKING:
        from mnemic.core.acting import Acting

        open: Memory
        acting: Acting

        def opened(self, bank: str, verb: str, right: Right) -> Scope: ...
        def opened_store(self, verb: str, right: Right) -> None: ...
        def noted(self, verb: str, bank: str, do: Callable[[], Any], given: tuple[Any, ...] = ()) -> Any: ...

    def enqueue(self, kind: str, bank: str, options: Mapping[str, Any] | None = None) -> Job:
        """Ask for a job in one's own name; raises Denied without the right to what it does, and BadInput."""
        name = check_name(bank)
        self.opened(name, "enqueue", JOB_RIGHTS.get(kind, Right.GOVERN))
        if kind == "erase" and (options or {}).get("branches") and not self.acting.is_local:
            # Banks that branched off are other banks.
            self.opened_store("enqueue", Right.ERASE)
        job: Job = self.noted("enqueue", name, lambda: self.open.enqueue(kind, name, options, acting=self.acting))
        return job

    def may_enqueue(self, kind: str, bank: str) -> bool:
        """Whether a kind of job may be asked for on a bank; nothing is noted."""
        return self._may(check_name(bank), JOB_RIGHTS.get(kind, Right.GOVERN))

    def jobs(self, bank: str | None = None) -> list[Job]:
        """Jobs of a bank, or of all banks, of the kinds that one may ask for there; raises Denied for none of them."""
        access = self.open.access
        if bank is not None and not any(self.may_enqueue(kind, bank) for kind in JOB_RIGHTS):
            self.opened(bank, "jobs", Right.GOVERN)
        if self.acting.is_local:
            return self.open.jobs(bank)
        names = set(access.open_banks(self.acting, [row.name for row in self.open.banks()]))
        found = [job for job in self.open.jobs(bank) if job.bank in names]
        return [job for job in found if self._may(job.bank, JOB_RIGHTS.get(job.kind, Right.GOVERN))]

    def _may(self, bank: str, right: Right) -> bool:
        wall = self.open.access.wall(self.acting, bank, right)
        return wall is not None and not wall.narrow and all(n.opens for n in self.open.access.norms(self.acting, bank))

    def erase_bank(self, name: str, *, reason: str = "") -> ErasureReceipt:
        """Erase a bank whole, in one's own name; raises Denied, and NotFound when there is none."""
        name, who = check_name(name), self.acting.principal
        self.opened(name, "erase_bank", Right.ERASE)
        do = self.open.erase_bank
        receipt: ErasureReceipt = self.noted("erase_bank", name, lambda: do(name, who=who, reason=reason))
        return receipt

    def erasures(self) -> list[ErasureReceipt]:
        """The receipts of banks that were erased whole; asks for the right to erase or to govern, in every bank."""
        governs = self.open.access.holds(self.acting, "*", Right.GOVERN)
        self.opened_store("erasures", Right.GOVERN if governs else Right.ERASE)
        found: list[ErasureReceipt] = self.noted("erasures", WHOLE_STORE, self.open.erasures)
        return found

    def erasure_holds(self, receipt: ErasureReceipt) -> bool:
        """Whether a receipt is just as this store signed it; asks for what :meth:`erasures` asks for."""
        governs = self.open.access.holds(self.acting, "*", Right.GOVERN)
        self.opened_store("erasure_holds", Right.GOVERN if governs else Right.ERASE)
        held: bool = self.noted("erasure_holds", WHOLE_STORE, lambda: self.open.erasure_holds(receipt))
        return held
