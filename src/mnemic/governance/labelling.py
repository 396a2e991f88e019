"""Labels by rule: what an event is about, from a lexicon of words for each matter. No model takes part.

    labels(text) = {matter : some word or pattern of the matter occurs in the text}

The lexicon is ``matters.toml``; what it misses is labelled by hand or by a language model. It leans towards a label too
many: what is labelled twice flows only where both may.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One pattern for each matter.

    >>> Lexicon.of({"money": {"words": ["loan"], "patterns": ["[$]\\\\d"]}}).labels("Two loans, $5 each")
    ('money',)
    """

    patterns: Mapping[str, re.Pattern[str]]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Lexicon:
        """A lexicon of ``{matter: {words: [...], patterns: [...]}}``; raises BadInput naming the matter."""
        made = {}
        for matter, entry in data.items():
            words = sorted(entry.get("words", ()), key=len, reverse=True)
            parts = [rf"\b(?:{'|'.join(map(re.escape, words))})\w{{0,4}}\b"] if words else []
            try:
                made[matter] = re.compile("|".join([*parts, *entry.get("patterns", ())]) or r"(?!)", re.IGNORECASE)
            except re.error as error:
                raise BadInput(f"{matter}: a pattern is no regular expression ({error})") from None
        return cls(made)

    def labels(self, text: str) -> tuple[str, ...]:
        """The matters of a text, in the lexicon's order."""
        return tuple(matter for matter, pattern in self.patterns.items() if pattern.search(text))


@cache
def own_lexicon() -> Lexicon:
    """The lexicon that comes with mnemic."""
    text = resources.files("mnemic.governance").joinpath("matters.toml").read_text("utf-8")
    return Lexicon.of(tomllib.loads(text))


def lexicon_of(labelling: str) -> Lexicon | None:
    """The lexicon that a setting names: none, or the rules that come with mnemic; raises BadInput."""
    if labelling not in ("none", "rules"):
        raise BadInput(f"labelling: {labelling!r} is unknown; use none or rules")
    return own_lexicon() if labelling == "rules" else None


def label(events: Sequence[Event], rules: Lexicon) -> list[Event]:
    """The events with the labels that rules give them beside their own; the very same object where none is new.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.times import instant
    >>> event = Event(id="e", session="s", role="user", parts=(Part("text", "My doctor called."),),
    ...               occurred_at=instant("2026-06-02"))
    >>> label([event], own_lexicon())[0].labels
    ('health',)
    """
    out = []
    for event in events:
        found = rules.labels("\n".join((event.text, *event.captions)))
        known = {one.casefold() for one in event.labels}
        more = tuple(one for one in found if one not in known)
        out.append(replace(event, labels=(*event.labels, *more)) if more else event)
    return out
