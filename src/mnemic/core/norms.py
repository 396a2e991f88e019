"""Norms: what one request may learn of each matter, after the policies have been asked (contextual integrity).

flow(record) = the strictest of flow(label) over the matters it carries; of what carries none, flow("unlabelled")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mnemic.core.matters import matters_of
from mnemic.core.record import VIEW_LADDER

ALLOW = "allow"
WITHHOLD = "withhold"
#: What a record that carries no matter counts as.
UNLABELLED = "unlabelled"


def severity(flow: str) -> int:
    """How strict a flow is: allow, then the views from longer to shorter, then withhold.

    >>> sorted(("withhold", "stub", "allow", "summary"), key=severity)
    ['allow', 'summary', 'stub', 'withhold']
    """
    if flow in (ALLOW, WITHHOLD):
        return 0 if flow == ALLOW else 100
    return VIEW_LADDER.index(flow) if flow in VIEW_LADDER else 99


def strictest(flows: Iterable[str]) -> str:
    """The strictest of flows; allow when there are none."""
    return max(flows, key=severity, default=ALLOW)


@dataclass(frozen=True)
class Norms:
    """What one policy comes to for one request: a flow for each matter it names, and one for all others.

    A flow is ``allow``, ``withhold``, or the name of the view that is shown in place of the value.

    >>> norms = Norms({"health": "withhold", "work": "summary"}, default="allow")
    >>> norms.of(()), norms.of(("Work",)), norms.of(("work", "health"))
    ('allow', 'summary', 'withhold')
    """

    flows: Mapping[str, str]
    default: str = ALLOW

    def __hash__(self) -> int:
        return hash((frozenset(self.flows.items()), self.default))

    def of(self, labels: Iterable[str]) -> str:
        """The flow of something that carries these labels."""
        return strictest(self.flows.get(m, self.default) for m in matters_of(labels) or (UNLABELLED,))

    @property
    def opens(self) -> bool:
        """Whether it lets everything through as it is."""
        return severity(self.default) == 0 and not any(map(severity, self.flows.values()))
