"""A process killed at any moment: nothing acknowledged is lost, everything agrees, the next start needs no repair.

A child does one operation over and over and writes a line to a pipe after each call has returned; it is killed
without warning after a delay that is spread over what the operation takes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest

import mnemic
from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Key, Record
from mnemic.core.stage import Consolidator, Progress, Trigger
from mnemic.core.view import View
from mnemic.memory import Memory
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.recipes.default import RECIPE

Work = Callable[[Path, Callable[[object], None]], None]
ROUNDS = 50


@dataclass(frozen=True)
class Always(Trigger):
    """Due whenever something was said."""

    name: ClassVar[str] = "test_always"

    def due(self, progress: Progress) -> bool:
        return progress.events > 0


@dataclass(frozen=True)
class Digest(Consolidator):
    """One summary of what was said since the last run."""

    name: ClassVar[str] = "test_digest"

    def run(self, view: View, since: int) -> Iterator[Op]:
        from mnemic.core.reading import Where

        known = {source for r in view.scan(Where(kinds=("summary",))) for source in r.derived_from}
        fresh = [r.id for r in view.scan(Where(kinds=("episodic",))) if r.id not in known]
        if fresh:
            text = f"digest of {len(fresh)} turns"
            yield Op.add(
                Record(id=f"d-{fresh[0]}", kind="summary", value=text, keys={"words": Key(text)},
                       epistemic="inference", derived_from=tuple(fresh))
            )  # fmt: skip


DIGESTING = Recipe(
    name="digesting",
    summary="turns, and a digest of them",
    formation=RECIPE.formation,
    evolution=(Always() >> Digest(),),
    retrieval=RECIPE.retrieval,
)


class Other(HashingEmbedder):
    """Another space than that of the hashing embedder."""

    def __init__(self) -> None:
        super().__init__(dim=128)


def opened(path: Path, **options: object) -> Memory:
    """A memory of the store at a path."""
    return mnemic.open(path, **({"embedder": "hashing", "reranker": "overlap"} | options))  # type: ignore[arg-type]


def tell(pipe: int, note: object) -> None:
    """Say that a call has returned, and what it gave."""
    os.write(pipe, json.dumps(note).encode() + b"\n")


def killed(work: Work, path: Path, delay: float) -> tuple[list[object], bool]:
    """What a child acknowledged until it was killed after ``delay`` seconds, and whether it was still at it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            os.write(writing, b'"started"\n')
            work(path, partial(tell, writing))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        pipe.readline()
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        lines = pipe.read().split(b"\n")
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return [json.loads(line) for line in lines[:-1]], os.WIFSIGNALED(status)


def agrees(memory: Memory, *banks: str) -> None:
    """Log, rows and every index agree: by the store's own checks, and by replaying the log beside it."""
    assert memory.check() == []
    for bank in banks:
        memory.branch(bank, f"replay of {bank}")
        prints = []
        for name in (bank, f"replay of {bank}"):
            with memory.engine.store.snapshot(name) as snapshot:
                prints.append(snapshot.fingerprint())
        assert prints[0] == prints[1]


def delays(seed: int, longest: float) -> list[float]:
    """Delays spread evenly over ``longest`` seconds, each moved by chance, in the order of chance."""
    rng = random.Random(seed)
    spread = [longest * (i + rng.random()) / ROUNDS for i in range(ROUNDS)]
    rng.shuffle(spread)
    return spread


def test_killed_while_retaining(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    acknowledged: set[str] = set()

    def retain(path: Path, note: Callable[[object], None]) -> None:
        with opened(path) as memory:
            bank = memory.bank("anna")
            for i in range(10_000):
                texts = [{"id": f"{os.getpid()}-{i}-{j}", "content": f"turn {i} tea {j}"} for j in range(3)]
                note(list(bank.retain(texts, session=f"s{i % 3}").added))

    for delay in delays(1, 0.2):
        notes, _ = killed(retain, path, delay)
        acknowledged.update(event for added in notes if isinstance(added, list) for event in added)
        with opened(path) as memory:
            bank = memory.bank("anna")
            with memory.engine.store.snapshot("anna") as snapshot:
                held = snapshot.events(sorted(acknowledged))
                counts = snapshot.counters()
                assert snapshot.unformed(None) == []
            assert held.keys() == acknowledged
            assert counts["events"] == counts["records"]
            if acknowledged:
                assert bank.recall("tea").citations
    assert len(acknowledged) > 50
    with opened(path) as memory:
        agrees(memory, "anna")


def test_killed_while_consolidating(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with opened(path) as memory:
        memory.bank("anna", recipe=DIGESTING)
    told = 0

    def consolidate(path: Path, note: Callable[[object], None]) -> None:
        with opened(path) as memory:
            bank = memory.bank("anna")
            for i in range(10_000):
                # Behind the façade's back, so that the run that follows finds something to do.
                memory.engine.commit_events("anna", mnemic_events(i))
                note(bank.consolidate().ops)

    for delay in delays(2, 0.25):
        notes, _ = killed(consolidate, path, delay)
        told += sum(isinstance(note, int) and note > 0 for note in notes)
        with opened(path) as memory:
            bank = memory.bank("anna")
            bank.consolidate()
            records = bank.list(limit=10_000).records
            digested = [source for r in records if r.kind == "summary" for source in r.derived_from]
            assert len(digested) == len(set(digested))
            assert set(digested) == {r.id for r in records if r.kind == "episodic"}
            assert bank.consolidate().ops == 0
    assert told > 10
    with opened(path) as memory:
        agrees(memory, "anna")


def mnemic_events(i: int) -> list[mnemic.Event]:
    """Two events that no formation has seen."""
    from mnemic.core.times import instant

    return [
        mnemic.Event(
            id=f"{os.getpid()}-{i}-{j}", session="s", role="user", parts=(mnemic.Part("text", f"tea {i} {j}"),),
            occurred_at=instant("2026-06-02"),
        )
        for j in range(2)
    ]  # fmt: skip


def test_killed_while_reembedding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agent.db"
    # Small steps, so that there are many moments between two commits.
    monkeypatch.setattr("mnemic.engine.reembed.STEP", 8)
    embedders = [HashingEmbedder(), Other()]
    with opened(path, embedder=embedders[0]) as memory:
        memory.bank("anna").retain([f"turn {i} about tea {i % 7}" for i in range(120)])
        expected = [found.record.id for found in memory.bank("anna").search("tea 3")]
    current, finished = 0, 0
    for delay in delays(3, 0.3):
        target = 1 - current

        def reembed(path: Path, note: Callable[[object], None], target: int = target) -> None:
            with opened(path, embedder=embedders[target]) as memory:
                note(memory.reembed("anna").embedder)

        notes, _ = killed(reembed, path, delay)
        with opened(path, embedder=embedders[current]) as memory:
            name = memory.bank("anna").stats()["embedder"]
            assert memory.check() == []
            with memory.engine.store.snapshot("anna") as snapshot:
                space = memory.engine.store.space_by_id("anna", snapshot.row.space or 0)
        assert space is not None
        moved = space.fingerprint == embedders[target].spec.fingerprint
        assert moved or len(notes) == 0, f"acknowledged, and yet {name}"
        current = target if moved else current
        finished += moved
        with opened(path, embedder=embedders[current]) as memory:
            assert len(memory.bank("anna").search("tea 3")) == len(expected)
    assert 0 < finished < ROUNDS
    with opened(path, embedder=embedders[current]) as memory:
        agrees(memory, "anna")


def test_killed_while_importing(tmp_path: Path) -> None:
    path, archive = tmp_path / "agent.db", tmp_path / "anna.zip"
    with opened(tmp_path / "origin.db") as origin:
        origin.bank("anna").retain([f"turn {i} about tea {i % 7}" for i in range(60)])
        origin.export("anna", archive)
        with origin.engine.store.snapshot("anna") as snapshot:
            whole = snapshot.fingerprint()
    acknowledged: set[str] = set()
    cut = 0
    for number, delay in enumerate(delays(4, 0.3)):

        def bring(path: Path, note: Callable[[object], None], number: int = number) -> None:
            with opened(path) as memory:
                for i in range(10_000):
                    note(memory.import_bank(archive, name=f"{number}-{i}").name)

        notes, was_killed = killed(bring, path, delay)
        cut += was_killed
        acknowledged.update(str(note) for note in notes)
        with opened(path) as memory:
            banks = {row.name for row in memory.banks()}
            assert acknowledged <= banks
            for name in banks:
                if name.startswith(f"{number}-"):
                    with memory.engine.store.snapshot(name) as snapshot:
                        assert snapshot.fingerprint() == whole
    assert cut == ROUNDS
    assert acknowledged
    with opened(path) as memory:
        assert memory.check() == []
        assert "tea" in memory.bank(min(acknowledged)).recall("tea").text


def test_killed_while_exporting(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with opened(path) as memory:
        memory.bank("anna").retain([f"turn {i} about tea {i % 7}" for i in range(200)])

    def export(path: Path, note: Callable[[object], None]) -> None:
        with opened(path) as memory:
            for i in range(10_000):
                memory.export("anna", tmp_path / f"{os.getpid()}-{i}.zip")
                note(f"{os.getpid()}-{i}.zip")

    for delay in delays(5, 0.3)[:8]:
        notes, _ = killed(export, path, delay)
        found = {file.name for file in tmp_path.glob("*.zip")}
        assert {str(note) for note in notes} <= found
        for name in sorted(found)[-3:]:
            with opened(tmp_path / "other.db") as other:
                made = other.import_bank(tmp_path / name, name=f"{len(other.banks())}")
                assert made.stats()["events"] == 200
