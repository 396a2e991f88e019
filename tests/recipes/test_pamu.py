"""PAMU works when it follows a change of style fast, stays calm without one, and says something new only then."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from statistics import pvariance
from typing import Any

import pytest

from mnemic.evolution.style_preference import StylePreference, instruction

from .workbench import bank_at, current

FORMAL = "Would you kindly provide the report regarding the request, sir."
CASUAL = "hey yeah that's cool stuff, gotta go, lol!"


def follow(values: Sequence[dict[str, list[float]]], **settings: Any) -> list[dict[str, Any]]:
    rule, state = StylePreference(**settings), dict[str, Any]()
    states = []
    for value in values:
        state = rule.step(state, value)
        states.append(state)
    return states


def noisy_step(seed: int) -> list[dict[str, list[float]]]:
    rng = random.Random(seed)
    return [{"formality": [(0.2 if turn < 20 else 0.8) + rng.gauss(0, 0.05)]} for turn in range(40)]


def test_four_turns_reach_four_fifths_of_a_step() -> None:
    values = [{"formality": [0.2 if turn < 20 else 0.8]} for turn in range(40)]
    states = follow(values)
    goal = 0.2 + 0.8 * 0.6
    assert states[23]["fused"]["formality"][0] >= goal
    assert states[23]["slow"]["formality"][0] < goal


@pytest.mark.parametrize("seed", range(5))
def test_without_a_step_it_is_calmer_than_the_short_mean(seed: int) -> None:
    values = noisy_step(seed)
    flat = follow(values)[5:20]
    short = [sum(v["formality"][0] for v in values[t - 2 : t + 1]) / 3 for t in range(5, 20)]
    assert pvariance([state["fused"]["formality"][0] for state in flat]) < pvariance(short)


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_seen_within_three_turns_and_nothing_before(seed: int) -> None:
    states = follow(noisy_step(seed))
    assert not any(state["changed"] for state in states[:20])
    assert any(state["changed"] for state in states[20:23])


def test_one_label_taking_anothers_place_is_a_change_but_not_in_the_published_form() -> None:
    swap = [{"tone": [0.8, 0.1, 0.1] if turn < 20 else [0.1, 0.8, 0.1]} for turn in range(26)]
    assert any("tone" in state["changed"] for state in follow(swap)[20:23])
    published = follow(swap, published=True)
    assert published[20]["fused"]["tone"] != published[19]["fused"]["tone"]
    # Right after the first turns, while its mean climbs from nothing, everything is a change.
    formality = follow([{"formality": [0.6]}] * 6, published=True)
    assert formality[1]["changed"] == ["formality"]
    assert not any(state["changed"] for state in follow([{"formality": [0.6]}] * 6))


def test_the_sentence_changes_only_when_a_bin_does() -> None:
    fused: dict[str, list[float]] = {"tone": [0, 0, 0, 1], "emotion": [0, 0, 0, 0, 1]}
    fused |= {"length": [0.1], "density": [0.4], "formality": [0.5]}
    same = instruction(fused)
    assert instruction({**fused, "formality": [0.7], "length": [0.27], "density": [0.31]}) == same
    assert instruction({**fused, "formality": [0.76]}) != same


def test_the_style_stands_first_and_follows_the_user(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "pamu", {}) as bank:
        for _ in range(4):
            bank.retain([{"content": FORMAL}, {"role": "assistant", "content": CASUAL}], session="s")
        context = bank.recall("Where is the report?", tokens=200)
        assert context.blocks[0].name == "style"
        assert "answer formally" in context.blocks[0].text
        for _ in range(4):
            bank.retain(CASUAL, session="s")
        (style,) = current(bank, kinds=("preference",))
        assert "answer informally" in style.value
        reasons = [entry.entry.op.reason for entry in bank.history(style.id)]
        assert any("formality" in reason for reason in reasons[4:])
        assert set(reasons[:4]) == {"refreshed"}
        # It rests on the turns that it was read from.
        assert [bank.event(span.source).text for span in style.sources][-1] == CASUAL


def test_one_batch_and_single_turns_come_to_the_same(tmp_path: Path) -> None:
    talk = [{"content": text, "id": f"e{i}"} for i, text in enumerate([FORMAL, CASUAL, FORMAL, "Rex barks.", CASUAL])]
    found = []
    for name in ("single", "batch"):
        with bank_at(tmp_path / f"{name}.db", "pamu", {}) as bank:
            for part in [[turn] for turn in talk] if name == "single" else [talk]:
                bank.retain(part, session="s")
            found.append(current(bank, kinds=("preference",))[0].value)
    assert found[0] == found[1]
