"""The log is the bank: replayed into an empty store it gives an identical one (law 2)."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.core.chance import ManualClock
from mnemic.core.times import instant
from mnemic.memory import Memory

from .histories import step


def fingerprint(memory: Memory, bank: str) -> str:
    """The hash of all that a bank holds."""
    with memory.engine.store.snapshot(bank) as snapshot:
        return snapshot.fingerprint()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 1 << 30),
    steps=st.integers(1, 14),
    folder=st.booleans(),
    recipe=st.sampled_from(["default", "bm25"]),
)
def test_a_branch_of_any_history_is_identical(seed: int, steps: int, folder: bool, recipe: str) -> None:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        path = place + ("/banks/" if folder else "/agent.db")
        with mnemic.open(path, embedder="hashing", seed=seed) as memory:
            bank = memory.bank("anna", recipe=recipe)
            for _ in range(steps):
                step(bank, rng)
            memory.branch("anna", "copy")
            assert fingerprint(memory, "copy") == fingerprint(memory, "anna")
            assert memory.check() == []
            memory.export("anna", place + "/anna.zip")
            with mnemic.open(place + "/other.db", embedder="none") as other:
                other.import_bank(place + "/anna.zip", name="imported")
                assert fingerprint(other, "imported") == fingerprint(memory, "anna")
                assert other.check() == []


@pytest.mark.parametrize("seed", range(4))
def test_the_same_log_clock_and_seed_give_the_same_bytes(seed: int, tmp_path: Path) -> None:
    prints = []
    for name in ("one", "two"):
        rng = random.Random(seed)
        with mnemic.open(
            tmp_path / f"{name}.db", embedder="hashing", seed=5, clock=ManualClock(instant("2026-06-02"))
        ) as memory:
            bank = memory.bank("anna")
            for _ in range(12):
                step(bank, rng)
            prints.append(fingerprint(memory, "anna"))
    assert prints[0] == prints[1]


@pytest.mark.parametrize("seed", range(4))
def test_a_branch_at_every_seq_equals_the_log_cut_there(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    with mnemic.open(tmp_path / "agent.db", embedder="hashing", seed=seed) as memory:
        bank = memory.bank("anna")
        for _ in range(6):
            step(bank, rng)
        seq = memory.bank("anna").stats()["ops"]
        for at in range(0, seq + 1, 3):
            memory.branch("anna", f"at{at}", at=at)
            with memory.engine.view("anna", at) as past, memory.engine.view(f"at{at}") as cut:
                ids = cut.snapshot.index().ids
                assert past.snapshot.records(past.snapshot.index().ids).keys() == set(ids)
                for one, other in zip(past.get(ids).values(), cut.get(ids).values(), strict=True):
                    assert one.with_(bank="") == other.with_(bank="")
                assert {(e.src, e.rel, e.dst) for e in past.edges(ids)} == {
                    (e.src, e.rel, e.dst) for e in cut.edges(ids)
                }
        assert memory.check() == []
