"""What OpenAPI says beside the routes' own shapes: tags, who may ask, and how each route fails.

Which failures a route can have follows from what it is: whether it reads a key, takes a body, names a bank or changes
one. So a new route is described by being there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.responses import Response

from mnemic.core.errors import BadInput, Conflict, Denied, NotFound, Outdated, StoreError, Unauthenticated
from mnemic.serve.problems import MEDIA, of_error, of_status

TAGS: Mapping[str, str] = {
    "banks": "Banks: which there are, what one holds and by which recipe, making one.",
    "events": "What was said, shown or done: in, and back word for word.",
    "reading": "Recall, search and answer, and what became of what was read.",
    "records": "What a bank makes of its events: look at it, change it, set it aside.",
    "labels": "What records are about, said by hand.",
    "browsing": "Looking through a bank: counts, times, words, links, costs.",
    "receipts": "Which records entered a context, and why.",
    "log": "The log of a bank: read it, compare two points, go back to one.",
    "whole banks": "Branches, archives, other embedders, other recipes.",
    "jobs": "Work that a worker does.",
    "quarantine": "What is kept back on its way in, by which rules, and what becomes of it.",
    "vault": "Secrets that are sealed: listed, revealed for a purpose, destroyed, rotated.",
    "erasure": "Erasing for good, and the signed receipts of it.",
    "access": "Who may do what: keys, grants and policies.",
    "audit": "Who did what, and whether its chains hold.",
    "recipes": "The architectures that are installed.",
    "health": "Whether the process lives and can serve, and its figures.",
}
_SAID = {
    "Recipient": ("X-Mnemic-Recipient", "Who will learn of what is read; policies and grants look at it."),
    "Purpose": ("X-Mnemic-Purpose", "What it is read for; policies and grants look at it."),
    "Reason": ("X-Mnemic-Reason", "A word for the audit."),
}
#: What is asked without a key.
_OPEN = frozenset({"/health", "/ready"})
_WAIT = {"description": "Seconds after which it is worth trying again.", "schema": {"type": "integer"}}
_FAILURES: Mapping[int, tuple[str, str, Response]] = {
    400: ("Malformed", "The body is no JSON, or the request cannot be read.", of_status(400, "body: is no valid JSON")),
    401: ("Unauthenticated", "No key or token came with it, or one that is unknown, spent or forged.",
          of_error(Unauthenticated("the key or token is unknown, spent or forged; ask whoever runs this store"))),
    403: ("Denied", "There is no grant for it, or it comes from a page of another site. A bank that is closed and one "
          "that is not there look the same to whoever has no grant.",
          of_error(Denied("recall: there is no grant to do this in bank 'anna'; ask whoever governs it"))),
    404: ("NotFound", "There is none of that name or id.",
          of_error(NotFound("record: bank 'anna' has none with id 'r1'"))),
    409: ("Conflict", "Another writer was faster, the change was refused, or the request of the same idempotency key "
          "is under way.", of_error(Conflict("bank: was written to meanwhile; try again"))),
    412: ("Outdated", "The record is not any more what it was.",
          of_error(Outdated("record: 'r1' was changed since it was read; read it again, then change it"))),
    413: ("TooLarge", "The body is larger than is taken, or it is more than a language model may be asked.",
          of_status(413, "the body is larger than 16,777,216 bytes, the most that is taken; send it in parts")),
    415: ("MediaType", "The body has a media type that is not taken.",
          of_status(415, "content-type: is 'text/plain'; send application/json")),
    422: ("BadInput", "It is not what the path takes, or makes no sense.",
          of_error(BadInput("limit: 0 is out of range; give a whole number from 1 to 10000"))),
    429: ("TooMany", "The sender has too many requests under way, or the bank's budget for models is spent.",
          of_status(429, "the sender has 32 requests under way already; try again in a second")),
    503: ("Unavailable", "The store, a model or the server cannot take it now.",
          of_error(StoreError("store: is locked by another process; try again"))),
}  # fmt: skip


def operation_id(route: APIRoute) -> str:
    """The id of an operation: the name of its function, which is the façade's name of the verb."""
    return route.name.rstrip("_")


def describe(app: FastAPI) -> None:
    """Have an application's OpenAPI tell of tags, keys and failures."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            _describe(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _describe(schema: dict[str, Any]) -> None:
    schema["tags"] = [{"name": name, "description": told} for name, told in TAGS.items()]
    parts = schema.setdefault("components", {})
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key (mnk_...), or a token of the provider."},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    parts["parameters"] = {
        name: {"name": header, "in": "header", "description": told, "schema": {"type": "string", "maxLength": 1000}}
        for name, (header, told) in _SAID.items()
    }
    shapes = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        shapes.pop(unused, None)
    shapes["Problem"] = _PROBLEM
    parts["responses"] = {name: _failure(status) for status, (name, _, _) in _FAILURES.items()}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            operation["summary"] = operation["description"].partition(".")[0].replace("\n", " ")
            operation["responses"].pop("422", None)
            for status in failures_of(path, method, operation):
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/{_FAILURES[status][0]}"}
            if path not in _OPEN:
                operation["security"] = [{"bearer": []}, {"key": []}, {}]
                said = [{"$ref": f"#/components/parameters/{name}"} for name in _SAID]
                operation.setdefault("parameters", []).extend(said)


def failures_of(path: str, method: str, operation: Mapping[str, Any]) -> list[int]:
    """The statuses with which an operation can fail.

    >>> failures_of("/health", "get", {}), failures_of("/v1/keys", "get", {"parameters": [{"name": "limit"}]})
    ([403], [401, 403, 422, 429, 503])
    """
    named = {parameter["name"] for parameter in operation.get("parameters", ())}
    behind, body = path not in _OPEN, "requestBody" in operation
    changes = method != "get"
    wanted = {
        400: body,
        401: behind,
        403: True,
        404: "{" in path or "bank" in named or (changes and body),
        409: changes and behind,
        412: "If-Match" in named,
        413: body,
        415: "application/json" in operation.get("requestBody", {}).get("content", ()),
        422: behind,
        429: behind,
        503: behind or path == "/ready",
    }
    return [status for status, comes in wanted.items() if comes]


def _failure(status: int) -> dict[str, Any]:
    _, told, answer = _FAILURES[status]
    example = from_json(bytes(answer.body))
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    out: dict[str, Any] = {"description": told, "content": content}
    if status in (429, 503):
        out["headers"] = {"Retry-After": _WAIT}
    return out


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:mnemic:problem:CODE; the same between versions."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "The last word of the type."},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "What is at fault, where that is known."},
        "remedy": {"type": "string", "description": "What to do about it, where that is known."},
        "errors": {
            "type": "array",
            "description": "All fields at fault, where there are several.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "example": from_json(bytes(_FAILURES[422][2].body)),
}
