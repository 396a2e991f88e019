"""Names: which of the names that a bank knows a question speaks of."""

from __future__ import annotations

from collections.abc import Iterable

from mnemic.core.analysis import STOP_WORDS, words

_LONGEST = 5


def named(text: str, known: Iterable[str]) -> list[str]:
    """The known names that occur in a text as whole words, whatever their case and accents.

    >>> named("Has Anna been to São Paulo?", ["anna", "ann", "sao paulo", "Lisbon"])
    ['anna', 'sao paulo']
    """
    spoken = words(text)
    grams = {
        " ".join(spoken[start : start + size])
        for size in range(1, _LONGEST + 1)
        for start in range(len(spoken) - size + 1)
    }
    return [name for name in known if _folded(name) in grams]


def names_part_of(name: str, text: str) -> bool:
    """Whether a text speaks of someone by any part of the name.

    A part that is also an everyday word ("Will") counts only as it is written.

    >>> names_part_of("Anna Weber", "what did anna say?"), names_part_of("Will", "When will it rain?")
    (True, False)
    """
    spoken, written = set(words(text)), set(text.replace("'", " ").replace("?", " ").replace(",", " ").split())
    parts = [part for part in name.split() if part]
    return any(part in written if part.lower() in STOP_WORDS else _folded(part) in spoken for part in parts)


def _folded(name: str) -> str:
    # Most names are plain words; only the others are worth a full analysis.
    return name.lower() if name.isascii() and name.replace(" ", "").isalnum() else " ".join(words(name))
