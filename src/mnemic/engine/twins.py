"""Twins: records that say the same words of the same event, such as a turn and the fact that was made of it.

What a user changes about the one holds for the other: else what was set right would go on being recalled.
"""

from __future__ import annotations

from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.view import View


def with_twins(record: Record, view: View) -> list[Record]:
    """The record and the others of its state with its value that rest on an event it rests on.

    >>> from mnemic.core.evidence import Span
    >>> from mnemic.core.list_view import ListView
    >>> said = [Record(id=i, kind=kind, value="Anna lives in Porto", sources=(Span("e1"),), session="s")
    ...         for i, kind in (("r1", "episodic"), ("r2", "semantic"))]
    >>> [record.id for record in with_twins(said[0], ListView(said))]
    ['r1', 'r2']
    """
    events = {span.source for span in record.sources}
    if not events:
        return [record]
    where = Where(sessions=(record.session,), states=(record.state,), secrets=True)
    same = [
        other
        for other in view.scan(where)
        if other.id != record.id
        and other.value == record.value
        and not events.isdisjoint(span.source for span in other.sources)
    ]
    return [record, *same]
