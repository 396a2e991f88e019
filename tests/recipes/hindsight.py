"""Scripts for Hindsight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.recipes.hindsight import RECIPE

from .asked_records import names_said, spoken

__all__ = ["RECIPE", "SCRIPTS"]


def units(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A fact of what was said; "I think" makes it a belief; "because" makes two facts, effect and cause."""
    text = spoken(inputs)
    names = names_said(text)
    if text.startswith("I think "):
        told = {"text": text.removeprefix("I think "), "kind": "belief", "epistemic": "belief", "confidence": 0.6}
        return {"records": [{**told, "entities": names}]}
    effect, because, cause = text.partition(" because ")
    if not because:
        return {"records": [{"text": text, "entities": names}]}
    cause_of = {"ref": "cause", "how": "caused_by", "strength": 0.9}
    first = {"text": effect, "entities": names, "ref": "effect", "causal": [cause_of]}
    return {"records": [first, {"text": cause, "entities": names, "ref": "cause"}]}


def weigh(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A fact with "not" contradicts, one with "maybe" weakens, any other reinforces."""
    fact = inputs["fact"]
    effect = "contradict" if " not " in fact else "weaken" if "maybe" in fact else "reinforce"
    verdict = {"effect": effect} | ({"text": f"Once otherwise, now: {fact}"} if effect == "contradict" else {})
    return {"verdicts": [{"alias": belief["alias"], **verdict} for belief in inputs["beliefs"]]}


SCRIPTS = {"extract_units": units, "weigh_beliefs": weigh}
