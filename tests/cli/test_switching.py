"""``switch``, ``answer`` and ``recipes``, as a person uses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnemic.core.errors import ModelFailure
from mnemic.engine import reform

from .conftest import Command


@pytest.fixture
def filled(mnemic: Command, chat: Path) -> Command:
    assert mnemic("retain", str(chat), "--recipe", "bm25").code == 0
    return mnemic


def test_a_switch_says_what_it_did_and_the_bank_reads_by_the_new_recipe(filled: Command) -> None:
    told = filled("switch", "hybrid", "--json").json
    assert (told["state"], told["recipe"], told["events"], told["records"]) == ("done", "hybrid", 3, 3)
    assert filled("stats", "--json").json["recipe"] == "hybrid"
    assert "Lisbon" in filled("recall", "Where did we move?").out
    assert "No switch is under way" in filled("switch", "--status").out
    assert filled("switch").code == 2
    assert filled("switch", "nothing").code == 3


def test_choosing_a_recipe_says_how_the_rest_gets_it(filled: Command, chat: Path) -> None:
    out = filled("retain", str(chat), "--recipe", "hybrid").out
    assert "mnemic switch hybrid" in out
    assert "stays as bm25 made it" in out
    assert "switch" not in filled("retain", str(chat)).out


def test_broken_off_it_tells_how_far_it_is_and_goes_on(filled: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    original: Callable[..., Any] = reform._Job.finish

    def down(self: Any) -> Any:
        raise ModelFailure("the endpoint is down")

    monkeypatch.setattr(reform._Job, "finish", down)
    paused = filled("switch", "hybrid")
    assert paused.code == 8
    assert "paused: the endpoint is down" in paused.out
    status = filled("switch", "--status", "--json").json
    assert (status["state"], status["to"], status["recipe"], status["total"]) == ("under way", "hybrid", "bm25", 3)
    assert "Lisbon" in filled("recall", "Where did we move?").out
    assert [row["bank"] for row in filled("banks", "--json").json["banks"]] == ["default"]
    monkeypatch.setattr(reform._Job, "finish", original)
    assert filled("switch").code == 0
    assert filled("switch", "--give-up").out.startswith("No switch is under way")


def test_an_answer_without_a_model_says_that_none_answered(filled: Command) -> None:
    out = filled("answer", "Where is the coffee drunk?").out
    assert "no language model answered" in out
    assert "balcony" in out
    assert "The memory does not tell" in filled("answer", "xyzzy").out


def test_a_preset_is_shown_by_its_full_name(mnemic: Command) -> None:
    shown = mnemic("recipes", "show", "mem0:graph", "--json").json["recipe"]
    assert shown["name"] == "mem0:graph"
    assert "mem0:graph" in shown["presets"]
    assert shown["tasks"]
    assert shown["calls"]["write"] != "0"
