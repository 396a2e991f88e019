"""What the application says of itself is whole: every route is summed up, shown by examples, and its failures told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import mnemic
from mnemic.serve.app import create_app
from mnemic.serve.routes import routers
from mnemic.serve.schemas.base import Asked, Told
from tests.governance.two_worlds import resolved

# The shapes of all routes are known once these are found.
ROUTERS = list(routers())


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("schema")
    with mnemic.open(folder / "a.db", embedder="hashing", reranker="overlap") as memory:
        yield create_app(memory).openapi()


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def has_example(schema: dict[str, Any], content: dict[str, Any]) -> bool:
    shape = resolved(schema, content.get("schema", {}))
    return "example" in content or bool(shape.get("examples")) or "example" in shape or shape.get("format") == "binary"


def test_every_route_is_summed_up_and_has_its_tag(schema: dict[str, Any]) -> None:
    told = {tag["name"] for tag in schema["tags"] if tag["description"]}
    for name, operation in operations(schema):
        assert operation["summary"].strip(), name
        assert operation["description"].strip(), name
        assert operation["tags"], name
        assert set(operation["tags"]) <= told, name
        for parameter in operation.get("parameters", ()):
            assert resolved(schema, parameter).get("description"), (name, parameter)
    used = {tag for _, operation in operations(schema) for tag in operation["tags"]}
    assert used == told


def test_ids_of_operations_are_words_and_each_is_of_one(schema: dict[str, Any]) -> None:
    ids = Counter(operation["operationId"] for _, operation in operations(schema))
    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in ids if not name.replace("_", "").isalpha()] == []


def test_every_body_has_an_example(schema: dict[str, Any]) -> None:
    missing = []
    for name, operation in operations(schema):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if not has_example(schema, content):
                missing.append(f"{name}: {media}")
        for status, answer in operation["responses"].items():
            for media, content in resolved(schema, answer).get("content", {}).items():
                if not has_example(schema, content) and media != "text/plain":
                    missing.append(f"{name}: {status} {media}")
    assert missing == []


def test_every_failure_is_a_problem_and_every_route_can_fail(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        failures = {status for status in operation["responses"] if status >= "4"}
        assert "403" in failures, name
        if not name.endswith((" /health", " /ready")):
            assert failures >= {"401", "403", "422", "429", "503"}, name
            assert operation["security"], name
        if "{" in name:
            assert "404" in failures, name
        if "requestBody" in operation:
            assert failures >= {"400", "413"}, name
        for status in failures:
            answer = resolved(schema, operation["responses"][status])
            assert answer["description"], (name, status)
            [(media, content)] = answer["content"].items()
            assert media == "application/problem+json", (name, status)
            assert content["example"]["status"] == int(status), (name, status)


def shapes(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for found in kind.__subclasses__():
        yield found
        yield from shapes(found)


@pytest.mark.parametrize("shape", [*shapes(Asked), *shapes(Told)], ids=lambda shape: shape.__name__)
def test_examples_are_what_they_show(shape: type[BaseModel]) -> None:
    extra: Any = shape.model_config.get("json_schema_extra") or {}
    for example in extra.get("examples", ()):
        made = shape.model_validate(example)
        assert made.model_fields_set == set(example)
