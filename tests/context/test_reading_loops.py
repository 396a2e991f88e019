"""Reading loops: a reader asks for more, then answers; contexts outlive failing models; answers say whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mnemic
from mnemic.bank import Bank
from mnemic.context.iterative_reader import IterativeReader
from mnemic.core.errors import BadInput, ModelFailure
from mnemic.core.pipeline import Chain, Recipe
from mnemic.recipes import load_recipe
from mnemic.retrieval.lexical import Lexical

from ..recipes.workbench import bank_at, memory_at, model_of

BM25 = load_recipe("bm25")
SHORT = replace(BM25, name="short", retrieval=Chain.of(Lexical(key="turn", k=1), BM25.retrieval.items[-1]))
READING = replace(SHORT, name="reading", retrieval=SHORT.retrieval >> IterativeReader(rounds=2))
TALK = ("I met Clara at the market.", "Clara lives in Porto.", "Porto has six bridges.", "It rained all week.")


def fill(bank: Bank) -> None:
    bank.retain([{"role": "user", "content": text, "id": f"e{i}"} for i, text in enumerate(TALK)], at="2026-05-01")


def enough(inputs: Mapping[str, Any]) -> dict[str, Any]:
    for known, missing in (("Clara lives", "Clara lives where"), ("bridges", "bridges of Porto")):
        if known not in inputs["context"]:
            return {"enough": False, "missing": [missing]}
    return {"enough": True, "missing": []}


def told(inputs: Mapping[str, Any]) -> dict[str, Any]:
    cited = [line["alias"] for line in inputs["lines"] if "bridges" in line["text"]]
    return {"known": bool(cited), "text": "Six" if cited else "", "cited": [*cited, "99"]}


def test_a_reader_searches_until_it_has_enough(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", READING, {"check_enough": enough, "answer_question": told}) as bank:
        fill(bank)
        answer = bank.answer("How many bridges are there where the friend from the market lives?")
        assert (answer.text, answer.known, answer.by) == ("Six", True, "scripted")
        assert [citation.events for citation in answer.citations] == [("e2",)]
        assert {event for c in answer.context.citations for event in c.events} >= {"e0", "e1", "e2"}
        assert answer.cost.calls == len(model_of(bank).calls)
        assert bank.receipt(answer.context.receipt).cost.calls == answer.cost.calls


def test_a_recall_reads_in_rounds_too_and_asks_for_no_answer(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", READING, {"check_enough": enough}) as bank:
        fill(bank)
        context = bank.recall("Who was at the market?")
        assert "bridges" in context.text
        assert {call.task for call in model_of(bank).calls} == {"check_enough"}


def test_rounds_are_bounded(tmp_path: Path) -> None:
    never = {"check_enough": lambda inputs: {"enough": False, "missing": ["Porto", "rained", "Clara"]}}
    with bank_at(tmp_path / "x.db", READING, never) as bank:
        fill(bank)
        bank.recall("market")
        assert 1 <= len(model_of(bank).calls) <= 2


def test_without_a_model_the_closest_line_is_no_answer_of_one(tmp_path: Path) -> None:
    for recipe in (SHORT, READING):
        with mnemic.open(tmp_path / f"{recipe.name}.db", embedder="hashing", reranker="overlap") as memory:
            bank = memory.bank("b", recipe)
            fill(bank)
            answer = bank.answer("Where does Clara live?")
            assert (answer.by, answer.known, answer.failure) == ("rules", True, "")
            assert answer.text.endswith("Clara lives in Porto.")
            assert answer.cost.calls == 0
            assert not bank.answer("xyzzy?").known
            assert "Porto" in bank.recall("Where does Clara live?").text


@pytest.mark.parametrize("task", ["check_enough", "answer_question"])
def test_a_model_that_fails_leaves_the_context(tmp_path: Path, task: str) -> None:
    def down(inputs: Mapping[str, Any]) -> Any:
        raise ModelFailure("the endpoint is down")

    with bank_at(tmp_path / "x.db", READING, {"check_enough": enough, task: down}) as bank:
        fill(bank)
        answer = bank.answer("Where does Clara live?")
        assert (answer.text, answer.known, answer.by) == ("", False, "")
        assert "down" in answer.failure
        assert "Clara" in answer.context.text
        assert answer.context.receipt
        assert "Clara" in bank.recall("Where does Clara live?").text


def test_what_is_not_known_is_not_made_up(tmp_path: Path) -> None:
    asserted = {"answer_question": lambda inputs: {"known": False, "text": "perhaps Rome", "cited": []}}
    with bank_at(tmp_path / "x.db", SHORT, asserted) as bank:
        assert bank.answer("Where?").known is False
        assert not model_of(bank).calls
        fill(bank)
        answer = bank.answer("Where does Clara live?", wishes="in one word")
        assert (answer.text, answer.known) == ("", False)
        assert model_of(bank).calls[-1].inputs["instruction"] == "in one word"


def test_a_reader_stands_last_behind_an_assembler_and_goes_to_toml() -> None:
    assert Recipe.from_toml(READING.to_toml()) == READING
    with pytest.raises(BadInput, match="a reader behind one"):
        replace(BM25, retrieval=Chain.of(Lexical(), IterativeReader()))
    with pytest.raises(BadInput, match="rounds"):
        IterativeReader(rounds=-1)


def test_reflect_runs_rules_that_are_not_due(tmp_path: Path) -> None:
    from mnemic.evolution.triggers import EveryEvents

    from ..store.test_kills import Digest

    digesting = replace(BM25, name="later", evolution=(Chain.of(EveryEvents(1000), Digest()),))
    with memory_at(tmp_path / "x.db", {}) as memory:
        bank = memory.bank("b", digesting)
        fill(bank)
        assert bank.consolidate().records == ()
        assert [record.value for record in bank.reflect()] == ["digest of 4 turns"]
        assert list(bank.reflect()) == []
