"""A process killed while it switches a bank's recipe: the bank is as it was or as it will be, and the job goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Annotator
from mnemic.core.view import View
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.memory import Memory
from mnemic.recipes import load_recipe

from .test_kills import agrees, delays, killed, opened


@dataclass(frozen=True)
class Marked(Annotator):
    """Makes of every value another."""

    name: ClassVar[str] = "test_marked"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        return reworded(draft, f"{draft.value} (marked)")


BM25 = load_recipe("bm25")
ONCE = replace(BM25, name="once", formation=BM25.formation >> Marked(), evolution=(Chain.of(SkipDuplicates()),))
TURNS = [f"turn {i} about tea {i % 7}" for i in range(24)]
RECIPES = {"bm25": BM25, "once": ONCE}


def values(memory: Memory) -> list[str]:
    """What the bank remembers."""
    return sorted(r.value for r in memory.bank("anna").list(Where(), limit=100).records)


def test_killed_while_switching(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    expected = {}
    with opened(path) as memory:
        for name, recipe in RECIPES.items():
            made = memory.bank(f"fresh {name}", recipe)
            made.retain(TURNS)
            expected[name] = sorted(r.value for r in made.list(Where(), limit=100).records)
        memory.bank("anna", "bm25").retain(TURNS)
    assert expected["bm25"] != expected["once"]
    now, target, finished, resumed = "bm25", "once", 0, 0
    # A machine that is slow or busy gets further only with longer delays: they grow until both ends were met.
    for delay in [d * longer for longer in (1, 2, 4, 8) for d in delays(6, 0.6)[:16]]:
        if finished and resumed and delay > 0.6:
            break

        def switch(path: Path, note: Callable[[object], None], target: str = target) -> None:
            with opened(path) as memory:
                note(memory.switch("anna", RECIPES[target]).state)

        notes, _ = killed(switch, path, delay)
        with opened(path) as memory:
            assert memory.check() == []
            state, kept_by = memory.switching("anna"), memory.bank("anna").recipe.name
            assert kept_by == target or not notes, "acknowledged, and yet not done"
            assert kept_by in (now, target)
            assert values(memory) == expected[kept_by]
            assert [row.name for row in memory.banks()] == ["anna", "fresh bm25", "fresh once"]
            if kept_by == target:
                assert state is None
                now, target, finished = target, now, finished + 1
            elif state is not None:
                assert state.name == target
                resumed += 0 < state.done < state.total
    assert finished
    assert resumed
    with opened(path) as memory:
        memory.switch("anna", RECIPES[target])
        assert values(memory) == expected[target]
        assert len([row for row in memory.engine.store.banks() if "-" in row.name]) == 0
        agrees(memory, "anna")
