"""Stores as former releases wrote them: opened by this one they hold what they held, and take part in all that is new.

Each file of ``fixtures/`` was written by the release that knew no more than its schema: two banks and a branch, with
edits, labels, a record that was set aside, and receipts.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mnemic.memory import Memory
from mnemic.store.sqlite.schema import HEAD

FORMER = sorted((Path(__file__).parent / "fixtures").glob("schema-*.db.gz"))
SAID = {
    "anna0": "My name is anna and I moved to Lisbon last May.",
    "anna1": "I drink green tea in the morning.",
    "anna2": "My dentist appointment is on the third of June.",
    "anna3": "I live in Porto now.",
    "anna9": "The train to the coast leaves at seven.",
}


@pytest.fixture(params=FORMER, ids=lambda path: path.name.partition(".")[0])
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A store that a former release wrote."""
    path = tmp_path / "agent.db"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


def test_every_former_schema_is_tried() -> None:
    assert {f"schema-{n:04}.db.gz" for n in range(1, int(HEAD))} <= {path.name for path in FORMER}


def test_nothing_is_lost_and_everything_new_works(former: Path, opened: Callable[..., Memory]) -> None:
    memory = opened(former)
    assert memory.check() == []
    assert [row.name for row in memory.banks()] == ["anna", "ben", "what if"]
    anna = memory.bank("anna")
    assert {event.id: event.text for event in anna.events(limit=100)} == SAID
    assert "Reworded by hand." in [record.value for record in anna.list(limit=100).records]
    assert "dentist" in anna.recall("When is the dentist appointment?").text
    assert len(anna.receipts(limit=100)) == 2
    # The log alone still makes the same bank.
    memory.branch("anna", "copy")
    with memory.engine.store.snapshot("anna") as one, memory.engine.store.snapshot("copy") as other:
        assert one.fingerprint() == other.fingerprint()
    # What came with later schemas: answers and costs, notes, audit, jobs, erasure.
    assert anna.stats()["usage"]["write"]["calls"] == 0
    memory.enqueue("consolidate", "anna")
    assert [job.kind for job in memory.jobs("anna")] == ["consolidate"]
    receipt = anna.erase(["anna2"])
    assert receipt.clean
    assert "dentist" not in anna.recall("When is the dentist appointment?").text
    assert memory.check() == []


def test_a_store_is_upgraded_once_and_whole(former: Path, opened: Callable[..., Memory]) -> None:
    opened(former).close()
    with sqlite3.connect(former) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert version == HEAD
    ops = opened(former).bank("anna").stats()["ops"]
    assert opened(former).bank("anna").stats()["ops"] == ops
