"""MemoryOS works when a hot topic is promoted once, reading goes through topics, and the store stays bounded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mnemic.bank import Bank
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Record
from mnemic.evolution.heat import ANALYSED, Heat
from mnemic.evolution.heat_promotion import HeatPromotion
from mnemic.evolution.topic_segments import TopicSegments
from mnemic.evolution.weakest_first import WeakestFirst
from mnemic.recipes import load_recipe

from .workbench import bank_at, current, log_of, model_of, seq_of

DEFAULT = Heat()
TOPICS = ("dogs", "boats", "bread")


def topic_of(text: str) -> str:
    return next((topic for topic in TOPICS if topic in text), "else")


def continues(asked: Mapping[str, Any]) -> dict[str, bool]:
    return {"continues": topic_of(asked["turns"][0]["text"]) == topic_of(asked["earlier"][-1]["text"])}


def find_topics(asked: Mapping[str, Any]) -> dict[str, Any]:
    topic = topic_of(asked["turns"][0]["text"])
    turns = [turn["alias"] for turn in asked["turns"]]
    return {"records": [{"title": topic, "text": f"They spoke of {topic}.", "turns": turns}]}


SCRIPTS = {"continues": continues, "find_topics": find_topics}


def talk(topic: str, turns: int, start: int = 0) -> list[dict[str, str]]:
    return [{"content": f"Something about {topic}, number {start + n}."} for n in range(turns)]


def with_heat(at: float, heat: Heat = DEFAULT, queue: int = 2) -> Recipe:
    """The recipe with other constants, as its LoCoMo run had others."""
    base = load_recipe("memory-os")
    rules = []
    for rule in base.evolution:
        stages = []
        for stage in rule:
            if isinstance(stage, TopicSegments):
                stage = replace(stage, queue=queue)
            elif isinstance(stage, HeatPromotion):
                stage = replace(stage, at=at, strength=heat)
            stages.append(stage)
        rules.append(type(rule)(tuple(stages)))
    return replace(base, name="memory-os-test", evolution=tuple(rules))


def heat_of(bank: Bank, topic: Record, heat: Heat) -> float:
    with bank.engine.view(bank.name) as view:
        return heat.weigh([view.get([topic.id])[topic.id]], view.now, view)[0]


def test_heat_follows_its_formula_and_promotes_once(tmp_path: Path) -> None:
    heat = Heat(visits=1.0, pages=0.5, recency=0.0)
    with bank_at(tmp_path / "x.db", with_heat(5.0, heat), SCRIPTS) as bank:
        bank.retain(talk("dogs", 6), session="s")
        (topic,) = current(bank, kinds=("topic",))
        assert heat_of(bank, topic, heat) == 0.5 * 4
        for visit in range(1, 4):
            bank.feedback("cited", [topic.derived_from[visit]])
            assert heat_of(bank, topic, heat) == 0.5 * 4 + visit
        assert not current(bank, kinds=("profile",))
        before = seq_of(bank)
        bank.retain(talk("dogs", 1, 6), session="s")
        (topic,) = current(bank, kinds=("topic",))
        assert topic.fields[ANALYSED] == {"visits": 3, "pages": 5}
        assert heat_of(bank, topic, heat) == 0.0
        assert len(current(bank, kinds=("profile",))) == 1
        facts = current(bank, kinds=("semantic",))
        assert facts
        # Counters are as they were: the reset is a note on the topic.
        assert sum(bank.get(page).stats.cited for page in topic.derived_from) == 3
        bank.retain(talk("dogs", 1, 7), session="s")
        promoted = [
            op for op in log_of(bank, before) if op.kind == "RETAG" and ANALYSED in op.changes.get("fields", {})
        ]
        assert len(promoted) == 1
        assert len(current(bank, kinds=("semantic",))) == len(facts)


def test_recency_counts_by_the_injected_clock(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", with_heat(99.0), SCRIPTS) as bank:
        bank.retain(talk("dogs", 4), session="s", at="2026-05-31T09:00:00")
        (topic,) = current(bank, kinds=("topic",))
        only = heat_of(bank, topic, Heat(0.0, 0.0, 1.0))
        assert only == pytest.approx(math.exp(-1.0), abs=0.01)


def test_pages_leave_the_queue_into_topics_and_each_page_into_one(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", with_heat(99.0, queue=3), SCRIPTS) as bank:
        for start, topic in enumerate(("dogs", "boats", "dogs", "bread")):
            bank.retain(talk(topic, 4, 4 * start), session="s")
        topics = {topic.value.split(":")[0]: topic for topic in current(bank, kinds=("topic",))}
        assert {name: len(topic.derived_from) for name, topic in topics.items()} == {"dogs": 8, "boats": 4, "bread": 1}
        short = [record for record in current(bank, kinds=("episodic",)) if record.tier == ""]
        assert [record.value for record in short] == [turn["content"] for turn in talk("bread", 3, 13)]
        pages = [page for topic in topics.values() for page in topic.derived_from]
        assert len(pages) == len(set(pages))
        hit = next(f.hit for f in bank.search("Which boats?", k=50) if f.record.id in topics["boats"].derived_from)
        assert hit.path == (topics["boats"].id, "child")
        assert {call.task for call in model_of(bank).calls} >= {"continues", "find_topics"}


def two_themes(asked: Mapping[str, Any]) -> dict[str, Any]:
    first, *rest = [turn["alias"] for turn in asked["turns"]]
    return {
        "records": [
            {"title": "dogs", "text": "They spoke of dogs.", "turns": [first]},
            {"title": "boats", "text": "They sailed.", "turns": rest},
        ]
    }


def test_as_coded_a_page_stands_in_every_topic_of_its_chain(tmp_path: Path) -> None:
    held = {}
    for name in ("memory-os", "memory-os:as-coded"):
        scripts = {"continues": lambda asked: {"continues": True}, "find_topics": two_themes}
        with bank_at(tmp_path / f"{name.replace(':', '-')}.db", name, scripts) as bank:
            bank.retain(talk("dogs", 14), session="s")
            held[name] = sorted(len(topic.derived_from) for topic in current(bank, kinds=("topic",)))
    assert held == {"memory-os": [1, 3], "memory-os:as-coded": [4, 4]}


def test_topics_are_bounded_and_the_least_used_goes_first(tmp_path: Path) -> None:
    base = with_heat(99.0, queue=1)
    cap = WeakestFirst(strength=Heat(pages=0.0, recency=0.01), kinds=("topic",), most=2)
    recipe = replace(base, evolution=(*base.evolution[:3], type(base.evolution[0])((base.evolution[3].items[0], cap))))
    with bank_at(tmp_path / "x.db", recipe, SCRIPTS) as bank:
        for start, topic in enumerate(("dogs", "boats")):
            bank.retain(talk(topic, 5, 5 * start), session="s")
        dogs, boats = sorted(current(bank, kinds=("topic",)), key=lambda topic: topic.id)
        bank.feedback("cited", [dogs.derived_from[0]])
        bank.retain(talk("bread", 12), session="s")
        names = {topic.value.split(":")[0] for topic in current(bank, kinds=("topic",))}
        assert names == {"dogs", "bread"}
        assert bank.get(boats.id).state == "archived"
        assert bank.get(boats.derived_from[0]).state == "active"
