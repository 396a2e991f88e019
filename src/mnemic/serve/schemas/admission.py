"""Admission: by which rules a bank judges what enters."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Told


class RulesIn(Asked):
    """By which rules a bank judges what enters."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"trusted": ["calendar"], "phrases": ["wire the money"]}]}
    )

    trusted: list[str] = Field(default_factory=list, max_length=1000, description="Who is not checked.")
    refused: list[str] = Field(default_factory=list, max_length=1000, description="Who is always kept back.")
    phrases: list[str] = Field(default_factory=list, max_length=1000, description="Texts that keep an event back.")
    thresholds: dict[str, float] = Field(default_factory=dict, description="By check; 0 switches a check off.")
    confirming: bool = Field(False, description="Whether the user's next word may release what is kept back.")


class RulesOut(Told):
    """By which rules a bank judges what enters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"trusted": ["calendar"], "refused": [], "phrases": [], "thresholds": {}, "confirming": False}]
        }
    )

    trusted: list[str]
    refused: list[str]
    phrases: list[str]
    thresholds: dict[str, float]
    confirming: bool
