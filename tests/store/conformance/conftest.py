"""Every test of this folder runs on four stores: one file, one file a bank, PostgreSQL with and without pgvector."""

from __future__ import annotations

from pathlib import Path

import pytest

STORES = ("one-file", "file-a-bank", "postgres18", "postgres15")


@pytest.fixture(params=STORES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param.startswith("postgres"):
        return str(request.getfixturevalue(request.param))
    return str(tmp_path / "agent.db") if request.param == "one-file" else str(tmp_path / "banks") + "/"
