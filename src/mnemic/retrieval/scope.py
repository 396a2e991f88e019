"""Narrowing: a stage may search less than it was allowed to, never more."""

from __future__ import annotations

from mnemic.core.reading import Where


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
