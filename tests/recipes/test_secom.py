"""SeCom works when segments are found under compressed keys and shown word for word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.core.errors import Malformed
from mnemic.core.pipeline import Chain
from mnemic.formation.index_text import IndexText
from mnemic.formation.segment_record import SegmentRecord
from mnemic.formation.turn_window import TurnWindow
from mnemic.recipes import load_recipe
from mnemic.recipes.secom import RECIPE

from .locomo_bank import asked, covered, locomo, retain_all
from .workbench import bank_at, current

TURNS = [
    "I have been thinking that we should really go to the lake near Porto on 3 May.",
    "That is a very good idea, and I will bring the boat with me.",
    "By the way, did you know that the new algebra teacher is called Mrs Silva?",
    "No, I did not know that, but I have heard of her before.",
]


def two_topics(inputs: Mapping[str, Any]) -> dict[str, Any]:
    cut = [[turn["alias"] for turn in inputs["turns"]][i : i + 2] for i in range(0, len(inputs["turns"]), 2)]
    return {"records": [{"title": f"t{i}", "text": "x", "turns": turns} for i, turns in enumerate(cut)]}


def test_the_key_is_compressed_and_the_value_is_what_was_said(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"find_topics": two_topics}) as bank:
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in TURNS], session="s")
        bank.consolidate()
        segments = current(bank, kinds=("segment",))
        assert [record.value.split("\n") for record in segments] == [
            [f"Anna: {text}" for text in TURNS[:2]],
            [f"Anna: {text}" for text in TURNS[2:]],
        ]
        for record in segments:
            key, said = record.keys["said"].text.split(), record.value.split()
            assert len(key) < len(said)
            assert {"Porto", "May."} <= set(key) or "Silva?" in key
        assert "3 May" in bank.recall("When to the lake?").text


def test_an_answer_that_cannot_be_read_gives_groups_of_three_exchanges(tmp_path: Path) -> None:
    def unreadable(inputs: Mapping[str, Any]) -> dict[str, Any]:
        raise Malformed("answer to 'find_topics': no JSON in it")

    with bank_at(tmp_path / "x.db", RECIPE, {"find_topics": unreadable}) as bank:
        said = [f"Turn {i} of the talk" for i in range(14)]
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session="s")
        bank.consolidate()
        assert [len(record.sources) for record in current(bank, kinds=("segment",))] == [6, 6, 2]


def test_the_published_code_keeps_more_of_the_words(tmp_path: Path) -> None:
    sizes = []
    for name in ("secom", "secom:as-coded"):
        with bank_at(tmp_path / f"{name[-3:]}.db", load_recipe(name), {"find_topics": two_topics}) as bank:
            bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in TURNS], session="s")
            bank.consolidate()
            sizes.append(sum(len(r.keys["said"].text) for r in current(bank, kinds=("segment",))))
    assert sizes[0] < sizes[1]


def test_segments_by_bm25_cover_more_than_whole_sessions(tmp_path: Path) -> None:
    conversation = locomo(0)
    sessions = Chain.of(TurnWindow(size=1000), SegmentRecord(kind="segment"))
    key = IndexText(key="said", date=False, speaker=False, previous=0)
    figures = {}
    for name, formation in (("segments", RECIPE.formation), ("sessions", sessions >> key)):
        recipe = replace(RECIPE, name=name, formation=formation)
        with bank_at(tmp_path / f"{name}.db", recipe, {}) as bank:
            retain_all(bank, conversation)
            figures[name] = covered(bank, asked(conversation), profile="lexical")
    assert figures["segments"] > figures["sessions"]
