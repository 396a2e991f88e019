"""What governs a memory, through its doors: keys, grants, policies, the audit; a part of the guarded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnemic.core.acting import Acting
from mnemic.core.chain import AuditEntry
from mnemic.core.errors import BadInput, Denied
from mnemic.engine.erasing.verifying import signing_key
from mnemic.governance.grants import Grant
from mnemic.governance.keys import ApiKey
from mnemic.governance.policies import Policy
from mnemic.governance.roles import Right
from mnemic.store.notes import WHOLE_STORE
from mnemic.verifying import Verified, export_audit, verified
from mnemic.witness import read_witness

if TYPE_CHECKING:
    from mnemic.core.scope import Scope
    from mnemic.memory import Memory


class GoverningVerbs:
    """Keys, grants, policies and the audit. All of it asks for the right to govern, and leaves its entry."""

    __slots__ = ()

    if TYPE_CHECKING:
        open: Memory
        acting: Acting

        def opened(self, bank: str, verb: str, right: Right) -> Scope: ...
        def opened_store(self, verb: str, right: Right) -> None: ...
        def noted(self, verb: str, bank: str, do: Callable[[], Any], given: tuple[Any, ...] = ()) -> Any: ...

    # Keys.

    def create_key(
        self, name: str, *, role: str | None = None, banks: Sequence[str] = (), expires: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """A new API key and its text, which is shown this once; with ``role`` it is granted that in the banks.

        Raises BadInput, and Denied where one may not give what the key is to hold.
        """
        self.opened_store("create_key", Right.GOVERN)
        if role is None and banks:
            raise BadInput("role: is needed; say what the key may do in the banks")
        wanted = (
            [Grant(id="", to="key:new", bank=b, role=role, expires=expires) for b in banks or ("*",)] if role else []
        )
        for grant in wanted:
            self._check_given(grant.checked(), "create_key")
        access = self.open.access

        def create() -> tuple[ApiKey, str]:
            key, text = access.create_key(name, expires=expires, by=self.acting.principal)
            for grant in wanted:
                access.give(replace(grant, to=key.principal, by=self.acting.principal))
            return key, text

        made: tuple[ApiKey, str] = self.noted("create_key", WHOLE_STORE, create)
        return made

    def keys(self) -> list[ApiKey]:
        """All keys."""
        self.opened_store("keys", Right.GOVERN)
        return self.open.access.keys()

    def revoke_key(self, key_id: str) -> ApiKey:
        """Take a key back, with its grants; it opens nothing from now on. Raises NotFound."""
        self.opened_store("revoke_key", Right.GOVERN)
        key: ApiKey = self.noted("revoke_key", WHOLE_STORE, lambda: self.open.access.revoke_key(key_id), (key_id,))
        return key

    # Grants.

    def give(
        self,
        to: str,
        bank: str,
        role: str,
        *,
        only: Sequence[str] = (),
        without: Sequence[str] = (),
        purposes: Sequence[str] = (),
        recipients: Sequence[str] = (),
        expires: datetime | None = None,
    ) -> Grant:
        """Grant a role in a bank, or a pattern of banks, to a key, a bearer of tokens or a group.

        Nobody gives more than he holds himself. See :class:`mnemic.governance.grants.Grant` for what narrows it.
        """
        grant = Grant(
            id="", to=to, bank=bank, role=role, only=tuple(only), without=tuple(without), purposes=tuple(purposes),
            recipients=tuple(recipients), expires=expires, by=self.acting.principal,
        ).checked()  # fmt: skip
        self._check_given(grant, "give")
        made: Grant = self.noted("give", self._place(grant), lambda: self.open.access.give(grant))
        return made

    def _place(self, grant: Grant) -> str:
        there = not grant.wide and self.open.engine.store.bank(grant.bank) is not None
        return grant.bank if there else WHOLE_STORE

    def _check_given(self, grant: Grant, verb: str) -> None:
        for right in (Right.GOVERN, *sorted(grant.rights)):
            if not self.open.access.holds(self.acting, grant.bank, right):
                self.open.auditor.refused(WHOLE_STORE, self.acting, verb, {})
                raise Denied(f"{verb}: nobody gives what he does not hold himself, or where he does not govern")

    def _own(self, bank: str) -> None:
        owner = Grant(id="", to=self.acting.principal, bank=bank.replace("*", ""), role="owner", by="founding")
        if owner.bank == bank:
            self.noted("give", bank, lambda: self.open.access.give(owner))

    def grants(self, *, bank: str | None = None, to: str | None = None) -> list[Grant]:
        """The grants that hold for a bank, or all of the store; of somebody's alone with ``to``."""
        if bank is None:
            self.opened_store("grants", Right.GOVERN)
        else:
            self.opened(bank, "grants", Right.GOVERN)
        return self.open.access.grants(to=to, bank=bank)

    def take(self, grant_id: str) -> Grant:
        """Take a grant away. Raises NotFound, and Denied where one does not govern."""
        grant = self.open.access.grant(grant_id) if self.acting.is_local else self._mine(grant_id)
        taken: Grant = self.noted("take", self._place(grant), lambda: self.open.access.take(grant_id), (grant_id,))
        return taken

    def _mine(self, grant_id: str) -> Grant:
        for grant in self.open.access.grants():
            if grant.id == grant_id and self.open.access.holds(self.acting, grant.bank, Right.GOVERN):
                return grant
        self.open.auditor.refused(WHOLE_STORE, self.acting, "take", {})
        raise Denied("take: there is no grant of that id where one governs")

    # Policies.

    def set_policy(self, policy: Policy, *, bank: str | None = None) -> Policy:
        """Keep a policy for a bank, or for the whole store, in place of one of its name."""
        self._governs("set_policy", bank)
        made: Policy = self.noted("set_policy", bank or "", lambda: self.open.access.set_policy(policy, bank or ""))
        return made

    def policies(self, *, bank: str | None = None) -> list[Policy]:
        """The policies of a bank, or of the whole store."""
        self._governs("policies", bank)
        return self.open.access.policies(bank or "")

    def drop_policy(self, name: str, *, bank: str | None = None) -> None:
        """Take a policy away; raises NotFound."""
        self._governs("drop_policy", bank)
        self.noted("drop_policy", bank or "", lambda: self.open.access.drop_policy(name, bank or ""))

    def _governs(self, verb: str, bank: str | None) -> None:
        if bank is None:
            self.opened_store(verb, Right.GOVERN)
        else:
            self.opened(bank, verb, Right.GOVERN)

    # The audit.

    def audit(self, bank: str | None = None, *, after: int = 0, limit: int = 100) -> Sequence[AuditEntry]:
        """Entries of a bank's audit, or of the store's, behind the ``after``-th."""
        self._audits("audit", bank)
        self.open.auditor.flush()
        return self.open.engine.store.audit(bank or WHOLE_STORE, after, limit)

    def verify_audit(self, *, witness: Path | None = None) -> Verified:
        """Whether the audits of the store and of all its banks hold, and what was written past the doors.

        They are held against the file of a ``witness``, else against the one that is configured, where there is one.
        Raises BadInput where it cannot be read.
        """
        self._audits("verify_audit", None)
        self.open.auditor.flush()
        configured = self.open.auditor.witness
        path = witness or (configured.path if configured is not None else None)
        if path is None:
            return verified(self.open.engine.store)
        key = signing_key(self.open.engine)
        return verified(self.open.engine.store, read_witness(path, public=key["public"], private=key["private"]))

    def export_audit(self, path: Path) -> int:
        """Write the audit of the store and of all its banks to a file; gives how many entries it has.

        The entry of the export is the last of the store's that it holds for certain: what a witness saw later is not
        in it.
        """
        self._audits("export_audit", None)
        auditor = self.open.auditor
        auditor.begins(WHOLE_STORE)
        auditor.note(WHOLE_STORE, self.acting, "export_audit", {}, at_once=True)
        auditor.ended(WHOLE_STORE)
        return export_audit(self.open.engine.store, path)

    def _audits(self, verb: str, bank: str | None) -> None:
        if bank is None:
            self.opened_store(verb, Right.AUDIT)
        else:
            self.opened(bank, verb, Right.AUDIT)
