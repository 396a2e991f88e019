"""Heat: how often a topic is visited, how much was said on it, and how lately.

    H = visits · N + pages · L + recency · e^(-hours / fade)

N counts citations of the topic and of its pages, L its pages; both since it was last analysed, which a promotion notes
in the topic's field ``analysed``. The counters themselves are never put back (law 13).
Source: J. Kang et al., "Memory OS of AI Agent", arXiv 2506.06326, 2025.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.record import Record
from mnemic.core.record_times import idle_days
from mnemic.core.stage import Strength
from mnemic.core.view import View

ANALYSED = "analysed"


def visits_of(topic: Record, pages: Sequence[Record]) -> int:
    """How often a topic or a page of it was cited, ever."""
    return topic.stats.cited + sum(page.stats.cited for page in pages)


@dataclass(frozen=True)
class Heat(Strength):
    """H of records whose pages are what they were derived from.

    Parameters: ``visits``, ``pages`` and ``recency``, the weights; ``fade``, hours after which recency is 1/e.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Stats
    >>> pages = [Record(id=i, kind="episodic", value="", stats=Stats(cited=1)) for i in "ab"]
    >>> topic = Record(id="t", kind="topic", value="", derived_from=("a", "b"))
    >>> view = ListView([*pages, topic])
    >>> Heat(recency=0.0).weigh([topic], view.now, view)
    [4.0]
    >>> cold = topic.with_(fields={ANALYSED: {"visits": 2, "pages": 1}})
    >>> Heat(recency=0.0).weigh([cold], view.now, view)
    [1.0]
    """

    name: ClassVar[str] = "heat"

    visits: float = 1.0
    pages: float = 1.0
    recency: float = 1.0
    fade: float = 24.0

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """The heat of each."""
        known = view.get({page for record in records for page in record.derived_from})
        out = []
        for record in records:
            pages = [known[page] for page in record.derived_from if page in known]
            before = record.fields.get(ANALYSED, {})
            visits = visits_of(record, pages) - before.get("visits", 0)
            length = len(record.derived_from) - before.get("pages", 0)
            hours = 24 * min(idle_days(one, now) for one in (record, *pages))
            out.append(self.visits * visits + self.pages * length + self.recency * math.exp(-hours / self.fade))
        return out
