"""Due channel: records that speak of the day of the question, whatever the question says.

    score(r) = 1 / (1 + days from the day of the question to the time that r speaks of),  within ``days``

Source: the event layer of S. Zeppieri, "MMAG: Mixed Memory-Augmented Generation for Large Language Models
Applications", arXiv 2512.01710, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.times import Interval, instant
from mnemic.core.view import View
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Due(Channel):
    """Records whose mentioned times (``fields["times"]``) begin on the day of the question or ``days`` - 1 after it.

    That something was said today does not make it due: only what the words speak of counts, and only what they speak of
    to the ``precision`` named (a whole month is no date). Parameters: ``k``, how many; ``kinds``, only these kinds;
    ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> def told(i, start, end):
    ...     times = [{"start": start, "end": end, "precision": "day"}]
    ...     return Record(id=i, kind="note", value="An exam", fields={"times": times})
    >>> view = ListView([told("r0", "2026-06-03", "2026-06-04"), told("r1", "2026-06-09", "2026-06-10")])
    >>> query = Query(text="Good morning", asked_at=instant("2026-06-03T08:00:00"))
    >>> [hit.id for hit in Due().search(Sub(text=query.text), query, view)]
    ['r0']
    """

    name: ClassVar[str] = "due"

    days: int = 1
    k: int = 20
    kinds: tuple[str, ...] | None = None
    precision: tuple[str, ...] = ("day", "hour", "minute")
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits from the nearest to the furthest day."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        today = query.asked_at.replace(hour=0, minute=0, second=0, microsecond=0)
        span = Interval(today, today + timedelta(days=self.days))
        found = view.during(span, k=10 * self.k, where=where)
        out = []
        for record in view.get([hit.id for hit in found]).values():
            told = [t for t in record.fields.get("times", ()) if t.get("precision", "day") in self.precision]
            ahead = [(instant(time["start"]) - today).days for time in told]
            if due := [days for days in ahead if 0 <= days < self.days]:
                score = 1 / (1 + min(due))
                out.append(Hit(record.id, score, self.name, {"due": score}))
        return sorted(out, key=lambda hit: (-hit.score, hit.id))[: self.k]
