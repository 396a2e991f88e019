"""What the façade gives back, as JSON objects."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from typing import Any

from mnemic.answers import Answer, Trial
from mnemic.core.reading import Context
from mnemic.engine.intake import Written
from mnemic.engine.reform import Switched
from mnemic.store.protocol import BankRow


def written(done: Written) -> dict[str, Any]:
    """What a write did."""
    return asdict(done)


def switched(done: Switched) -> dict[str, Any]:
    """What a switch of recipe did."""
    return asdict(done)


def context(given: Context) -> dict[str, Any]:
    """A context with its blocks, so that a client can rebuild it."""
    blocks = [{"name": b.name, "text": b.text, "citations": list(b.citations)} for b in given.blocks]
    return given.to_json() | {"blocks": blocks}


def answer(given: Answer) -> dict[str, Any]:
    """An answer with its context."""
    return given.to_json() | {"context": context(given.context)}


def trial(given: Trial) -> dict[str, Any]:
    """What a recipe came to that was tried."""
    return {
        "recipe": given.recipe, "events": given.events, "formed": given.formed, "forming_ms": given.forming_ms,
        "hits": [hit.to_json() for hit in given.hits], "context": context(given.context),
        "records": {name: record.to_json() for name, record in given.records.items()},
    }  # fmt: skip


def bank(row: BankRow) -> dict[str, Any]:
    """A bank in a list of banks."""
    # A recipe of the user's own is kept as TOML.
    recipe = tomllib.loads(row.recipe).get("name", "") if "\n" in row.recipe else row.recipe
    return {
        "name": row.name, "recipe": recipe, "created_at": row.created_at.isoformat(), "seq": row.seq,
        "origin": row.origin, "sealed": bool(row.sealed),
    }  # fmt: skip
