"""Erasure: what is to be erased, what would go, and the receipts of what went."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from mnemic.core.erasure import ErasureReceipt
from mnemic.serve.schemas.base import Asked, Told

_AT = "2026-06-02T09:00:00+00:00"
_PLAN: dict[str, Any] = {
    "bank": "anna", "events": 2, "records": 2, "remade": 0, "kinds": {"episodic": 2},
    "samples": {"events": ["e1", "e2"], "records": ["0197f3c2-0000-7000-8000-000000000001"]}, "mentioned": 1,
    "branches": [], "exports": 0,
}  # fmt: skip
_RECEIPT: dict[str, Any] = {
    "id": "0197f3c2-0000-7000-8000-000000000002", "bank": "anna", "who": "key:4f3a09c1b2d4", "reason": "asked for it",
    "at": _AT, "selection": {"by": ["person"], "sha256": "9b3c"}, "state": "done", "head": 12, "events": 2,
    "erased": {"records": 2, "log": 5}, "kinds": {"episodic": 2}, "remade": {}, "how": {"records": "exact"},
    "verification": {"clean": True, "found": 0, "places": ["agent.db", "agent.db-wal"]}, "out_of_reach": [],
    "branches": [], "signature": {"algorithm": "ed25519", "signature": "5e1f"},
}  # fmt: skip


class Stretch(Asked):
    """When it happened, from ``start`` up to and without ``end``; either may be left away."""

    start: str | None = Field(None, max_length=100, examples=["2026-05-01"])
    end: str | None = Field(None, max_length=100, examples=["2026-06-01"])


class Chosen(Asked):
    """Which events; what is given must all hold. Nothing is erased when nothing is chosen."""

    events: list[str] | None = Field(None, min_length=1, max_length=10_000, description="Ids of events.")
    session: str | None = Field(None, max_length=1000, description="All events of a session.")
    person: str | None = Field(None, max_length=1000, description="All that somebody said, by name.")
    mentions: bool = Field(False, description="With person: also what others said that names him.")
    during: Stretch | None = None
    everything: bool = Field(False, description="All events of the bank.")

    def choice(self) -> dict[str, Any]:
        """What ``erase`` and ``erase_plan`` take."""
        during = None if self.during is None else (self.during.start, self.during.end)
        return {
            "events": self.events, "session": self.session, "person": self.person, "mentions": self.mentions,
            "during": during, "everything": self.everything,
        }  # fmt: skip


class PlanIn(Chosen):
    """What would be erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person": "Anna"}]})


class EraseIn(Chosen):
    """What is to be erased, for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person": "Anna", "reason": "asked for it"}]})

    branches: bool = Field(False, description="Also in banks that branched off.")
    reason: str = Field("", max_length=1000, description="Why; kept in the receipt.")


class PlanOut(Told):
    """What an erasure would do: counts, and a few ids; ``mentioned`` counts events of others that would stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLAN]})

    bank: str
    events: int
    records: int
    remade: int
    kinds: dict[str, int]
    samples: dict[str, list[str]]
    mentioned: int
    branches: list[str]
    exports: int


class ErasureOut(Told):
    """What an erasure did, in counts and hashes, signed; it holds nothing of what was erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RECEIPT]})

    id: str
    bank: str
    who: str
    reason: str
    at: str
    selection: dict[str, Any]
    state: str
    head: int
    events: int
    erased: dict[str, int]
    kinds: dict[str, int]
    remade: dict[str, int]
    how: dict[str, str]
    verification: dict[str, Any]
    out_of_reach: list[dict[str, Any]]
    branches: list[str]
    signature: dict[str, str]


class Erasures(Told):
    """A page of receipts, the oldest first; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"erasures": [_RECEIPT], "next": None}]})

    erasures: list[ErasureOut]
    next: str | None


class Finished(Told):
    """The receipts of erasures that were interrupted, or had to wait for a reader, as they stand now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"erasures": [_RECEIPT]}]})

    erasures: list[ErasureOut]


class VerifyIn(Asked):
    """A receipt, whole, as it was given out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"receipt": _RECEIPT}]})

    receipt: dict[str, Any]

    def erasure(self) -> ErasureReceipt:
        """The receipt of the core; raises BadInput when it is none."""
        return ErasureReceipt.from_json(self.receipt)


class HoldsOut(Told):
    """Whether a receipt is just as this store signed it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": _RECEIPT["id"], "holds": True}]})

    id: str
    holds: bool
