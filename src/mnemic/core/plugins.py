"""Finds stages, tasks and recipes of this and other packages through entry points."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules


def import_all(package: str, path: Iterable[str]) -> None:
    """Import every module of a package, so that what it defines registers itself."""
    for module in iter_modules(path):
        import_module(f"{package}.{module.name}")


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
def load_tasks() -> tuple[str, ...]:
    """Import every module that an installed package names in the group ``mnemic.tasks``; gives the entry points' names.

    >>> "models" in load_tasks()
    True
    """
    points = sorted(entry_points(group="mnemic.tasks"), key=lambda point: point.name)
    for point in points:
        point.load()
    return tuple(point.name for point in points)


@cache
def recipe_points() -> dict[str, EntryPoint]:
    """The entry points of the group ``mnemic.recipes`` by name, which other packages add; each names a Recipe.

    >>> "default" in recipe_points()
    False
    """
    return {point.name: point for point in sorted(entry_points(group="mnemic.recipes"), key=lambda p: p.name)}
