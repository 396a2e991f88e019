"""Same time: records of events that lie near one another in time are linked, the nearer the stronger.

    (a, same_time, b, weight = max(floor, 1 - Δt / window))   if  Δt ≤ window

Source: the temporal links of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.stage import Linker
from mnemic.core.times import Interval
from mnemic.core.view import View


@dataclass(frozen=True)
class SameTime(Linker):
    """Links a new record to the ``k`` nearest in time within ``hours``; ``floor`` is the least weight, 0..1.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.times import Times, instant
    >>> def at(i, when):
    ...     return Record(id=i, kind="episodic", value=i, times=Times(event=Interval(instant(when), instant(when))))
    >>> view = ListView([at("r1", "2026-06-01T12:00"), at("r2", "2026-05-01")])
    >>> [(op.edge.dst, op.edge.weight) for op in SameTime().link([at("n1", "2026-06-01T18:00")], view)]
    [('r1', 0.75)]
    """

    name: ClassVar[str] = "same_time"

    hours: float = 24.0
    floor: float = 0.3
    k: int = 10

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """LINK ops from each new record that has an event time."""
        window = timedelta(hours=self.hours)
        ops = []
        for place, record in enumerate(new):
            if record.times.event is None:
                continue
            when = record.times.event.start
            # A point in time overlaps only what reaches it, so the window is widened by its own ends.
            near = view.during(Interval(when - window, when + window), k=10 * self.k, where=Where())
            known = [*view.get([hit.id for hit in near]).values(), *new[:place]]
            gaps = [(abs(_start(other) - when), other) for other in known if other.times.event is not None]
            within = sorted((g for g in gaps if g[0] <= window), key=lambda gap: gap[0])[: self.k]
            for gap, other in within:
                weight = round(max(self.floor, 1 - gap / window), 6)
                edge = Edge(src=record.id, dst=other.id, rel="same_time", weight=weight)
                ops.append(Op.link(edge, actor=self.name))
        return ops


def _start(record: Record) -> datetime:
    assert record.times.event is not None
    return record.times.event.start
