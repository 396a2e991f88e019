"""MMAG works when the layer that ranks higher holds, and what falls due shows up on its day and on no other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mnemic.context.layered import Layer, Layered
from mnemic.core.errors import BadInput
from mnemic.core.experience import Episode, Step
from mnemic.core.list_view import ListView
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Hit, Query
from mnemic.core.record import Record
from mnemic.core.times import instant
from mnemic.recipes.mmag import RECIPE
from mnemic.retrieval.everything import Everything

from .workbench import bank_at, current

KINDS = ("profile", "event", "sensory", "episodic", "working")
#: Ranks of the layers, from what was written long ago to the task at hand.
RANKS = {"profile": 5, "event": 4, "episodic": 2, "sensory": 1, "working": 0}
PAIRS = [(low, high) for low in KINDS for high in KINDS if RANKS[high] < RANKS[low]] * 2
ABOUT = ("home", "job", "tea", "pet", "language")


@pytest.mark.parametrize(("number", "pair"), list(enumerate(PAIRS)))
def test_of_two_that_contradict_the_higher_layer_holds(number: int, pair: tuple[str, str]) -> None:
    attribute = ABOUT[number % len(ABOUT)]

    def told(kind: str) -> Record:
        fields = {"subject": "Anna", "attribute": attribute, "value": f"{kind} value"}
        return Record(id=kind, kind=kind, value=f"Anna's {attribute} is {kind} value.", fields=fields)

    view = ListView([told(kind) for kind in pair])
    layers = Chain.of(
        *(Layer(kind, Chain.of(Everything(kinds=(kind,))), rank=RANKS[kind]) for kind in KINDS),
    )
    query = Query(text="What?", asked_at=view.now, tokens=200)
    for rule in ("mark", "drop"):
        context = Layered(layers, conflicts=rule).build([], query, view)
        low, high = pair
        lines = context.text.splitlines()
        assert any(line.endswith(f"is {high} value.") for line in lines)
        marked = [line for line in lines if f"{low} value." in line]
        assert len(marked) == (rule == "mark")
        assert all(line.endswith(f"(overruled: {high} value, by {high})") for line in marked)


def test_layers_need_titles_of_their_own() -> None:
    with pytest.raises(BadInput, match="title of its own"):
        Layered(Layer("a") >> Layer("a"))
    with pytest.raises(BadInput, match="add up to more than 1"):
        Layered(Layer("a", least=0.6) >> Layer("b", least=0.6))


CALENDAR = (
    (3, "exam in algebra"),
    (3, "dentist"),
    (9, "flight to Porto"),
    (17, "birthday of Ben"),
    (25, "rent is due"),
)


def test_what_falls_due_shows_up_on_its_day_and_on_no_other(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        said = [f"On {day} June 2026 there is the {what}." for day, what in CALENDAR]
        said += ["Tea is nice.", "I walked by the river."]
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session="s", at="2026-05-20")
        bank.consolidate()
        for day in range(1, 29):
            at = instant("2026-06-01T08:00:00") + timedelta(days=day - 1)
            blocks = {block.name: block.text for block in bank.recall("Hello", asked_at=at, tokens=2000).blocks}
            expected = [what for due, what in CALENDAR if due in (day, day + 1)]
            shown = blocks.get("due", "").splitlines()
            assert sorted(what for what in expected if any(what in line for line in shown)) == sorted(expected)
            assert len(shown) == len(expected)


def test_surroundings_are_shown_and_scratch_goes_when_the_task_ends(tmp_path: Path) -> None:
    def nothing(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"records": []}

    with bank_at(tmp_path / "x.db", RECIPE, {"extract_facts": nothing}) as bank:
        bank.retain([{"role": "context", "content": "It is 31 degrees in Faro."}], session="s")
        bank.retain([{"role": "scratch", "content": "Step 1 of the plan is done."}], session="s")
        bank.retain([{"role": "user", "actor": "Anna", "content": "Shall we go out?"}], session="s")
        blocks = {block.name: block.text for block in bank.recall("What now?").blocks}
        assert "31 degrees" in blocks["surroundings"]
        assert "Step 1" in blocks["working"]
        bank.retain(Episode(id="task", task="plan", steps=(Step(action="done"),), reward=1.0))
        assert not current(bank, kinds=("working",))
        assert "working" not in {block.name for block in bank.recall("What now?").blocks}


def test_hits_of_unknown_records_are_left_out() -> None:
    view = ListView([Record(id="r0", kind="note", value="Tea")])
    layered = Layered(Chain.of(Layer("all")))
    hits = [Hit("gone", 2.0, "dense"), Hit("r0", 1.0, "dense")]
    assert layered.build(hits, Query(text="", asked_at=view.now), view).text == "[1] Tea"
