"""The table of routes in the documentation is made from the application, and names every route."""

from __future__ import annotations

from pathlib import Path

import mnemic
from mnemic.serve.app import create_app
from tests.docs.test_recipe_table import ROOT, _hook


def test_the_page_has_a_row_for_every_route(tmp_path: Path) -> None:
    hook = _hook()
    page = (ROOT / "docs" / "http.md").read_text("utf-8")
    assert hook.ROUTES in page
    made = hook.on_page_markdown(page, page=None)
    assert hook.ROUTES not in made
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        schema = create_app(memory).openapi()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert f"| `{method.upper()} {path}` | {operation['summary']} |" in made
