"""The vault: which secrets it holds, and the words of one."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Told

_PLACEHOLDER = "[secret:card:7f3a09c1b2d4]"
_ENTRY: dict[str, Any] = {
    "secret": _PLACEHOLDER,
    "kind": "card",
    "at": "2026-06-02T09:00:00+00:00",
    "key": "data-1-5d0e1f2a",
}


class SecretOut(Told):
    """A secret that is sealed: its placeholder, kind, since when, and under which key; never its words."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    secret: str
    kind: str
    at: str
    key: str


class Secrets(Told):
    """A page of secrets by placeholder; ``next`` is the cursor of the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"secrets": [_ENTRY], "next": None}]})

    secrets: list[SecretOut]
    next: str | None


class RevealIn(Asked):
    """A secret, by its placeholder or its record, and what it is needed for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"secret": _PLACEHOLDER, "purpose": "to pay the rent"}]})

    secret: str = Field(min_length=1, max_length=200)
    purpose: str = Field(
        min_length=1, max_length=1000, description="What for; a grant that names purposes must name this one."
    )
    reason: str = Field("", max_length=1000, description="Why; for the audit.")


class RevealedOut(Told):
    """The words of a secret."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"secret": _PLACEHOLDER, "value": "4111 1111 1111 1111"}]}
    )

    secret: str
    value: str


class ForgetIn(Asked):
    """Secrets to be destroyed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"secrets": [_PLACEHOLDER]}]})

    secrets: list[str] = Field(min_length=1, max_length=1000)


class ForgottenOut(Told):
    """How many secrets were destroyed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"forgotten": 1}]})

    forgotten: int


class RotatedOut(Told):
    """How many keys were wrapped anew, and how many secrets sealed under a new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"keys": 2, "secrets": 1}]})

    keys: int
    secrets: int
