"""Quoting: whether words were taken over from a text as they stand there, white space apart."""

from __future__ import annotations

import re

_ENDS = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])")


def sentences(text: str) -> list[str]:
    """The sentences of a text, in their order.

    >>> sentences("It rained. Anna drank tea! Why?")
    ['It rained.', 'Anna drank tea!', 'Why?']
    """
    return [part.strip() for part in _ENDS.split(text) if part.strip()]


def occurs(words: str, text: str) -> bool:
    """Whether words stand in a text, in this order, in any case of letters.

    >>> occurs("anna  drank", "Then Anna drank tea."), occurs("Anna tea", "Anna drank tea")
    (True, False)
    """
    return " ".join(words.split()).casefold() in " ".join(text.split()).casefold()


def is_quotation(quotation: str, text: str) -> bool:
    """Whether every sentence of a quotation stands in the text.

    >>> is_quotation("It rained. We stayed in.", "It rained. Nobody came. We stayed in.")
    True
    >>> is_quotation("It snowed.", "It rained.")
    False
    """
    parts = sentences(quotation)
    return bool(parts) and all(occurs(part, text) for part in parts)
