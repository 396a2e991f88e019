"""What the documentation computes when it is built: tables of recipes and of routes stand where their marks do."""

from __future__ import annotations

from typing import Any

MARK = "<!-- recipes -->"
ROUTES = "<!-- routes -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with the tables of all installed recipes and of all routes in the place of their marks."""
    if MARK in markdown:
        from mnemic.cli import recipe_table

        markdown = markdown.replace(MARK, recipe_table.markdown())
    if ROUTES in markdown:
        from mnemic.serve import route_table

        markdown = markdown.replace(ROUTES, route_table.markdown())
    return markdown
