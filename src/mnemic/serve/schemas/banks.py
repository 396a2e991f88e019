"""Banks: which there are, what one holds, and what is done to one as a whole."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from mnemic.serve.schemas.base import Asked, Point, Told
from mnemic.serve.schemas.records import RECORD, RecordOut

_BANK: dict[str, Any] = {
    "name": "anna", "recipe": "default", "created_at": "2026-06-02T09:00:00+00:00", "seq": 42, "origin": "",
    "sealed": False,
}  # fmt: skip
_SPENT = {"calls": 0, "cached": 0, "tokens_in": 0, "tokens_out": 0, "failures": 0}
_STATS: dict[str, Any] = {
    "bank": "anna", "recipe": "default", "embedder": "bge-small-en-v1.5", "language_model": None,
    "created_at": "2026-06-02T09:00:00+00:00", "sessions": 1, "events": 2, "records": 2, "waiting": 0, "set_aside": 0,
    "usage": {"write": _SPENT, "idle": _SPENT, "read": _SPENT},
}  # fmt: skip
_ENTRY: dict[str, Any] = {
    "seq": 1, "batch": 1, "at": "2026-06-02T09:00:00+00:00", "op": {"kind": "RETAIN", "targets": ["e1"]},
}  # fmt: skip
_RECIPE: dict[str, Any] = {"name": "default", "summary": "Turns, found by words and meaning, best first."}


class BankIn(Asked):
    """How a bank is to be kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recipe": "default"}]})

    recipe: str | None = Field(None, max_length=100_000, description="Name of a recipe, or its TOML.")
    sealed: bool = Field(False, description="Whether its content is encrypted at rest, from the first word on.")


class BankOut(Told):
    """A bank; ``origin`` is the one that it is a branch of, ``sealed`` whether its content is encrypted at rest."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BANK]})

    name: str
    recipe: str
    created_at: str
    seq: int
    origin: str
    sealed: bool


class Banks(Told):
    """A page of banks by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"banks": [_BANK], "next": None}]})

    banks: list[BankOut]
    next: str | None


class RecipeIn(Asked):
    """The recipe that a bank is to be kept by from now on; what is remembered stays as it was made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recipe": "hybrid"}]})

    recipe: str = Field(min_length=1, max_length=100_000, description="Name of a recipe, or its TOML.")


class StatsOut(Told):
    """What a bank holds, by which recipe and models, what waits, and what asking models has cost."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STATS]})

    bank: str
    recipe: str
    records: int
    sessions: int | None = Field(None, description="This and what follows is told to who sees the whole bank.")
    events: int | None = None
    waiting: int | None = Field(None, description="Events that are not formed yet.")
    set_aside: int | None = Field(None, description="Events that could not be formed.")
    usage: dict[str, dict[str, int]] | None = None


class BranchIn(Asked):
    """A branch to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "what-if"}]})

    name: str = Field(min_length=1, max_length=200)
    at: int | None = Field(None, ge=0, le=1 << 40, description="Seq of the log to branch from; now without it.")


class SwitchIn(Asked):
    """The recipe that a bank is to be kept by from now on, with all its events formed anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recipe": "bm25"}]})

    recipe: str = Field(min_length=1, max_length=100_000)


class SwitchingOut(Told):
    """The switch that is under way, if one is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"under_way": True, "recipe": "bm25", "done": 120, "total": 500}]}
    )

    under_way: bool
    recipe: str = ""
    done: int = 0
    total: int = 0


class SwitchedOut(Told):
    """What a switch did."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"recipe": "bm25", "state": "done", "reason": "", "events": 2, "records": 2, "superseded": 2,
                 "carried": {}, "kept": [], "left": {}}
            ]
        }
    )  # fmt: skip

    recipe: str
    state: str
    reason: str
    events: int
    records: int
    superseded: int
    carried: dict[str, int]
    kept: list[str]
    left: dict[str, list[str]]


class TunedOut(Told):
    """Whether something was made that a large bank is searched faster by."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"made": True}]})

    made: bool


class ReembeddedOut(Told):
    """What re-embedding did."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"embedder": "bge-small-en-v1.5", "embedded": 500, "already": False}]}
    )

    embedder: str
    embedded: int
    already: bool


class ConsolidateIn(Asked):
    """How to consolidate."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"retry": True}]})

    retry: bool = Field(False, description="Also try what could not be formed and was set aside.")


class Log(Told):
    """A page of the log."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": [_ENTRY], "next": None}]})

    entries: list[dict[str, Any]]
    next: str | None


class DifferenceOut(Told):
    """What changed between two points of a log."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"added": [RECORD], "removed": [], "changed": []}]})

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

    model_config = ConfigDict(json_schema_extra={"examples": [{"records": [RECORD]}]})

    records: list[RecordOut]


class Recipes(Told):
    """The recipes that are installed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recipes": [_RECIPE]}]})

    recipes: list[dict[str, Any]]


class RecipeOut(Told):
    """A recipe with its pipeline, for people and as TOML."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _RECIPE | {"profiles": ["fast", "deep"], "pipeline": "per_turn() >> ...", "toml": 'name = "default"'}
            ]
        }
    )

    name: str
    summary: str
    profiles: list[str]
    pipeline: str
    toml: str


class CheckedOut(Told):
    """What is wrong with the store, in words; empty when log, rows and every index agree."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"wrong": []}]})

    wrong: list[str]
