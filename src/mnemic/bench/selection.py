"""Which recipes a benchmark runs: names, and the words ``all`` and ``all-model-free`` for those that are installed."""

from __future__ import annotations

from collections.abc import Sequence

from mnemic.bench.answering import model_free
from mnemic.core.errors import BadInput
from mnemic.core.pipeline import Recipe
from mnemic.recipes import load_recipe, presets_of, recipe_names

#: Every recipe that is installed; those that run without a language model, or by the rules of its tasks.
ALL, ALL_MODEL_FREE = "all", "all-model-free"
_PRESETS = ":presets"


def expand(names: Sequence[str | Recipe]) -> list[str | Recipe]:
    """The names with ``all`` and ``all-model-free`` spelt out; ``all:presets`` takes the presets of recipes as well.

    A recipe that is also named on its own comes once, where it was named first.

    >>> expand(["bm25", "all"])[:1], "hybrid" in expand(["all-model-free"])
    (['bm25'], True)
    """
    out: dict[str | Recipe, None] = {}
    for name in names:
        word = name.removesuffix(_PRESETS) if isinstance(name, str) else ""
        if word not in (ALL, ALL_MODEL_FREE):
            if name in out:
                raise BadInput(f"recipe: {name} is given twice; name each system once")
            out[name] = None
            continue
        presets = str(name).endswith(_PRESETS)
        found = [one for recipe in recipe_names() for one in (recipe, *(presets_of(recipe) if presets else ()))]
        free = word == ALL_MODEL_FREE
        out |= dict.fromkeys(one for one in found if not free or model_free(load_recipe(one)))
    return list(out)


def names_model_free(names: Sequence[str | Recipe]) -> bool:
    """Whether all recipes without a model were asked for: then rules answer unless something else is chosen.

    >>> names_model_free(["bm25", "all-model-free:presets"]), names_model_free(["all"])
    (True, False)
    """
    return any(isinstance(name, str) and name.removesuffix(_PRESETS) == ALL_MODEL_FREE for name in names)
