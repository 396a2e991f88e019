"""A process killed while it seals a bank: the bank is in clear or sealed, the same either way, and the work goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mnemic.core.errors import BadInput
from tests.store.test_kills import delays, killed

from .sealed_banks import files_of, fingerprint, found, live, opened

WORD = "Quaxwell"


def _seal(path: Path, note: Callable[[object], None]) -> None:
    with opened(path) as memory:
        memory.seal("b")
        note("sealed")


def test_killed_while_sealing(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with opened(path) as memory:
        bank = memory.bank("b")
        live(bank, WORD)
        bank.retain([f"turn {i} about the {WORD} and tea {i % 7}" for i in range(150)], session="long")
        before = fingerprint(bank)
    met: set[str] = set()
    # One machine is done sooner, another gets further only with longer delays: they vary until every end was met.
    for delay in [d * longer for longer in (1, 0.2, 2, 0.05, 4, 8) for d in delays(3, 1.0)[:14]]:
        if met == {"clear", "sealed", "done"}:
            break
        notes, _ = killed(_seal, path, delay)
        with opened(path) as memory:
            assert memory.check() == []
            assert fingerprint(memory.bank("b")) == before
            sealed = bool(memory.banks()[0].sealed)
            assert sealed or not notes, "acknowledged, and yet not done"
            met.add("clear" if not sealed else "done" if notes else "sealed")
            if not notes:
                # What was broken off goes on; what was done but not told is done.
                try:
                    memory.seal("b")
                except BadInput:
                    assert sealed
            assert found(files_of(tmp_path), WORD) == set()
            assert fingerprint(memory.bank("b")) == before
            memory.unseal("b")
    assert met >= {"clear", "done"}
