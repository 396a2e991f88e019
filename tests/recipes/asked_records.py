"""What a scripted model answers where any answer of the right form will do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def spoken(inputs: Mapping[str, Any]) -> str:
    """The words of all turns."""
    return "\n".join(turn["text"] for turn in inputs["turns"])


def names_said(text: str) -> list[str]:
    """The capitalised words."""
    words = [word.strip(".,?!") for word in text.split()]
    return list(dict.fromkeys(word for word in words if word[:1].isupper() and len(word) > 2))


def add_all(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Every fact is new."""
    return {"operations": [{"event": "ADD", "fact": fact["alias"]} for fact in inputs["facts"]]}


def each_as_said(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """One record a turn, which says what was said and cites it."""
    return {"records": [{"text": turn["text"], "turns": [turn["alias"]]} for turn in inputs["turns"]]}


def as_said(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """One record that says what was said, about the names in it."""
    text = spoken(inputs)
    last = [word.strip(".,?!").lower() for word in text.split()][-1:]
    return {"records": [{"text": text, "entities": names_said(text), "tags": last}]}
