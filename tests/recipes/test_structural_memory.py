"""Structural memory works when each structure stands beside the others, and each reading gives what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mnemic.bank import Bank
from mnemic.recipes import load_recipe
from mnemic.recipes.structural_memory import RECIPE

from .locomo_bank import asked, locomo, retain_all
from .workbench import bank_at, current, model_of

TALK = [
    "Anna met a sailor called Clemens.",
    "Clemens keeps his boat in Figueira.",
    "Ben bought a bicycle, the red one he had seen in spring.",
    "It rained all of Sunday.",
]
QUESTION = "Whom did Anna meet at the harbour?"


def facts(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"records": [{"text": turn["text"], "turns": [turn["alias"]]} for turn in inputs["turns"]]}


def triples(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Of each turn its first word and its last: the words between are lost."""
    out = []
    for turn in inputs["turns"]:
        said = turn["text"].strip(".").split()
        out.append({"head": said[0], "relation": said[1], "tail": said[-1], "turns": [turn["alias"]]})
    return {"records": out}


SCRIPTS = {"extract_facts": facts, "extract_triples": triples}


def talk(bank: Bank) -> None:
    bank.retain([{"role": "user", "actor": "Eva", "content": text} for text in TALK], session="s")
    bank.consolidate()


def test_four_structures_of_one_passage_stand_side_by_side(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        talk(bank)
        counts = {kind: len(current(bank, kinds=(kind,))) for kind in ("chunk", "triple", "fact", "summary")}
        assert counts == {"chunk": 1, "triple": 4, "fact": 4, "summary": 1}
        # No kind takes another one's place: all four are read.
        assert {found.record.kind for found in bank.search(QUESTION, k=10)} == set(counts)


@pytest.mark.parametrize(("preset", "kind"), [("chunks", "chunk"), ("triples", "triple"), ("facts", "fact")])
def test_a_preset_keeps_one_structure(tmp_path: Path, preset: str, kind: str) -> None:
    with bank_at(tmp_path / "x.db", load_recipe(f"structural-memory:{preset}"), SCRIPTS) as bank:
        talk(bank)
        assert {record.kind for record in current(bank)} == {kind}


def test_a_thought_brings_what_the_question_does_not_name(tmp_path: Path) -> None:
    thought = {"next_thought": lambda inputs: {"enough": False, "missing": ["Clemens keeps his boat somewhere"]}}
    with bank_at(tmp_path / "x.db", load_recipe("structural-memory:facts"), {**SCRIPTS, **thought}) as bank:
        talk(bank)
        single, rounds = (
            [found.record.value for found in bank.search(QUESTION, k=2, profile=profile)]
            for profile in ("single", "iterative")
        )
        assert "Clemens keeps his boat in Figueira." in rounds
        assert "Clemens keeps his boat in Figueira." not in single
        # The thought did not change, so the third round would have searched the same.
        assert sum(call.task == "next_thought" for call in model_of(bank).calls) == 2


def test_sources_show_words_that_a_triple_lost(tmp_path: Path) -> None:
    scripts = {**SCRIPTS, "extract_facts": lambda inputs: {"records": []}, "summarise": lambda inputs: {"text": ""}}
    with bank_at(tmp_path / "x.db", RECIPE, scripts) as bank:
        talk(bank)
        kinds = {found.record.kind for found in bank.search("What did Ben buy?", profile="sources")}
        assert kinds == {"chunk"}
        assert "red one" in bank.recall("What did Ben buy?", profile="sources").text


def test_the_sources_of_the_same_hits_hold_more_answers_than_the_triples(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation)
    said = {event.id: event.text for event in conversation.events}
    in_units = in_sources = 0
    with bank_at(tmp_path / "x.db", load_recipe("structural-memory:triples"), {}) as bank:
        retain_all(bank, conversation)
        for probe in probes:
            hits = bank.search(probe.question, k=10, asked_at=probe.asked_at)
            units = "\n".join(hit.record.value for hit in hits)
            sources = "\n".join(said[span.source] for hit in hits for span in hit.record.sources)
            in_units += probe.answer.casefold() in units.casefold()
            in_sources += probe.answer.casefold() in sources.casefold()
    assert in_sources > in_units


def test_grades_put_the_best_first_and_keep_no_more_than_twenty(tmp_path: Path) -> None:
    def bicycle(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "grades": [{"alias": p["alias"], "grade": 9 if "bicycle" in p["text"] else 2} for p in inputs["passages"]]
        }

    with bank_at(tmp_path / "x.db", load_recipe("structural-memory:facts"), {**SCRIPTS, "grade": bicycle}) as bank:
        for number in range(8):
            bank.retain([{"role": "user", "content": f"{text} {number}"} for text in TALK], session=f"s{number}")
        bank.consolidate()
        found = bank.search(QUESTION, k=100, profile="rerank")
        assert len(found) == 20
        assert all("bicycle" in one.record.value for one in found[:8])
