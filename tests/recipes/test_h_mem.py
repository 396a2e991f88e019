"""H-MEM works when its labels lead to the evidence, and what they hide is found all the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.core.list_view import ListView
from mnemic.core.reading import Query, Sub
from mnemic.recipes.h_mem import BEAM, RECIPE

from .given_bank import given_bank
from .locomo_bank import asked, covered, locomo
from .workbench import bank_at, current

#: Word that gives a turn away, and where it is filed.
SHELVES = {
    "train": ("travel", "rail"),
    "ferry": ("travel", "sea"),
    "soup": ("food", "cooking"),
    "bread": ("food", "baking"),
    "cello": ("music", "strings"),
    "choir": ("music", "voices"),
}


def file_under(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Where the turn's word says; "wrongly" files a turn under music."""
    text = inputs["turns"][0]["text"]
    domain, category = next(shelf for word, shelf in SHELVES.items() if word in text)
    if "wrongly" in text:
        domain, category = "music", "other"
    return {"records": [{"text": text, "domain": domain, "category": category, "trace": text[:40]}]}


def told() -> list[str]:
    return [f"The {word} number{n} was fine" for n in range(4) for word in SHELVES]


def test_four_layers_and_a_walk_down_through_them(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"label_episode": file_under}) as bank:
        for text in told():
            bank.retain(text, session="s")
        labels = current(bank, kinds=("label",))
        assert sorted(r.value for r in labels if r.tier == "level-1") == ["food", "music", "travel"]
        assert sorted(r.value for r in labels if r.tier == "level-2") == sorted(c for _, c in SHELVES.values())
        with bank.engine.view(bank.name) as view:
            text = "food cooking The soup number2 was fine"
            hits = BEAM.search(Sub(text=text), Query(text=text, asked_at=view.now), view)
            best = view.get([hits[0].id])[hits[0].id]
        assert best.value == "The soup number2 was fine"
        assert len(hits[0].path) == 6


def test_what_is_filed_wrongly_is_found_by_the_flat_search(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"label_episode": file_under}) as bank:
        for text in (*told(), "The ferry wrongly left number77"):
            bank.retain(text, session="s")
        assert "number77" in bank.recall("Which ferry left number77?", tokens=60).text


def test_an_approved_episode_comes_before_one_that_was_wrong(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"label_episode": file_under}) as bank:
        for text in ("The soup was fine with salt", "The soup was fine with sage"):
            bank.retain(text, session="s")
        salt, sage = (record.id for record in current(bank, kinds=("episodic",)))
        for _ in range(2):
            bank.feedback("wrong", [salt])
            bank.feedback("correct", [sage])
        assert [found.record.id for found in bank.search("How was the soup?", k=2)] == [sage, salt]


def test_a_view_without_labels_finds_nothing_by_the_tree() -> None:
    assert BEAM.search(Sub(text="x"), Query(text="x", asked_at=ListView([]).now), ListView([])) == []


def test_on_locomo_tree_and_flat_search_together_find_no_less_than_the_flat_one(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, most=150)
    with given_bank(tmp_path / "x.db", RECIPE, conversation) as bank:
        both, flat = (covered(bank, probes, profile=profile) for profile in (None, "flat"))
    assert both >= 0.95 * flat
