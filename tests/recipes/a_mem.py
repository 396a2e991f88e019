"""Scripts for A-MEM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.recipes.a_mem import RECIPE

from .asked_records import spoken

__all__ = ["RECIPE", "SCRIPTS"]


def write_note(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords are the long words, the context is who spoke, the tag is the last word."""
    words = [word.strip(".,?!").lower() for word in spoken(inputs).split()]
    told = {"keywords": [word for word in words if len(word) > 5], "context": f"{inputs['turns'][0]['speaker']} speaks"}
    return {"records": [{"text": spoken(inputs), "tags": words[-1:], **told}]}


def evolve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Connects with the nearest neighbour and gives every neighbour the new note's tags."""
    tags = inputs["note"]["tags"]
    rewrite = [
        {"alias": n["alias"], "context": f"near: {inputs['note']['content']}", "tags": sorted({*n["tags"], *tags})}
        for n in inputs["neighbours"]
    ]
    return {"connections": [inputs["neighbours"][0]["alias"]], "tags": [*tags, "linked"], "rewrite": rewrite}


SCRIPTS = {"write_note": write_note, "evolve_neighbours": evolve}
