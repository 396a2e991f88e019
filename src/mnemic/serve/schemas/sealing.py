"""Encryption at rest: what is asked, and what became of a bank."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Told


class SealIn(Asked):
    """How a bank is to be sealed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"renew": False}]})

    renew: bool = Field(False, description="One that is sealed already: under a new key.")


class SealingOut(Told):
    """What was done to the files of a bank, and what still waits to leave them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"bank": "anna", "sealed": True, "steps": ["file written anew"], "waits": []}]}
    )

    bank: str
    sealed: bool
    steps: list[str]
    waits: list[str]
