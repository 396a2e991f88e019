"""The table of routes for the documentation, made from the application's own OpenAPI."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any


def markdown() -> str:
    """Every route by tag, in Markdown."""
    from mnemic.memory import open_memory
    from mnemic.serve.app import create_app

    with (
        tempfile.TemporaryDirectory() as folder,
        open_memory(f"{folder}/agent.db", embedder="hashing", reranker="overlap") as memory,
    ):
        return table(create_app(memory).openapi())


def table(schema: Mapping[str, Any]) -> str:
    """The routes of an OpenAPI, a table for each tag.

    >>> route = {"get": {"tags": ["banks"], "summary": "The banks", "operationId": "banks"}}
    >>> print(table({"tags": [{"name": "banks", "description": "Which there are."}], "paths": {"/v1/banks": route}}))
    **banks**: Which there are.
    <BLANKLINE>
    | route | what it does |
    |---|---|
    | `GET /v1/banks` | The banks |
    """
    return "\n\n".join("\n".join(_of_tag(schema, tag)) for tag in schema["tags"])


def _of_tag(schema: Mapping[str, Any], tag: Mapping[str, str]) -> Iterator[str]:
    yield f"**{tag['name']}**: {tag['description']}\n"
    yield "| route | what it does |"
    yield "|---|---|"
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if tag["name"] in operation["tags"]:
                yield f"| `{method.upper()} {path}` | {operation['summary']} |"
