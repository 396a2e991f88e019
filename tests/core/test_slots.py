"""Reading by code: what a question asks of facts, and what they answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnemic.bank import Bank
from mnemic.core.slot_question import operation_of
from mnemic.formation.template_facts import stated

from ..recipes.workbench import memory_at


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with memory_at(tmp_path / "x.db", {}) as memory:
        yield memory.bank("b", recipe="default")


def tell(bank: Bank, at: str, attribute: str, value: str, text: str, **more: Any) -> None:
    told = {"subject": "Anna", "attribute": attribute, "value": value, "text": text, **more}
    bank.retain([{"role": "user", "actor": "Anna", "content": text, "meta": {"facts": [told]}}], at=at)


def answer(bank: Bank, question: str) -> str:
    context = bank.recall(question, profile="fast", tokens=300)
    return next((block.text for block in context.blocks if block.name == "answer"), "")


@pytest.fixture
def told(bank: Bank) -> Bank:
    tell(bank, "2026-01-01", "home town", "Porto", "Anna lives in Porto.")
    tell(bank, "2026-03-01", "home town", "Lisbon", "Anna lives in Lisbon.")
    tell(bank, "2026-01-05", "car", "a Twingo", "Anna drives a Twingo.")
    tell(bank, "2026-04-01", "car", "", "Anna sold the car.", ended=True)
    for day, pet in enumerate(("a cat", "a parrot"), start=6):
        tell(bank, f"2026-01-0{day}", "pets", pet, f"Anna has {pet}.")
    return bank


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("What is Anna's home town?", "Lisbon", "Porto"),
        ("What was Anna's home town before?", "Porto", "Lisbon"),
        ("What was Anna's home town at first?", "Porto", "Lisbon"),
        ("Is Porto still Anna's home town?", "No longer", "Yes"),
        ("Is Lisbon still Anna's home town?", "Yes", "No longer"),
        ("Which car does Anna have?", "No longer", "Yes"),
        ("How many pets does Anna have?", "2: a cat; a parrot", "Lisbon"),
        ("What is Anna's blood type?", "Nothing is remembered", "Lisbon"),
        ("Who is Zebedee?", "Nothing is remembered about Zebedee", "Lisbon"),
    ],
)
def test_facts_answer(told: Bank, question: str, right: str, wrong: str) -> None:
    found = answer(told, question)
    assert right in found
    assert wrong not in found


def test_an_answer_cites_facts_and_they_cite_what_was_said(told: Bank) -> None:
    context = told.recall("What is Anna's home town?", profile="fast")
    block = context.blocks[0]
    cited = [citation for citation in context.citations if citation.number in block.citations]
    assert cited
    assert all(citation.events for citation in cited)
    assert context.tokens <= 1500


def test_ordinary_questions_are_left_to_ordinary_recall(bank: Bank) -> None:
    bank.retain([{"role": "user", "actor": "Anna", "content": "What a day! We saw seals at the beach."}])
    assert answer(bank, "What did Anna see at the beach?") == ""


def test_numbered_statements_are_facts_by_grammar_and_the_later_one_holds(bank: Bank) -> None:
    lines = ("1. The capital of France is Paris.", "2. The capital of France is Oslo.")
    bank.retain([{"role": "user", "content": line} for line in lines], at="2026-01-01")
    assert "Oslo" in answer(bank, "What is the capital of France?")


@pytest.mark.parametrize(
    ("sentence", "subject", "value"),
    [
        ("The author of A Wizard of Earthsea is Pius XII.", "A Wizard of Earthsea", "Pius XII"),
        ("The headquarters of Acme is located in the city of Bonn.", "Acme", "Bonn"),
        ("The university where Lou Reed was educated is Fordham University.", "Lou Reed", "Fordham University"),
        ("Lady Windermere's child is Ada.", "Lady Windermere", "Ada"),
        ("Marie Curie worked in the city of Washington, D.C.", "Marie Curie", "Washington, D.C."),
    ],
)
def test_statements_fall_apart_into_slot_and_value(sentence: str, subject: str, value: str) -> None:
    said = stated(sentence)
    assert said is not None
    assert (said.subject, said.value) == (subject, value)


@pytest.mark.parametrize("sentence", ["That was fun.", "Is Paris nice?", "Good morning!", "I am tired.", ""])
def test_talk_is_no_statement(sentence: str) -> None:
    assert stated(sentence) is None


def test_operations_are_told_by_their_cues() -> None:
    asked = {"What else is in doubt?": "affected", "List all of her pets": "list", "Is it still so?": "still"}
    assert {question: operation_of(question) for question in asked} == asked
