"""Rules of evolution that are run by several writers: each event is looked at once, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator, Progress, Trigger
from mnemic.core.view import View
from mnemic.engine.engine import Engine
from mnemic.memory import Memory
from mnemic.recipes.bm25 import RECIPE


@dataclass(frozen=True)
class EveryThree(Trigger):
    """Due after three events."""

    name: ClassVar[str] = "test_every_three"

    def due(self, progress: Progress) -> bool:
        return progress.events >= 3


@dataclass(frozen=True)
class Tally(Consolidator):
    """Notes from which seq on it looked."""

    name: ClassVar[str] = "test_tally"

    def run(self, view: View, since: int) -> Iterator[Op]:
        yield Op.add(Record(id=f"tally-{since}", kind="summary", value=f"since {since}"))


TALLYING = Recipe(
    name="tallying",
    summary="bm25 with a tally",
    formation=RECIPE.formation,
    evolution=(EveryThree() >> Tally(),),
    retrieval=RECIPE.retrieval,
)


def since(memory: Memory) -> dict[str, int]:
    """Up to where each rule has looked."""
    with memory.engine.store.snapshot("anna") as snapshot:
        return {rule: seq for rule, (seq, _) in snapshot.rules().items()}


def test_a_rule_runs_when_it_is_due_and_its_run_is_in_the_log(memory: Memory) -> None:
    bank = memory.bank("anna", recipe=TALLYING)
    bank.retain(["one", "two"])
    assert since(memory) == {}
    bank.retain("three")
    assert since(memory) == {"0:test_tally": bank.stats()["ops"]}
    bank.retain(["four", "five", "six", "seven"])
    assert [r.kind for r in bank.list().records].count("summary") == 2
    memory.branch("anna", "copy")
    memory.bank("copy").retain("eight")
    assert [r.kind for r in memory.bank("copy").list().records].count("summary") == 2


def test_what_another_writer_put_in_between_is_looked_at_next_time(
    opened: Callable[..., Memory], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, other = opened(where), opened(where)
    bank = memory.bank("anna", recipe=TALLYING)
    original = Engine._commit_ops
    raced: list[int] = []

    def racing(self: Engine, name: str, propose: Any, due: Any = None) -> Any:
        if due is None or self is not memory.engine or raced:
            return original(self, name, propose, due)

        def slow(view: Any) -> Any:
            ops = propose(view)
            raced.append(view.snapshot.seq)
            other.engine.retain("anna", RECIPE, [event("between")])
            return ops

        return original(self, name, slow, due)

    monkeypatch.setattr(Engine, "_commit_ops", racing)
    bank.retain(["one", "two", "three"])
    assert raced
    assert since(memory)["0:test_tally"] == raced[0]
    assert memory.check() == []


def test_two_writers_never_run_one_rule_over_the_same(
    opened: Callable[..., Memory], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, other = opened(where), opened(where)
    bank = memory.bank("anna", recipe=TALLYING)
    memory.engine.retain("anna", RECIPE, [event(text) for text in ("one", "two", "three")])
    store: Any = memory.engine.store
    original = type(store).transaction
    raced: list[Any] = []

    def racing(self: Any, name: str) -> Any:
        if self is store and not raced:
            raced.append(other.bank("anna").consolidate())
        return original(self, name)

    monkeypatch.setattr(type(store), "transaction", racing)
    bank.consolidate()
    assert raced[0].ops == 2
    assert [r.id for r in bank.list().records if r.kind == "summary"] == ["tally-0"]


def event(text: str) -> Any:
    """An event of one text."""
    from mnemic.core.evidence import Event, Part
    from mnemic.core.times import instant

    return Event(id=text, session="s", role="user", parts=(Part("text", text),), occurred_at=instant("2026-06-02"))
