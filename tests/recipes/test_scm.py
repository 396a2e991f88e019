"""SCM works when small talk costs no context, and a budget is spent on what answers, as shortly as it can be told."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .workbench import bank_at, model_of

SMALL_TALK = ("Hello there!", "Thanks a lot!", "Good morning.", "Bye!", "Okay.")
THINGS = ("bicycle", "violin", "garden", "boat", "kettle", "lamp", "clock", "chair", "coat", "map")
FILLER = "and then we went on talking about the weather and the neighbours and the price of bread " * 4


def turn(number: int) -> str:
    thing = THINGS[number % 10]
    return f"About the {thing}: {FILLER} the {thing} costs {100 + number} crowns. {FILLER}"


def shorten(asked: Mapping[str, Any]) -> dict[str, str]:
    """What stands between the fillers."""
    (line,) = asked["turns"]
    return {"text": line["text"].replace(FILLER.strip(), "").replace("  ", " ")[:150]}


def helps(asked: Mapping[str, Any]) -> dict[str, Any]:
    """By the thing that is asked about."""
    thing = asked["question"].split()[-1].removesuffix("?")
    return {"chosen": [o["alias"] for o in asked["options"] if f"{thing} costs" in o["text"]]}


def test_small_talk_costs_nothing_and_questions_cost_no_recall(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "scm", {}) as bank:
        bank.retain([{"content": f"The {thing} is in room {n}."} for n, thing in enumerate(THINGS)], session="s")
        spent = [bank.recall(SMALL_TALK[n % 5]).tokens for n in range(50)]
        assert sum(spent) == 0
        for n, thing in enumerate(THINGS):
            text = bank.recall(f"Where is the {thing}?").text
            assert f"room {n}" in text


def test_more_answers_in_the_same_budget_than_whole_turns(tmp_path: Path) -> None:
    found = {}
    for recipe in ("scm", "dense"):
        with bank_at(tmp_path / f"{recipe}.db", recipe, {"summarise": shorten, "choose": helps}) as bank:
            bank.retain([{"content": turn(number)} for number in range(30)], session="s")
            found[recipe] = 0
            for thing in range(10):
                context = bank.recall(f"What did they ask for the {THINGS[thing]}?", tokens=450)
                assert context.tokens <= 450
                found[recipe] += all(str(100 + number) in context.text for number in range(thing, 30, 10))
    assert found["scm"] == 10
    assert found["dense"] == 0


def test_lines_stand_in_time_order_whatever_their_score(tmp_path: Path) -> None:
    rng = random.Random(2)
    days = list(range(1, 29))
    rng.shuffle(days)
    with bank_at(tmp_path / "x.db", "scm", {}) as bank:
        for day in days:
            text = f"The lamp was lit {day} times."
            bank.retain([{"content": text}], session=f"s{day}", at=f"2026-05-{day:02d}")
        context = bank.recall("How often was the lamp lit?", tokens=200)
        stamps = [citation.when for citation in context.citations if citation.when]
        assert len(stamps) > 3
        assert stamps == sorted(stamps)


def test_nothing_is_judged_when_everything_fits(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "scm", {}) as bank:
        bank.retain([{"content": "The lamp is lit."}, {"content": "The boat is old."}], session="s")
        bank.recall("How old is the boat?", tokens=500)
        assert [call.task for call in model_of(bank).calls].count("choose") == 0
        # A controller that says no keeps even a good match out.
        model_of(bank).scripts = {"need_memory": lambda asked: {"need": False}}
        assert bank.recall("How old is the boat?").text == ""
