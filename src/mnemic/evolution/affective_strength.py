"""Affective strength: what moved people, surprised or mattered is kept, and so is what was used.

    S = max(floor, .95 · I / 2.75 - .80 · P / 400 + 4.15 · A / 15 + .65 · cited - .028 · uncited)
    p = e^(-Δ / (pace · S)),   Δ = sessions since it was last used, else said, that one included

I is the importance 0..1, A the field ``arousal`` 0..1 read on the scale 1..9 of the ratings that the weights were
learned on, P the field ``surprise``, a perplexity of at most 160. The weights are those learned from what people wanted
remembered: arousal counts most, surprise a little against.
Source: R. Sumida, K. Inoue and T. Kawahara, "Should RAG Chatbots Forget Unimportant Conversations?" (LUFY),
arXiv 2409.12524, 2024.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Strength
from mnemic.core.view import View

MOST_SURPRISE = 160.0


@dataclass(frozen=True)
class AffectiveStrength(Strength):
    """p of each record.

    Parameters: the weights of the five features; ``pace``, the sessions after which p is 1/e when S is 1; ``floor``.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> calm, moved = (Record(id=str(a), kind="episodic", value="", fields={"arousal": a}) for a in (0.1, 0.9))
    >>> used = calm.with_(stats=Stats(cited=2))
    >>> view = ListView([])
    >>> [round(AffectiveStrength().strength(record), 2) for record in (calm, moved, used)]
    [0.5, 2.27, 1.79]
    """

    name: ClassVar[str] = "affective_strength"

    importance: float = 2.130 * 0.448
    surprise: float = 2.871 * -0.280
    arousal: float = 1.501 * 2.763
    cited: float = 0.629 * 1.028
    uncited: float = 2.246 * -0.0124
    pace: float = 0.33
    floor: float = 0.1

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """p in 0..1 of each."""
        begun = session_starts(view)
        out = []
        for record in records:
            since = record.stats.last_used or when_of(record) or now
            # Counting its own session tells apart what was said just now: for a Δ of 0 every p would be 1.
            passed = 1 + len(begun) - bisect_right(begun, since)
            out.append(math.exp(-passed / (self.pace * self.strength(record))))
        return out

    def strength(self, record: Record) -> float:
        """S of a record."""
        total: float = self.importance * (record.importance or 0.0) / 2.75
        total += self.surprise * min(record.fields.get("surprise", 0.0), MOST_SURPRISE) / 400
        total += self.arousal * (1 + 8 * record.fields.get("arousal", 0.0)) / 15
        total += self.cited * record.stats.cited + self.uncited * record.stats.uncited
        return max(self.floor, total)


def session_starts(view: View) -> list[datetime]:
    """When each session that left evidence began, in order."""
    first: dict[str, datetime] = {}
    for record in view.scan(Where(states=("active", "archived", "superseded"), epistemic=("evidence",))):
        when = when_of(record)
        if record.session and when is not None:
            first[record.session] = min(first.get(record.session, when), when)
    return sorted(first.values())
