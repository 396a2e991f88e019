"""What a bank of a server keeps back and keeps sealed, what its records are about, and what is erased from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mnemic.answers import Rotated
from mnemic.client import shapes
from mnemic.client.bank_calls import BankCalls, once_key
from mnemic.client.calls import Call, Progress
from mnemic.core.erasure import ErasurePlan, ErasureReceipt
from mnemic.core.evidence import Event
from mnemic.core.outcomes import Written
from mnemic.core.record import Record
from mnemic.governance.admission import Rules

T = TypeVar("T")


class CustodyCalls(BankCalls):
    """Quarantine, admission, vault, labels and erasure of a bank."""

    __slots__ = ()

    # Quarantine and admission.

    def quarantine(self) -> Sequence[Mapping[str, Any]]:
        """What is kept back: each with its ``event`` and ``reasons``, and ``by`` whom it came in."""

        def read(data: Any) -> Sequence[Mapping[str, Any]]:
            return [{**one, "event": Event.from_json(one["event"])} for one in data["quarantined"]]

        made: Sequence[Mapping[str, Any]] = self.do(self._all("quarantine", "quarantined", read))
        return made

    def release(self, ids: Sequence[str], *, reason: str = "") -> Written:
        """Let events out of quarantine and form them now; raises NotFound when one is not kept back."""
        return self._change(["quarantine", "release"], {"events": [*ids], "reason": reason})

    def reject(self, ids: Sequence[str], *, reason: str = "") -> Written:
        """Decide that events are never formed; raises NotFound when one is not kept back."""
        return self._change(["quarantine", "reject"], {"events": [*ids], "reason": reason})

    def admission(self) -> Rules:
        """The rules by which the bank judges what enters."""
        made: Rules = self.do(Call("GET", self._path("admission"), Rules.from_json))
        return made

    def admit_by(self, rules: Rules | Mapping[str, Any]) -> Rules:
        """Judge what enters by other rules from now on."""
        body = rules.to_json() if isinstance(rules, Rules) else dict(rules)
        made: Rules = self.do(Call("PUT", self._path("admission"), Rules.from_json, body=body))
        return made

    # Vault.

    def secrets(self) -> Sequence[Mapping[str, Any]]:
        """The secrets that the vault keeps of this bank: each with its placeholder (``secret``), never its words."""
        made: Sequence[Mapping[str, Any]] = self.do(self._all("secrets", "secrets", lambda data: data["secrets"]))
        return made

    def reveal(self, secret: str | Record, *, purpose: str, reason: str = "") -> str:
        """The words of a secret, for a purpose; written into the audit. Raises Denied where it is not open."""
        named = str(secret.fields.get("placeholder", "")) if isinstance(secret, Record) else secret
        body = {"secret": named, "purpose": purpose, "reason": reason}
        return self._ask("secrets/reveal", body, lambda data: str(data["value"]))

    def forget_secrets(self, secrets: Sequence[str]) -> int:
        """Destroy sealed secrets, named by their placeholders; gives how many."""
        named = [secrets] if isinstance(secrets, str) else list(secrets)
        path = self._path("secrets", "forget")
        call = Call("POST", path, lambda data: data["forgotten"], body={"secrets": named}, headers=once_key())
        made: int = self.do(call)
        return made

    def rotate_vault(self, *, on_progress: Progress | None = None) -> Rotated:
        """Wrap the bank's keys with the vault's first key and seal its secrets under a new one."""

        def read(data: Any) -> Rotated:
            return Rotated(data["keys"], data["secrets"])

        path = self._path("secrets", "rotate")
        made: Rotated = self.do(Call("POST", path, read, lines=True, again=False, on_progress=on_progress))
        return made

    # Labels.

    def relabel(self, record_id: str, labels: Sequence[str], *, reason: str = "") -> Record:
        """Say what a record is about; what rests on it is labelled too."""
        path, body = self._path("records", record_id, "labels"), {"labels": list(labels), "reason": reason}
        made: Record = self.do(Call("POST", path, Record.from_json, body=body))
        return made

    def unlabel(self, record_id: str, labels: Sequence[str], *, reason: str = "") -> Record:
        """Take labels away from one record, and from what says the same words of the same event."""
        path, params = self._path("records", record_id, "labels"), {"label": list(labels), "reason": reason or None}
        made: Record = self.do(Call("DELETE", path, Record.from_json, params))
        return made

    # Erasure.

    def erase(
        self, events: str | Sequence[str] | None = None, *, session: str | None = None, person: str | None = None,
        mentions: bool = False, during: tuple[Any, Any] | None = None, everything: bool = False,
        branches: bool = False, reason: str = "",
    ) -> ErasureReceipt:  # fmt: skip
        """Erase events and all that was made of them, search the store for traces, and give a signed receipt."""
        body = {**_chosen(locals()), "branches": branches, "reason": reason}
        call = Call("POST", self._path("erasures"), ErasureReceipt.from_json, body=body, headers=once_key(), lines=True)
        made: ErasureReceipt = self.do(call)
        return made

    def erase_plan(
        self, events: str | Sequence[str] | None = None, *, session: str | None = None, person: str | None = None,
        mentions: bool = False, during: tuple[Any, Any] | None = None, everything: bool = False,
    ) -> ErasurePlan:  # fmt: skip
        """What :meth:`erase` would do with the same choice; nothing is written."""
        return self._ask("erasures/plan", _chosen(locals()), shapes.plan)

    def erasures(self) -> list[ErasureReceipt]:
        """The receipts of what was erased from the bank, in order."""
        made: list[ErasureReceipt] = self.do(self._all("erasures", "erasures", shapes.erasures))
        return made

    def finish_erasures(self) -> list[ErasureReceipt]:
        """Finish erasures that were interrupted, or had to wait for a reader."""
        made: list[ErasureReceipt] = self.do(Call("POST", self._path("erasures", "finish"), shapes.erasures))
        return made

    def erasure_holds(self, receipt: ErasureReceipt) -> bool:
        """Whether a receipt is just as the store signed it."""
        return self._ask("erasures/verify", {"receipt": receipt.to_json()}, lambda data: bool(data["holds"]))

    def _all(self, path: str, named: str, read: Callable[[Any], T]) -> Call[T]:
        return Call("GET", self._path(path), read, {"limit": 1000}, every=named)


def _chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    events, during = given["events"], given["during"]
    out = {name: given[name] for name in ("session", "person", "mentions", "everything")}
    out["events"] = [events] if isinstance(events, str) else list(events) if events is not None else None
    out["during"] = None
    if during is not None:
        ends = zip(("start", "end"), during, strict=True)
        out["during"] = {name: str(shapes.when(end)) for name, end in ends if end is not None}
    return {name: value for name, value in out.items() if value is not None}
