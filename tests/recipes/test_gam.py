"""GAM works when a second page that only the first one leads to is found in a later round, and pages lose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mnemic.bench.metrics import coverage
from mnemic.recipes.gam import RECIPE

from .locomo_bank import asked, locomo, retain_all
from .workbench import bank_at, current, model_of

PAGES = {
    "s1": ["Anna met a sailor called Clemens at the harbour.", "It rained all day."],
    "s2": ["Clemens keeps his boat in Figueira.", "The paint came off."],
    "s3": ["Ben bought a bicycle.", "The chain is new."],
}
QUESTION = "Where is the boat of the man whom Anna met?"


def plan(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """First the page on Anna; the page on Clemens only once his name is known."""
    wanted = "Clemens keeps" if "Clemens" in inputs["need"] else "Anna met"
    return {"pages": [page["alias"] for page in inputs["map"] if wanted in page["text"]]}


def check(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"enough": "Figueira" in inputs["context"], "missing": ["Where does Clemens keep his boat?"]}


def filled(bank: Any) -> None:
    for session, turns in PAGES.items():
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in turns], session=session)
    bank.consolidate()


def integrate(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"notes": [{"alias": page["alias"], "text": page["text"].split("\n")[0]} for page in inputs["pages"]]}


def scripts(checked: Any) -> dict[str, Any]:
    return {"plan_research": plan, "check_enough": checked, "integrate": integrate}


def test_the_second_page_is_found_in_the_second_round_and_then_it_stops(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, scripts(check)) as bank:
        filled(bank)
        context = bank.recall(QUESTION)
        paths = {citation.record: context.why(citation.number)["path"] for citation in context.citations}
        assert "Figueira" in context.text
        assert sorted(path[0] for path in paths.values()) == ["round 1", "round 2"]
        assert sum(call.task == "plan_research" for call in model_of(bank).calls) == 2
        # A note rests on the turns whose words it repeats, not on the whole page.
        assert {len(citation.events) for citation in context.citations} == {1}


@pytest.mark.parametrize(("needs", "rounds"), [(["boat", "bicycle", "tea"], 3), (["boat", "boat"], 2)])
def test_it_searches_three_times_at_most_and_for_no_need_twice(tmp_path: Path, needs: list[str], rounds: int) -> None:
    def named(inputs: Mapping[str, Any]) -> dict[str, Any]:
        wanted = inputs["need"] if inputs["need"] in needs else "sailor"
        return {"pages": [page["alias"] for page in inputs["map"] if wanted in page["text"]]}

    never = [{"enough": False, "missing": [need]} for need in needs]
    with bank_at(tmp_path / "x.db", RECIPE, {**scripts(never), "plan_research": named}) as bank:
        filled(bank)
        assert len(bank.recall(QUESTION).citations) == rounds
        assert sum(call.task == "plan_research" for call in model_of(bank).calls) == rounds


@pytest.mark.parametrize("profile", [None, "pages", "one-shot"])
def test_every_turn_stands_in_a_page_word_for_word(tmp_path: Path, profile: str | None) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        filled(bank)
        pages = current(bank, kinds=("page",))
        said = [text for turns in PAGES.values() for text in turns]
        assert all(sum(f"Anna: {text}" in page.value.split("\n") for page in pages) == 1 for text in said)
        assert all(page.views["summary"] for page in pages)
        assert bank.recall(QUESTION, profile=profile).citations


def test_a_plan_that_names_unknown_pages_opens_none_of_them(tmp_path: Path) -> None:
    wild = {"plan_research": lambda inputs: {"pages": ["99", "-1", "x"]}, "check_enough": check}
    with bank_at(tmp_path / "x.db", RECIPE, wild) as bank:
        filled(bank)
        assert bank.recall(QUESTION).citations == ()


def test_research_finds_more_of_the_pages_than_one_search(tmp_path: Path) -> None:
    found: dict[str, list[float]] = {"pages": [], "one-shot": []}
    for number in (0, 1):
        conversation = locomo(number)
        with bank_at(tmp_path / f"{number}.db", RECIPE, {}) as bank:
            retain_all(bank, conversation)
            for probe in asked(conversation, "1", 60):
                for profile, shares in found.items():
                    hits = bank.search(probe.question, k=5, profile=profile, asked_at=probe.asked_at)
                    events = {span.source for hit in hits for span in hit.record.sources}
                    shares.append(coverage(events, probe.evidence))
    assert sum(found["pages"]) > sum(found["one-shot"])
