"""Finds stages and recipes of this and other packages through entry points."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points


@cache
def load_stages() -> tuple[str, ...]:
    """Import every module that an installed package names in the group ``mnemic.stages``.

    Importing is enough: a stage registers itself by its name. Gives the entry points' names.

    >>> "retrieval" in load_stages()
    True
    """
    points = sorted(entry_points(group="mnemic.stages"), key=lambda point: point.name)
    for point in points:
        point.load()
    return tuple(point.name for point in points)


@cache
def recipe_points() -> dict[str, EntryPoint]:
    """The entry points of the group ``mnemic.recipes`` by name; each names a Recipe.

    >>> "default" in recipe_points()
    True
    """
    return {point.name: point for point in sorted(entry_points(group="mnemic.recipes"), key=lambda p: p.name)}
