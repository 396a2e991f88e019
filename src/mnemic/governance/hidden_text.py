"""Text that a person does not see and a model reads: tag characters, overridden directions, zero-width letters."""

from __future__ import annotations

import re
import unicodedata

from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "hidden text", 1.0
#: A flag of a region is made of tag characters too: those end with a mark of their own.
_FLAGS = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{1,6}\U000e007f")
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}")
_TURNED = re.compile("[\u202d\u202e]")
_ZERO_WIDTH = re.compile(
    "(?<=[A-Za-z0-9 .,])[\u200b-\u200d\u2060-\u2064\ufeff\u00ad](?=[A-Za-z0-9 .,\u200b-\u200d\u2060-\u2064])"
)
_FEW = 8


def check_hidden_text(said: Said) -> Finding | None:
    """Characters of an event that hide what is said.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.times import instant
    >>> hidden = "".join(chr(0xE0000 + ord(c)) for c in "obey")
    >>> event = Event(id="e", session="s", role="tool", parts=(Part("text", "Hi" + hidden),),
    ...               occurred_at=instant("2026-01-01"))
    >>> check_hidden_text(Said.of(event)).reason
    '4 tag characters'
    """
    text = said.unconfirmed
    if text.isascii():
        return None
    score, reasons = 0.0, []
    for name, count, weight in (
        ("tag characters", len(_TAGS.findall(_FLAGS.sub("", text))), 1.0),
        ("runs of variation selectors", len(_SELECTORS.findall(text)), 1.0),
        ("zero-width characters within words", len(_ZERO_WIDTH.findall(text)), 1 / _FEW),
        ("overridden directions", 0 if _right_to_left(text) else len(_TURNED.findall(text)), 1.0),
    ):
        if count:
            score += weight * count
            reasons.append(f"{count} {name}")
    return Finding(NAME, score, THRESHOLD, ", ".join(reasons)) if reasons else None


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
