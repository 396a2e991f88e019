"""Tells statements that would reach beyond one bank: the server itself says which partitions each would look into."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from mnemic.store.postgres.check import _QUESTIONS
from mnemic.store.postgres.schema import SPLIT
from mnemic.store.postgres.vectors import register

#: What looks at all banks of a store, on purpose: its check, and which banks have grown large.
_OF_ALL = {question.replace("%", "%%") for question in _QUESTIONS.values()}
_PLANNED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
#: A row that is laid down goes to the partition of the bank that it names.
_ROWS = re.compile(r"\s*INSERT INTO (\w+) (?:AS \w+ )?\(bank,")
_TABLE = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+({'|'.join(SPLIT)})\b")


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Statements about split tables that are sent meanwhile, each with the values of its first time."""
    sent: dict[str, Any] = {}
    execute = psycopg.Connection.execute

    def noted(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else query
        if isinstance(text, str) and _PLANNED.match(text) and _TABLE.search(text) and text not in _OF_ALL:
            sent.setdefault(text, params)
        return execute(self, query, params, **more)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", noted)
        yield sent


def beyond_one_bank(sent: dict[str, Any], dsn: str, *, pgvector: bool) -> list[str]:
    """Those of the statements that would look into more than one partition of a table."""
    found = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path TO mnemic, public")
        register(connection, pgvector=pgvector)
        for text, given in sent.items():
            (plan,) = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode(), given).fetchone() or ({},)
            if any(len(parts) > 1 for table, parts in _partitions(plan).items() if not _laid(text, table)):
                found.append(text)
    return found


def _laid(text: str, table: str) -> bool:
    rows = _ROWS.match(text)
    return rows is not None and rows[1] == table


def _partitions(plan: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    stack = [plan]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            table, _, part = str(node.get("Relation Name", "")).rpartition("_")
            if table in SPLIT and part.isdecimal():
                found[table].add(part)
            stack += node.values()
    return found
