"""Recipes: one architecture a file, only composition and presets. A recipe is found by being here.

Other packages add theirs through the entry point group ``mnemic.recipes``.
"""

from __future__ import annotations

import difflib
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mnemic.core.errors import BadInput, NotFound
from mnemic.core.pipeline import Recipe
from mnemic.core.plugins import recipe_points


@cache
def own_recipes() -> dict[str, str]:
    """The names of mnemic's own recipes with the modules that define them.

    >>> own_recipes()["full-context"]
    'mnemic.recipes.full_context'
    """
    return {module.name.replace("_", "-"): f"{__name__}.{module.name}" for module in iter_modules(__path__)}


def recipe_names() -> list[str]:
    """The names of all recipes that are installed, without their presets.

    >>> "default" in recipe_names()
    True
    """
    return sorted({**own_recipes(), **recipe_points()})


def presets_of(name: str) -> list[str]:
    """The full names of a recipe's presets, such as ``memory-bank:as-coded``.

    >>> presets_of("bm25")
    []
    """
    if name not in own_recipes():
        return []
    return [f"{name}:{preset}" for preset in getattr(import_module(own_recipes()[name]), "PRESETS", {})]


def with_model(name: str) -> str:
    """The preset of a recipe that uses a language model where one is configured, or the name as it is.

    >>> with_model("default"), with_model("bm25")
    ('default:with-model', 'bm25')
    """
    preset = f"{name}:with-model"
    return preset if preset in presets_of(name) else name


def load_recipe(given: str | Recipe) -> Recipe:
    """A recipe by its name (``name`` or ``name:preset``), of a TOML file, of TOML text, or as it is.

    Raises NotFound or BadInput.

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
    return _installed(given)


def recorded(recipe: Recipe, given: str | Recipe | None) -> str:
    """How a store keeps a bank's recipe: one of this installation by name, any other as TOML.

    By name its improvements reach the bank.
    """
    by_name = isinstance(given, str) and not given.endswith(".toml") and "\n" not in given
    return given if by_name and isinstance(given, str) else recipe.name if given is None else recipe.to_toml()


@lru_cache(maxsize=64)
def kept_recipe(text: str) -> Recipe:
    """The recipe that a store keeps as ``text``."""
    return load_recipe(text)


def _installed(given: str) -> Recipe:
    name, _, preset = given.partition(":")
    if name in own_recipes():
        module = import_module(own_recipes()[name])
        recipe = getattr(module, "PRESETS", {}).get(preset) if preset else module.RECIPE
        if recipe is None:
            known = ", ".join(presets_of(name)) or "none"
            raise NotFound(f"recipe: {name!r} has no preset {preset!r}; it has {known}")
    elif given in recipe_points():
        recipe = recipe_points()[given].load()
    else:
        near = difflib.get_close_matches(given, recipe_names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'mnemic recipes' lists them"
        raise NotFound(f"recipe: there is none called {given!r}; {hint}")
    if not isinstance(recipe, Recipe):
        raise BadInput(f"recipe: entry point {given!r} gives {type(recipe).__name__}, not a Recipe")
    return recipe
