"""Every test of this folder runs on four stores: one file, one file a bank, PostgreSQL with and without pgvector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.conformance.one_bank import beyond_one_bank, recorded

STORES = ("one-file", "file-a-bank", "postgres18", "postgres15")


@pytest.fixture(params=STORES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param.startswith("postgres"):
        return str(request.getfixturevalue(request.param))
    return str(tmp_path / "agent.db") if request.param == "one-file" else str(tmp_path / "banks") + "/"


@pytest.fixture(autouse=True)
def _no_statement_reaches_beyond_a_bank(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Whatever a test does on a server: every statement about a table that is split looks into one bank's part."""
    where = request.node.callspec.params.get("where", "") if hasattr(request.node, "callspec") else ""
    if not where.startswith("postgres"):
        yield
        return
    dsn = request.getfixturevalue(where)
    with recorded(monkeypatch) as sent:
        yield
    assert beyond_one_bank(sent, dsn, pgvector=where == "postgres18") == []
