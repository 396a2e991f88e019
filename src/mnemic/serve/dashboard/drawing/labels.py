"""Where the words of a drawing stand: beside their node, within the drawing, and on no other node or words if they can.

Each node in turn tries the places below, above, right and left of it, and takes the first that is free; where none is,
the one that hides least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: How wide a letter is at the size of a drawing's words, and how high a line is.
LETTER, LINE = 6.6, 14.0
_GAP = 4.0


@dataclass(frozen=True, slots=True)
class Label:
    """Where words are anchored, at their base line: their ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    anchor: str


_Box = tuple[float, float, float, float]


def placed(nodes: Sequence[tuple[float, float, float, str]], width: float, height: float) -> list[Label]:
    """A place for the words of each node ``(x, y, radius, words)``; no words get one that takes no room.

    >>> [label.anchor for label in placed([(10, 50, 8, "Lisbon"), (300, 50, 8, "Porto")], 600, 100)]
    ['start', 'middle']
    """
    circles: list[_Box] = [(x - r, y - r, x + r, y + r) for x, y, r, _ in nodes]
    taken: list[_Box] = []
    out = []
    for place, (x, y, radius, words) in enumerate(nodes):
        others = [*circles[:place], *circles[place + 1 :], *taken]
        choices = _choices(x, y, radius, LETTER * len(words))
        best = min(choices, key=lambda one: _hidden(one[1], others) + _outside(one[1], width, height))
        if words:
            taken.append(best[1])
        out.append(best[0])
    return out


def _choices(x: float, y: float, radius: float, length: float) -> list[tuple[Label, _Box]]:
    below, above = y + radius + _GAP + 9, y - radius - _GAP
    right, left, middle = x + radius + _GAP, x - radius - _GAP, y + 4
    half = length / 2

    def at(label: Label, start: float) -> tuple[Label, _Box]:
        return label, (start, label.y - LINE + 3, start + length, label.y + 3)

    return [
        at(Label(x, below, "middle"), x - half), at(Label(x, above, "middle"), x - half),
        at(Label(right, middle, "start"), right), at(Label(left, middle, "end"), left - length),
    ]  # fmt: skip


def _hidden(box: _Box, others: Sequence[_Box]) -> float:
    return sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in others
    )


def _outside(box: _Box, width: float, height: float) -> float:
    # What is cut off at the edge cannot be read at all.
    return 100 * (max(0.0, -box[0]) + max(0.0, box[2] - width) + max(0.0, -box[1]) + max(0.0, box[3] - height))
