"""Well-formed text: what every tokenizer can read."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates by U+FFFD; other text is returned as it is.

    A Python string may hold surrogates (from JSON escapes or cut file names), but UTF-8 and so every
    tokenizer refuses them.

    Parameters
    ----------
    text
        Any string.

    >>> well_formed("caf\\u00e9")
    'café'
    >>> well_formed("a\\ud800b") == "a\\ufffdb"
    True
    >>> well_formed("\\ud83d\\ude00") == "\\U0001f600"
    True
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
