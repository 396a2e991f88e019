"""Recipes: the architectures that are installed, and what each is made of."""

from __future__ import annotations

import tomllib

from fastapi import APIRouter, Path

from mnemic.cli.recipe_table import brief, briefs
from mnemic.recipes import load_recipe, presets_of
from mnemic.serve.reply import Reply
from mnemic.serve.routes.banks import named_recipe
from mnemic.serve.schemas.banks import RecipeOut, Recipes
from mnemic.serve.who import Guarded

router = APIRouter(tags=["recipes"])


@router.get("/recipes", response_model=Recipes)
def recipes(_: Guarded) -> Reply:
    """The recipes that are installed, with what they need and how often they ask a language model."""
    return Reply({"recipes": briefs()})


@router.get("/recipes/{name}", response_model=RecipeOut)
def recipe(
    _: Guarded, name: str = Path(max_length=200, description="Name of a recipe, or NAME:PRESET.", examples=["default"])
) -> Reply:
    """A recipe, or a preset as ``NAME:PRESET``, with the stages of its pipeline."""
    named_recipe(name)
    found = load_recipe(name.replace("\n", " "))
    short = brief(found, presets_of(found.name.partition(":")[0]))
    text = found.to_toml()
    return Reply(
        {**short, **tomllib.loads(text), "profiles": list(found.profiles), "toml": text, "pipeline": str(found)}
    )
