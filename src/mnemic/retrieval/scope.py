"""Narrowing: a stage may search less than it was allowed to, never more."""

from __future__ import annotations

from collections.abc import Iterable

from mnemic.core.matching import matches
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.view import View


def narrow(where: Where, kinds: tuple[str, ...] | None) -> Where | None:
    """The filter narrowed to ``kinds``; None when nothing is left to search.

    >>> narrow(Where(kinds=("episodic", "semantic")), ("semantic", "profile")).kinds
    ('semantic',)
    >>> narrow(Where(kinds=("episodic",)), ("semantic",)) is None
    True
    """
    if kinds is None:
        return where
    allowed = kinds if where.kinds is None else tuple(kind for kind in kinds if kind in where.kinds)
    return where.and_(kinds=allowed) if allowed else None


def in_scope(ids: Iterable[str], where: Where, view: View) -> dict[str, Record]:
    """The records that a filter lets through: what is reached by another way than a search is checked like one.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([Record(id="r0", kind="secret", value="1234"), Record(id="r1", kind="note", value="tea")])
    >>> list(in_scope(["r0", "r1"], Where(), view))
    ['r1']
    """
    return {key: record for key, record in view.get(ids).items() if matches(record, where)}
