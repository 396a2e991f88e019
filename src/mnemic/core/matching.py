"""Matching: whether a filter lets a record through; the meaning that every store's filters must have."""

from __future__ import annotations

from collections.abc import Sequence

from mnemic.core.reading import Where
from mnemic.core.record import Record


def matches(record: Record, where: Where) -> bool:
    """Whether a filter lets a record through.

    >>> matches(Record(id="r1", kind="secret", value="1234"), Where())
    False
    >>> matches(Record(id="r1", kind="secret", value="1234"), Where(secrets=True))
    True
    """
    if record.kind == "secret" and not where.secrets:
        return False
    single = (
        (record.kind, where.kinds),
        (record.state, where.states),
        (record.session, where.sessions),
        (record.actor, where.actors),
        (record.role, where.roles),
        (record.epistemic, where.epistemic),
        (record.tier, where.tiers),
        (record.id, where.ids),
    )
    if any(allowed is not None and value not in allowed for value, allowed in single):
        return False
    several = ((record.entities, where.entities), (record.tags, where.tags), (record.labels, where.labels))
    if any(allowed is not None and not _share_a_word(values, allowed) for values, allowed in several):
        return False
    event = record.times.event
    return where.during is None or (event is not None and event.overlaps(where.during))


def _share_a_word(values: Sequence[str], allowed: Sequence[str]) -> bool:
    return not {value.casefold() for value in values}.isdisjoint(value.casefold() for value in allowed)
