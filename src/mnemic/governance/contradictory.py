"""A contradictory batch: one write by somebody else says of one thing what cannot all be so, or corrects all there is.

score = distinct values of one single-valued slot at one time, by two, or corrections by one actor, by six.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "contradictory batch", 1.0
_MOST_VALUES, _MOST_CORRECTIONS = 2, 6
_CORRECTION = re.compile(
    r"\b(?:correction|actually|no longer|not true|was wrong|is wrong|changed (?:his|her|their|my|the)|has changed to|is now"
    r"|instead of|contrary to)\b",
    re.IGNORECASE,
)


def check_contradictory(batch: Sequence[Said]) -> dict[str, Finding]:
    """Findings by the ids of events that contradict each other; a user's own turns are left alone."""
    values: defaultdict[tuple[Any, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    corrections: defaultdict[str, list[str]] = defaultdict(list)
    for said in batch:
        event = said.event
        if said.by_user:
            continue
        for fact in event.meta.get("facts", ()) if isinstance(event.meta.get("facts"), Sequence) else ():
            if isinstance(fact, Mapping) and not fact.get("many"):
                slot = (str(fact.get("subject", "")).casefold(), str(fact.get("attribute", "")).casefold())
                if all(slot):
                    values[(*slot, event.occurred_at)][str(fact.get("value", "")).casefold()].add(event.id)
        if said.foreign and _CORRECTION.search(said.foreign):
            corrections[event.speaker].append(event.id)
    out: dict[str, Finding] = {}
    for told in values.values():
        if len(told) > _MOST_VALUES:
            finding = Finding(NAME, len(told) / _MOST_VALUES, THRESHOLD, f"{len(told)} values of one thing at one time")
            out.update({event_id: finding for ids in told.values() for event_id in ids})
    for ids in corrections.values():
        if len(ids) > _MOST_CORRECTIONS:
            finding = Finding(NAME, len(ids) / _MOST_CORRECTIONS, THRESHOLD, f"{len(ids)} corrections in one write")
            out.update(dict.fromkeys(ids, finding))
    return out
