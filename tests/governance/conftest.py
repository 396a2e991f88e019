"""The doors on the embedded store's layouts, and where a test says so on PostgreSQL too."""

from __future__ import annotations

from pathlib import Path

import pytest

LAYOUTS = ("one-file", "file-a-bank")
#: For what stands or falls with how a store keeps what is sealed, kept back or erased.
ON_EVERY_ENGINE = pytest.mark.parametrize("where", [*LAYOUTS, "postgres18"], indirect=True)


@pytest.fixture(params=LAYOUTS)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "postgres18":
        return str(request.getfixturevalue("postgres18"))
    return str(tmp_path / "agent.db") if request.param == "one-file" else str(tmp_path / "banks") + "/"
