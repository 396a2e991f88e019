"""Recipes: one architecture a file, only composition and presets; found through entry points."""

from __future__ import annotations

import difflib
from pathlib import Path

from mnemic.core.errors import BadInput, NotFound
from mnemic.core.pipeline import Recipe
from mnemic.core.plugins import recipe_points


def recipe_names() -> list[str]:
    """The names of all recipes that are installed.

    >>> "default" in recipe_names()
    True
    """
    return list(recipe_points())


def load_recipe(given: str | Recipe) -> Recipe:
    """A recipe by its name, of a TOML file, of TOML text, or as it is. Raises NotFound or BadInput.

    >>> load_recipe("bm25").name
    'bm25'
    """
    if isinstance(given, Recipe):
        return given
    if "\n" in given:
        return Recipe.from_toml(given)
    if given.endswith(".toml"):
        try:
            return Recipe.from_toml(Path(given).read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"recipe: {given} cannot be read ({error})") from None
    point = recipe_points().get(given)
    if point is None:
        near = difflib.get_close_matches(given, recipe_points(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'mnemic recipes' lists them"
        raise NotFound(f"recipe: there is none called {given!r}; {hint}")
    recipe = point.load()
    if not isinstance(recipe, Recipe):
        raise BadInput(f"recipe: entry point {given!r} gives {type(recipe).__name__}, not a Recipe")
    return recipe
