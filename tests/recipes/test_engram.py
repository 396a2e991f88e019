"""ENGRAM works when a router decides what is extracted, and no kind pushes another out of what is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.core.pipeline import Recipe
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.asked_summary import AskedSummary
from mnemic.formation.per_session import PerSession
from mnemic.models.language.given import GivenExtractions
from mnemic.recipes.engram import RECIPE
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.per_kind import PerKind
from mnemic.retrieval.top import Top

from .locomo_bank import locomo
from .measured import answerable, open_with, recall_at
from .workbench import bank_at, current, fingerprint, model_of

ROUTES = {
    "We went to Porto in May.": ["episodic"],
    "I am allergic to nuts.": ["semantic"],
    "First soak the beans, then boil them; I love it.": ["semantic", "procedural"],
    "Good morning!": [],
}


def route(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The kinds of the table."""
    return {"kinds": ROUTES[inputs["turns"][0]["text"]]}


def typed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as the kind that was asked for."""
    told: dict[str, Any] = {"kind": inputs["kinds"][0]["name"], "text": inputs["turns"][0]["text"], "title": "A title"}
    return {"records": [told | ({"steps": ["soak", "boil"]} if told["kind"] == "procedural" else {})]}


def facts(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as a fact."""
    return {"records": [{"text": inputs["turns"][0]["text"]}]}


SCRIPTS = {"route": route, "extract_typed": typed, "extract_facts": facts}


def test_only_the_extractors_of_the_routed_kinds_are_asked(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        for text in ROUTES:
            bank.retain(text, session="s")
        made = sorted((record.kind, record.value) for record in current(bank))
        assert made == sorted((kind, text) for text, kinds in ROUTES.items() for kind in kinds)
        tasks = [call.task for call in model_of(bank).calls]
        assert tasks.count("route") == len(ROUTES)
        assert len(tasks) - len(ROUTES) == sum(map(len, ROUTES.values()))
        steps = next(record for record in current(bank, kinds=("procedural",)))
        assert steps.keys["said"].text.splitlines()[1:] == ["title: A title", "steps: soak, boil"]
        assert len(bank.events()) == len(ROUTES)


def test_the_same_input_twice_gives_equal_stores(tmp_path: Path) -> None:
    seen = set()
    for run in range(2):
        with bank_at(tmp_path / f"{run}.db", RECIPE, SCRIPTS) as bank:
            for text in ROUTES:
                bank.retain(text, session="s")
            seen.add(fingerprint(bank))
    assert len(seen) == 1


def test_on_given_facts_and_summaries_quotas_find_more_than_one_pool(tmp_path: Path) -> None:
    conversation = locomo()
    events = conversation.events
    sessions = PerSession() >> AskedSummary(kind="episodic") >> AskedRecords()
    both = ("episodic", "semantic")
    pooled = Dense(key="said", k=60) >> Top(24) >> WithinBudget()
    fan = Dense(key="said", kinds=both[:1]) | Dense(key="said", kinds=both[1:])
    recipe = Recipe(name="engram-given", summary="", formation=sessions, retrieval=pooled)
    model = GivenExtractions(events, conversation.extractions)
    with open_with(tmp_path / "x.db", "wordllama", model) as memory:
        bank = memory.bank("b", recipe=recipe)
        bank.retain(events)
        bank.close_sessions()
        read = {f"quota {k}": fan >> PerKind(quota=k) >> WithinBudget() for k in (5, 12, 25)}
        found = recall_at(bank, {"pooled": pooled, **read}, answerable(conversation, events, 80), k=24)
    assert found["quota 5"] <= found["quota 12"] <= found["quota 25"], found
    assert found["quota 12"] > found["pooled"], found
