"""Keys, grants, policies, the audit and quarantine: what is sent and what is answered."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Told
from mnemic.serve.schemas.events import EVENT

_AT = "2026-06-02T09:00:00+00:00"
_KEY: dict[str, Any] = {
    "id": "4f3a09c1b2d4", "name": "bot", "principal": "key:4f3a09c1b2d4", "created": _AT, "expires": None,
    "by": "local", "last_used": None,
}  # fmt: skip
_GRANT: dict[str, Any] = {
    "id": "0197f3c2-0000-7000-8000-000000000005", "to": "group:care", "bank": "anna", "role": "reader",
    "without": ["money"], "by": "local",
}  # fmt: skip
_POLICY: dict[str, Any] = {
    "name": "home", "default": "allow",
    "rules": [{"id": "rent", "labels": ["health"], "recipient": "*landlord*", "purpose": "*", "flow": "withhold"}],
}  # fmt: skip
_AUDIT: dict[str, Any] = {
    "bank": "anna", "n": 1, "at": _AT, "who": "key:4f3a09c1b2d4", "verb": "recall",
    "body": {"outcome": "done", "records": 2}, "sha": "9b3c",
}  # fmt: skip
_Expires = Field(None, max_length=100, description="When it ends (ISO 8601); never without it.")


class KeyIn(Asked):
    """A key to make; with a role it is granted that in the banks, or in all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "bot", "role": "writer", "banks": ["anna"]}]})

    name: str = Field(max_length=200, description="Whose it is, or what for.")
    role: str | None = Field(None, max_length=200)
    banks: list[str] = Field(default_factory=list, max_length=1000)
    expires: str | None = _Expires


class KeyOut(Told):
    """A key, without its text."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    id: str
    name: str
    principal: str
    created: str
    expires: str | None
    by: str
    last_used: str | None


class KeyMade(Told):
    """A new key and its text, which is never shown again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"key": _KEY, "text": "mnk_4f3a09c1b2d4_..."}]})

    key: KeyOut
    text: str


class Keys(Told):
    """A page of keys by id; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"keys": [_KEY], "next": None}]})

    keys: list[KeyOut]
    next: str | None


class GrantIn(Asked):
    """A grant: who may do what in which banks, and what narrows it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to": "group:care", "bank": "anna", "role": "reader", "without": ["money"]}]}
    )

    to: str = Field(max_length=1000, description="key:ID, oidc:ISSUER|SUBJECT or group:NAME.")
    bank: str = Field(max_length=200, description="A bank, or a pattern such as team-*.")
    role: str = Field(max_length=200)
    only: list[str] = Field(default_factory=list, max_length=1000)
    without: list[str] = Field(default_factory=list, max_length=1000)
    purposes: list[str] = Field(default_factory=list, max_length=1000)
    recipients: list[str] = Field(default_factory=list, max_length=1000)
    expires: str | None = _Expires


class GrantOut(Told):
    """A grant."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GRANT]})

    id: str
    to: str
    bank: str
    role: str


class Grants(Told):
    """A page of grants by id, expired ones too; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"grants": [_GRANT], "next": None}]})

    grants: list[GrantOut]
    next: str | None


class RuleIn(Asked):
    """A norm: matter of any of the labels may flow so to a recipient, for a purpose."""

    model_config = ConfigDict(json_schema_extra={"examples": [_POLICY["rules"][0]]})

    id: str
    labels: list[str]
    recipient: str = "*"
    purpose: str = "*"
    flow: str = "withhold"


class PolicyIn(Asked):
    """What a policy says; its name stands in the address."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rules": [{"id": "rent", "labels": ["health"], "recipient": "*landlord*"}]}]}
    )

    default: str = "allow"
    rules: list[RuleIn] = Field(default_factory=list, max_length=1000)


class PolicyOut(Told):
    """A policy."""

    model_config = ConfigDict(json_schema_extra={"examples": [_POLICY]})

    name: str
    default: str
    rules: list[dict[str, Any]]


class Policies(Told):
    """A page of policies by name; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"policies": [_POLICY], "next": None}]})

    policies: list[PolicyOut]
    next: str | None


class AuditOut(Told):
    """An entry of an audit, with its link of the chain."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AUDIT]})

    bank: str
    n: int
    at: str
    who: str
    verb: str
    body: dict[str, Any]
    sha: str


class Audit(Told):
    """A page of an audit; ``next`` is what to send as ``after`` for more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": [_AUDIT], "next": None}]})

    entries: list[AuditOut]
    next: int | None


class VerifiedOut(Told):
    """Whether every chain holds, and what was written past the doors."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"holds": True, "entries": {"anna": 12}, "broken": [], "past": {}}]}
    )

    holds: bool
    entries: dict[str, int]
    broken: list[str]
    past: dict[str, list[list[int]]]
    witnessed: int | None = None
    witness_key: str = ""
    torn: int = 0


class QuarantinedOut(Told):
    """An event that is kept back, and why."""

    event: dict[str, Any]
    reasons: list[str]
    by: str


class Quarantine(Told):
    """A page of events that are kept back, by id; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"quarantined": [{"event": EVENT, "reasons": ["instructions: asks to be obeyed"], "by": "key:4f3a"}],
                 "next": None}
            ]
        }
    )  # fmt: skip

    quarantined: list[QuarantinedOut]
    next: str | None


class DecideIn(Asked):
    """Which events it holds for, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": ["e1"], "reason": "checked by hand"}]})

    events: list[str] = Field(min_length=1, max_length=1000)
    reason: str = Field("", max_length=1000, description="Why; kept in the log.")
