"""The table of recipes in the documentation is made from the code, and names every recipe."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from mnemic.recipes import load_recipe, presets_of, recipe_names

ROOT = Path(__file__).parents[2]


def _hook() -> Any:
    spec = importlib.util.spec_from_file_location("docs_hooks", ROOT / "docs_hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_a_row_for_every_recipe() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    hook = _hook()
    assert hook.MARK in page
    made = hook.on_page_markdown(page, page=None)
    assert hook.MARK not in made
    rows = {line.split(" | ")[1].strip("`"): line for line in made.splitlines() if line.count(" | ") == 8}
    for name in recipe_names():
        recipe = load_recipe(name)
        assert recipe.summary in rows[recipe.name]
        for preset in presets_of(name):
            assert preset.partition(":")[2] in rows[recipe.name]


def test_other_pages_stay_as_they_are() -> None:
    assert _hook().on_page_markdown("# Title") == "# Title"


def test_the_site_is_built_with_the_hook() -> None:
    assert "docs_hooks.py" in (ROOT / "mkdocs.yml").read_text("utf-8")
