"""Keeps part of a suite's questions, evenly over categories and conversations, the same part each time.

The categories take turns; each takes, from the conversation that has given fewest questions so far (the
first of them on a tie), the question whose id has the lowest hash. A smaller sample is part of a larger one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from mnemic.bench.suite import Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import sha


def spread(suite: Suite, limit: int) -> Suite:
    """The suite with ``limit`` of its questions; conversations without one are left out.

    As categories have equal shares until one runs out, "all" of a sample is not comparable with "all" of
    the whole suite; each category is.

    Raises
    ------
    BadInput
        When ``limit`` is below 1.

    >>> from mnemic.bench.suite import Conversation
    >>> from mnemic.core.times import instant
    >>> def probe(id_, category):
    ...     return Probe(id_, "?", category, "", ("e",), "", instant("2026-01-01"))
    >>> first = Conversation("a", (), tuple(probe(f"a{i}", "1") for i in range(8)))
    >>> second = Conversation("b", (), (probe("b0", "2"),))
    >>> [len(c.probes) for c in spread(Suite("s", (first, second)), 3).conversations]
    [2, 1]
    """
    if limit < 1:
        raise BadInput(f"limit: {limit} questions cannot be asked; give 1 or more")
    queues: dict[str, dict[int, list[Probe]]] = {category: defaultdict(list) for category in suite.categories}
    for place, conversation in enumerate(suite.conversations):
        for probe in sorted(conversation.probes, key=lambda probe: sha(probe.id), reverse=True):
            queues[probe.category][place].append(probe)
    kept: set[str] = set()
    given: Counter[int] = Counter()
    while queues and len(kept) < limit:
        for category in list(queues)[: limit - len(kept)]:
            cells = queues[category]
            place = min(cells, key=lambda place: (given[place], place))
            kept.add(cells[place].pop().id)
            given[place] += 1
            if not cells[place]:
                del cells[place]
            if not cells:
                del queues[category]
    conversations = (
        replace(conversation, probes=tuple(probe for probe in conversation.probes if probe.id in kept))
        for conversation in suite.conversations
    )
    return replace(suite, conversations=tuple(c for c in conversations if c.probes))
