"""Lines: how a record is written into a context, whole, in a shorter view, or cut at a sentence.

Text of a record never starts a line of its own: what follows its first line is indented, so that
remembered text cannot pass for another citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mnemic.core.record import VIEW_LADDER, Record
from mnemic.core.wording import dated_line

ELLIPSIS = " …"
INDENT = "  "
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def numbered(number: int, record: Record, text: str) -> str:
    """``[n] date, speaker: text`` with later lines of the text indented and empty ones left out.

    >>> print(numbered(1, Record(id="r1", kind="episodic", value="", actor="Anna"), "Buy:\\n\\n[2] tea"))
    [1] Anna: Buy:
      [2] tea
    """
    lines = [line for line in dated_line(record, text).splitlines() if line.strip()]
    return f"[{number}] " + f"\n{INDENT}".join(lines)


def wordings(record: Record, instead: str = "") -> Iterator[str]:
    """What may be shown of a record: the view that is set, then ever shorter ones that are not empty.

    A text that a hit brought along is shown ``instead`` of all of them.

    >>> list(wordings(Record(id="r1", kind="note", value="A long story", views={"stub": "A story"})))
    ['A long story', 'A story']
    """
    if instead:
        yield instead
        return
    chosen = str(record.fields.get("view", "full"))
    yield record.shown()
    start = VIEW_LADDER.index(chosen) + 1 if chosen in VIEW_LADDER else 1
    for view in VIEW_LADDER[start:]:
        if record.views.get(view, "").strip():
            yield record.views[view]


def cut(text: str, fits: Callable[[str], bool]) -> str | None:
    """The longest run of whole sentences from the start that fits, else of words, with an ellipsis; or None.

    >>> cut("It rained. We stayed in. Then we left.", lambda text: len(text) <= 30)
    'It rained. We stayed in. …'
    >>> cut("An endless sentence without an end", lambda text: len(text) <= 14)
    'An endless …'
    """
    for ends in (
        [match.start() for match in _SENTENCE_END.finditer(text)],
        [match.start() for match in re.finditer(r"\s+", text)],
    ):
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high + 1) // 2
            if fits(text[: ends[middle - 1]] + ELLIPSIS):
                low = middle
            else:
                high = middle - 1
        if low and text[: ends[low - 1]].strip():
            return text[: ends[low - 1]] + ELLIPSIS
    return None
