"""What governs a store behind HTTP: keys, grants, policies, the audit, jobs, and banks that are erased whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mnemic.client import shapes
from mnemic.client.calls import Call, Progress, path_of
from mnemic.core.chain import AuditEntry
from mnemic.core.erasure import ErasureReceipt
from mnemic.governance.grants import Grant
from mnemic.governance.keys import ApiKey
from mnemic.governance.policies import Policy


class GoverningCalls:
    """What is asked of a store beside its banks; ``do`` sends a call and gives what it came to."""

    __slots__ = ()

    def do(self, call: Call[Any]) -> Any:
        """Send a call and give what it came to."""
        raise NotImplementedError

    # Keys and grants.

    def create_key(
        self, name: str, *, role: str | None = None, banks: Sequence[str] = (), expires: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """A new API key and its text, which is shown this once; with ``role`` it is granted that in the banks."""
        body = {"name": name, "role": role, "banks": list(banks), "expires": shapes.when(expires)}

        def read(data: Any) -> tuple[ApiKey, str]:
            return shapes.key(data["key"]), data["text"]

        # Its answer is kept nowhere, so that one that is lost is lost: it is not sent again.
        made: tuple[ApiKey, str] = self.do(Call("POST", path_of("keys"), read, body=body, again=False))
        return made

    def keys(self) -> list[ApiKey]:
        """All keys, without their hashes."""
        made: list[ApiKey] = self.do(_all("keys", lambda data: [shapes.key(one) for one in data["keys"]]))
        return made

    def revoke_key(self, key_id: str) -> ApiKey:
        """Take a key back, with its grants; it opens nothing from now on. Raises NotFound."""
        made: ApiKey = self.do(Call("DELETE", path_of("keys", key_id), shapes.key, again=False))
        return made

    def give(
        self, to: str, bank: str, role: str, *, only: Sequence[str] = (), without: Sequence[str] = (),
        purposes: Sequence[str] = (), recipients: Sequence[str] = (), expires: datetime | None = None,
    ) -> Grant:  # fmt: skip
        """Grant a role in a bank, or a pattern of banks, to a key, a bearer of tokens or a group."""
        body = {
            "to": to, "bank": bank, "role": role, "only": list(only), "without": list(without),
            "purposes": list(purposes), "recipients": list(recipients), "expires": shapes.when(expires),
        }  # fmt: skip
        made: Grant = self.do(Call("POST", path_of("grants"), Grant.from_json, body=body, again=False))
        return made

    def grants(self, *, bank: str | None = None, to: str | None = None) -> list[Grant]:
        """The grants that hold for a bank, or all of the store; of somebody's alone with ``to``."""

        def read(data: Any) -> list[Grant]:
            return [Grant.from_json(one) for one in data["grants"]]

        made: list[Grant] = self.do(_all("grants", read, bank=bank, to=to))
        return made

    def take(self, grant_id: str) -> Grant:
        """Take a grant away. Raises NotFound, and Denied where one does not govern."""
        made: Grant = self.do(Call("DELETE", path_of("grants", grant_id), Grant.from_json, again=False))
        return made

    # Policies.

    def set_policy(self, policy: Policy, *, bank: str | None = None) -> Policy:
        """Keep a policy for a bank, or for the whole store, in place of one of its name."""
        body = policy.to_json()
        name = body.pop("name")
        call = Call("PUT", path_of("policies", name), Policy.from_json, {"bank": bank}, body=body)
        made: Policy = self.do(call)
        return made

    def policies(self, *, bank: str | None = None) -> list[Policy]:
        """The policies of a bank, or of the whole store."""

        def read(data: Any) -> list[Policy]:
            return [Policy.from_json(one) for one in data["policies"]]

        made: list[Policy] = self.do(_all("policies", read, bank=bank))
        return made

    def drop_policy(self, name: str, *, bank: str | None = None) -> None:
        """Take a policy away; raises NotFound."""
        self.do(Call("DELETE", path_of("policies", name), lambda _: None, {"bank": bank}, again=False))

    # The audit.

    def audit(self, bank: str | None = None, *, after: int = 0, limit: int = 100) -> Sequence[AuditEntry]:
        """Entries of a bank's audit, or of the store's, behind the ``after``-th."""

        def read(data: Any) -> Sequence[AuditEntry]:
            return [shapes.audit_entry(one) for one in data["entries"]]

        params = {"bank": bank, "after": after, "limit": limit}
        made: Sequence[AuditEntry] = self.do(Call("GET", path_of("audit"), read, params))
        return made

    def verify_audit(self) -> Mapping[str, Any]:
        """Whether every chain ``holds``, how many ``entries`` each has, what is ``broken`` or was written ``past``."""
        made: Mapping[str, Any] = self.do(Call("GET", path_of("audit", "verified"), dict))
        return made

    def export_audit(self, path: str | Path) -> Path:
        """Write the audit of the store and of all its banks to a file; gives its path."""
        target = Path(path)
        made: Path = self.do(Call("GET", path_of("audit", "export"), lambda _: target, target=target))
        return made

    # Jobs, and banks as a whole.

    def enqueue(self, kind: str, bank: str, options: Mapping[str, Any] | None = None) -> shapes.JobInfo:
        """Ask for a job that a worker does; gives the one that waits already when it was asked for before."""
        body = {"kind": kind, "options": dict(options or {})}
        made: shapes.JobInfo = self.do(Call("POST", path_of("banks", bank, "jobs"), shapes.job, body=body))
        return made

    def jobs(self, bank: str | None = None) -> list[shapes.JobInfo]:
        """Jobs of a bank, or of all, with what came of them, how far they are, or why they failed."""
        path = path_of("jobs") if bank is None else path_of("banks", bank, "jobs")
        call = Call("GET", path, lambda data: [*map(shapes.job, data["jobs"])], {"limit": 1000}, every="jobs")
        made: list[shapes.JobInfo] = self.do(call)
        return made

    def job(self, bank: str, job_id: str) -> shapes.JobInfo:
        """A job by id; raises NotFound."""
        made: shapes.JobInfo = self.do(Call("GET", path_of("banks", bank, "jobs", job_id), shapes.job))
        return made

    def reembed(self, bank: str, *, on_progress: Progress | None = None) -> Mapping[str, Any]:
        """Move a bank's vectors to the server's embedder; broken off, the next call goes on where it was."""
        path = path_of("banks", bank, "reembed")
        made: Mapping[str, Any] = self.do(Call("POST", path, dict, lines=True, on_progress=on_progress))
        return made

    def switching(self, bank: str) -> Mapping[str, Any] | None:
        """The switch that is under way in a bank (``recipe``, ``done``, ``total``), or None."""
        path = path_of("banks", bank, "switch")
        made: Mapping[str, Any] | None
        made = self.do(Call("GET", path, lambda data: dict(data) if data["under_way"] else None))
        return made

    def give_up_switch(self, bank: str) -> None:
        """End the switch that is under way, leaving the bank as it is."""
        self.do(Call("DELETE", path_of("banks", bank, "switch"), lambda _: None))

    def check(self) -> list[str]:
        """What is wrong with the store, in words; empty when log, rows and every index agree."""
        made: list[str] = self.do(Call("GET", path_of("check"), lambda data: list(data["wrong"]), lines=True))
        return made

    def erase_bank(self, name: str, *, reason: str = "") -> ErasureReceipt:
        """Erase a bank with all that belongs to it, search the store for traces, and give a signed receipt."""
        call = Call("DELETE", path_of("banks", name), ErasureReceipt.from_json, {"reason": reason or None}, lines=True,
                    again=False)  # fmt: skip
        made: ErasureReceipt = self.do(call)
        return made

    def erasures(self) -> list[ErasureReceipt]:
        """The receipts of banks that were erased whole."""
        made: list[ErasureReceipt] = self.do(_all("erasures", shapes.erasures))
        return made

    def erasure_holds(self, receipt: ErasureReceipt) -> bool:
        """Whether a receipt is just as the store signed it, of a bank that is gone too."""
        body, path = {"receipt": receipt.to_json()}, path_of("erasures", "verify")
        made: bool = self.do(Call("POST", path, lambda data: bool(data["holds"]), body=body))
        return made

    def recipes(self) -> list[Mapping[str, Any]]:
        """The recipes that the server has, with what they need."""
        made: list[Mapping[str, Any]] = self.do(Call("GET", path_of("recipes"), lambda data: data["recipes"]))
        return made


def _all(name: str, read: Callable[[Any], Any], **params: Any) -> Call[Any]:
    return Call("GET", path_of(name), read, {"limit": 1000, **params}, every=name)
