"""What is told about recipes, worked out from what they are made of: for the command and for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnemic.core.pipeline import Recipe

HEADINGS = ("card", "recipe", "what it does", "needs", "without model", "write", "idle", "read", "presets")


def brief(recipe: Recipe, presets: Iterable[str] = ()) -> dict[str, Any]:
    """A recipe in short, as JSON.

    >>> from mnemic.recipes import load_recipe
    >>> brief(load_recipe("bm25"))["calls"]
    {'write': '0', 'idle': '0', 'read': '0'}
    """
    from mnemic.core.calls import calls_of, without_model

    return {
        "card": recipe.card,
        "name": recipe.name,
        "summary": recipe.summary,
        "cites": recipe.cites,
        "needs": list(recipe.needs()),
        "without_model": without_model(recipe),
        "tasks": list(recipe.asks()),
        "calls": calls_of(recipe).to_json(),
        "profiles": list(recipe.profiles),
        "presets": list(presets),
    }


def briefs() -> list[dict[str, Any]]:
    """Every installed recipe in short, those without a card first, then by card."""
    from mnemic.recipes import load_recipe, presets_of, recipe_names

    rows = [brief(load_recipe(name), presets_of(name)) for name in recipe_names()]
    return sorted(rows, key=lambda row: (row["card"] is not None, row["card"] or 0))


def cells(row: Mapping[str, Any]) -> list[str]:
    """A row of the table under :data:`HEADINGS`."""
    others = [preset.partition(":")[2] for preset in row["presets"]]
    others += [f"@{profile}" for profile in row["profiles"]]
    return [
        "–" if row["card"] is None else str(row["card"]),
        row["name"],
        row["summary"],
        ", ".join(row["needs"]) or "–",
        row["without_model"],
        *row["calls"].values(),
        ", ".join(others) or "–",
    ]


def markdown() -> str:
    """The table of all recipes for a page of the documentation."""
    lines = [HEADINGS, ["---"] * len(HEADINGS)]
    lines += [[f"`{cell}`" if i == 1 else cell for i, cell in enumerate(cells(row))] for row in briefs()]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
