"""What the documentation computes when it is built: the table of recipes stands where ``<!-- recipes -->`` does."""

from __future__ import annotations

from typing import Any

MARK = "<!-- recipes -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with the table of all installed recipes in the place of the mark."""
    if MARK not in markdown:
        return markdown
    from mnemic.cli import recipe_table

    return markdown.replace(MARK, recipe_table.markdown())
