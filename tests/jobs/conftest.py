"""Jobs on every store: one file, one file a bank, PostgreSQL 18 and 15, and banks routed to two servers."""

from __future__ import annotations

from pathlib import Path

import pytest

import mnemic
from mnemic.store.routed import RoutedStore
from tests.servers import Server

EMBEDDED = ("one-file", "file-a-bank")
#: Every kind of queue, and what it lies in.
STORES = (*EMBEDDED, "postgres18", "postgres15", "routed")


def store_at(name: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of a store that is not there yet."""
    if name in EMBEDDED:
        return str(folder / "agent.db") if name == "one-file" else str(folder / "banks") + "/"
    if name.startswith("postgres"):
        return _fresh(name, request)
    # Jobs lie with the directory, on neither of the servers of banks.
    database = _fresh("postgres18", request)
    address = f"directory+{database}?schema=directory"
    with mnemic.open(address, embedder="hashing", reranker="overlap") as memory:
        store = memory.engine.store
        assert isinstance(store, RoutedStore)
        store.directory.add("one", f"{database}?schema=one")
        store.directory.add("two", _fresh("postgres15", request))
    return address


def _fresh(name: str, request: pytest.FixtureRequest) -> str:
    server: Server = request.getfixturevalue(name.replace("postgres", "server"))
    return server.fresh()


@pytest.fixture(params=STORES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store without banks."""
    return store_at(request.param, request, tmp_path)
