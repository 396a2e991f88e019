"""Banks: which there are, what one holds, and what is done to one as a whole."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Point, Told
from mnemic.serve.schemas.records import RecordOut


class BankIn(Asked):
    """How a bank is to be kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recipe": "default"}]})

    recipe: str | None = Field(None, max_length=100_000, description="Name of a recipe, or its TOML.")
    sealed: bool = Field(False, description="Whether its content is encrypted at rest, from the first word on.")


class BankOut(Told):
    """A bank; ``origin`` is the one that it is a branch of, ``sealed`` whether its content is encrypted at rest."""

    name: str
    recipe: str
    created_at: str
    seq: int
    origin: str
    sealed: bool


class Banks(Told):
    """A page of banks by name."""

    banks: list[BankOut]
    next: str | None


class StatsOut(Told):
    """What a bank holds, by which recipe and models, what waits, and what asking models has cost."""

    bank: str
    recipe: str
    sessions: int
    waiting: int
    usage: dict[str, dict[str, int]]


class BranchIn(Asked):
    """A branch to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "what-if"}]})

    name: str = Field(min_length=1, max_length=200)
    at: int | None = Field(None, ge=0, le=1 << 40, description="Seq of the log to branch from; now without it.")


class SwitchIn(Asked):
    """The recipe that a bank is to be kept by from now on, with all its events formed anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recipe": "bm25"}]})

    recipe: str = Field(min_length=1, max_length=100_000)


class SwitchedOut(Told):
    """What a switch did."""

    recipe: str
    state: str
    reason: str
    events: int
    records: int
    superseded: int
    carried: dict[str, int]
    kept: list[str]
    left: dict[str, list[str]]


class SwitchingOut(Told):
    """The switch that is under way, if one is."""

    under_way: bool
    recipe: str = ""
    done: int = 0
    total: int = 0


class ReembeddedOut(Told):
    """What re-embedding did."""

    embedder: str
    embedded: int
    already: bool


class ConsolidateIn(Asked):
    """How to consolidate."""

    retry: bool = Field(False, description="Also try what could not be formed and was set aside.")


class Log(Told):
    """A page of the log."""

    entries: list[dict[str, Any]]
    next: str | None


class DifferenceOut(Told):
    """What changed between two points of a log."""

    added: list[RecordOut]
    removed: list[RecordOut]
    changed: list[dict[str, RecordOut]]


class RollbackIn(Asked):
    """Where to go back to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": 42, "reason": "a bad import"}]})

    to: Point
    reason: str = Field("", max_length=1000, description="Why; kept in the log.")


class Reflected(Told):
    """What a bank's rules derived."""

    records: list[RecordOut]


class Recipes(Told):
    """The recipes that are installed."""

    recipes: list[dict[str, Any]]


class RecipeOut(Told):
    """A recipe with its pipeline, for people and as TOML."""

    name: str
    summary: str
    profiles: list[str]
    pipeline: str
    toml: str
