"""MemoryBank works when what is rehearsed outlives the rest, and days fold into a summary and a portrait."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from mnemic.bank import Bank
from mnemic.core.chance import ManualClock
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Strength
from mnemic.core.view import View
from mnemic.evolution.newness import Newness
from mnemic.evolution.retention import Retention
from mnemic.evolution.triggers import OnSessionEnd
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.formation.index_text import IndexText
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.recipes import load_recipe

from .workbench import bank_at, current, log_of, seq_of

DAYS, A_DAY, ROOM = 30, 10, 60


@dataclass(frozen=True)
class AtRandom(Strength):
    """Chance alone."""

    name: ClassVar[str] = "at_random_in_tests"

    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        return [view.tools.rng.random() for _ in records]


def advance(bank: Bank, days: float) -> None:
    clock = bank.engine.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(days=days))


def facts_only(strength: Strength) -> Recipe:
    return replace(
        load_recipe("memory-bank"),
        name="facts",
        formation=PerTurn() >> TurnRecord() >> IndexText(key="said", previous=0),
        evolution=(Chain.of(OnSessionEnd()) >> WeakestFirst(strength=strength, most=ROOM),),
    )


def month(path: Path, strength: Strength) -> float:
    """The share of the facts that are asked for which are still there after a month; a tenth is asked for daily."""
    rng = random.Random(11)
    with bank_at(path, facts_only(strength), {}) as bank:
        wanted: dict[str, str] = {}
        for day in range(DAYS):
            lines = [{"content": f"Fact {day}-{n} is about thing{day * A_DAY + n}."} for n in range(A_DAY)]
            made = bank.retain(lines, session=f"day-{day}").records
            wanted[made[rng.randrange(A_DAY)]] = ""
            still = {record.id for record in current(bank)}
            for record_id in wanted:
                if record_id in still:
                    bank.feedback("cited", [record_id])
            bank.consolidate()
            assert len(current(bank)) <= ROOM
            advance(bank, 1)
        still = {record.id for record in current(bank)}
        return sum(record_id in still for record_id in wanted) / len(wanted)


def test_what_is_asked_for_outlives_fifo_and_chance_at_equal_size(tmp_path: Path) -> None:
    rehearsed = month(tmp_path / "r.db", Retention(days=5.0))
    oldest_first = month(tmp_path / "f.db", Newness())
    by_chance = month(tmp_path / "c.db", AtRandom())
    assert rehearsed > 0.95
    assert rehearsed > oldest_first + 0.3
    assert rehearsed > by_chance + 0.3


def test_a_cited_exchange_outlives_one_of_the_same_day_and_both_can_come_back(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "memory-bank", {}) as bank:
        talk = ["I have a dog called Rex.", "How nice!", "My sister paints boats.", "Lovely."]
        bank.retain([{"content": text} for text in talk], session="first", close=True)
        dog, sister = sorted(current(bank, kinds=("episodic",)), key=lambda record: record.id)
        bank.feedback("cited", [dog.id])
        advance(bank, 20)
        bank.retain([{"content": "Good morning."}, {"content": "Hello."}], session="second", close=True)
        bank.consolidate()
        assert bank.get(dog.id).state == "active"
        assert bank.get(sister.id).state == "archived"
        # The day's summary stays, and evidence stays: a forgotten exchange is out of default reads only.
        assert any("sister" in record.value for record in current(bank, kinds=("summary",)))
        assert bank.event(sister.sources[0].source).text == "My sister paints boats."
        everything = Where(states=("active", "archived"))
        assert sister.id in [found.record.id for found in bank.search("Who paints?", where=everything)]
        assert sister.id not in [found.record.id for found in bank.search("Who paints?")]
        assert bank.restore(sister.id).state == "active"


def test_reading_rehearses_nothing(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "memory-bank", {}) as bank:
        bank.retain([{"content": "I have a dog."}, {"content": "Nice."}], session="s", close=True)
        before = seq_of(bank)
        bank.recall("Which dog?")
        assert log_of(bank, before) == []


def test_days_fold_into_an_overall_summary_and_traits_into_a_portrait(tmp_path: Path) -> None:
    def fold(asked: Mapping[str, Any]) -> dict[str, str]:
        return {"text": f"{'traits' if 'traits' in asked['instruction'] else 'events'} {asked['count']}"}

    scripts = {"fold": fold}
    with bank_at(tmp_path / "x.db", "memory-bank", scripts) as bank:
        for day in (1, 2):
            lines = [{"content": f"Day {day}."}, {"content": "Yes."}]
            bank.retain(lines, session=f"s{day}", at=f"2026-05-0{day}", close=True)
            bank.consolidate()
        days = current(bank, kinds=("summary",))
        assert [record.labels[1] for record in days] == ["day=2026-05-01", "day=2026-05-02"]
        (overall,), (portrait,) = current(bank, kinds=("overall",)), current(bank, kinds=("profile",))
        assert set(overall.derived_from) == {day.id for day in days}
        assert portrait.value.startswith("traits")
        context = bank.recall("What happened?")
        assert [block.name for block in context.blocks][:2] == ["portrait", "overall"]
