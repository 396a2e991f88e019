"""MemoRAG works when a clue from the gist leads to a passage that the question alone does not lead to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.recipes.memo_rag import RECIPE

from .workbench import bank_at, current, model_of

FILLER = ["Which of the rivers runs to work each day, how does it get there?"] * 3


def clue(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the gist tells of Anna's way to work is searched for in its own words."""
    return {"queries": ["tram number 28 from Graça"] if "tram 28" in inputs["context"] else []}


def gist(inputs: Mapping[str, Any]) -> dict[str, Any]:
    said = " ".join(turn["text"] for turn in inputs["turns"])
    return {"text": "Anna rides tram 28." if "28" in said else "Talk of rivers."}


def test_a_clue_from_the_gist_leads_where_the_question_does_not(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"plan_queries": clue, "summarise": gist}) as bank:
        for number in range(24):
            bank.retain([{"role": "user", "actor": "Ben", "content": f"{text} {number}" * 4} for text in FILLER])
        bank.retain([{"role": "user", "actor": "Anna", "content": "The number 28 from Graça, always."}], session="t")
        bank.consolidate()
        question = "How does she get to work each day?"
        assert "Graça" in bank.recall(question, tokens=600).text
        assert "Graça" not in bank.recall(question, tokens=600, profile="question-alone").text
        # The gist is what was remembered, never what is shown.
        assert "Talk of rivers" not in bank.recall(question, tokens=600).text
        asked = [call.inputs for call in model_of(bank).calls if call.task == "plan_queries"]
        assert "Anna rides tram 28." in asked[0]["context"]


def test_every_passage_has_a_gist_and_rests_on_the_same_turns(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"summarise": gist}) as bank:
        bank.retain([{"role": "user", "content": f"Turn {i} " * 60} for i in range(12)], session="s")
        bank.consolidate()
        chunks, gists = (current(bank, kinds=(kind,)) for kind in ("chunk", "gist"))
        assert len(chunks) == len(gists) > 1
        assert [r.sources for r in chunks] == [r.sources for r in gists]
        count = bank.engine.models.counter().count
        assert all(count(record.value) <= 512 for record in chunks)
