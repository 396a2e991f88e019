"""Every engine ranks alike: the conversation that ships gives the same ids, scores and order as in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mnemic.core.reading import Hit, Where
from mnemic.demo.trial import conversation, questions
from mnemic.memory import Memory
from tests.store.conformance.one_bank import beyond_one_bank
from tests.store.test_index import tiers


@pytest.fixture
def both(memory: Memory, opened: Callable[..., Memory], tmp_path: Path) -> tuple[Memory, Memory]:
    """The same conversation in a store, with some of it changed, and in a file beside."""
    other = opened(tmp_path / "beside.db", seed=0)
    for each in (memory, other):
        bank = each.bank("anna")
        ids = bank.retain(conversation()).records
        bank.update(ids[3], "We never went to Porto at all.")
        bank.delete(ids[10])
        bank.feedback("cited", ids[5:9])
    return memory, other


def hits(memory: Memory, question: str, channel: str) -> list[Hit]:
    """What one channel finds."""
    with memory.engine.view("anna") as view:
        if channel == "dense":
            return view.dense(question, key="said", k=50, where=Where())
        return view.lexical(question, key="words", k=50, where=Where(), also=("stamp",), window=3)


def test_channels_and_their_fusion_are_the_same_to_the_score(
    both: tuple[Memory, Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [question.question for question in questions()]
    for text in asked:
        for channel in ("lexical", "dense"):
            one, two = (hits(memory, text, channel) for memory in both)
            assert [hit.id for hit in one] == [hit.id for hit in two], (channel, text)
            assert [hit.score for hit in one] == pytest.approx([hit.score for hit in two], rel=1e-6)
    for profile in ("fast", "balanced"):
        for text in asked[:5]:
            found = [memory.bank("anna").search(text, k=30, profile=profile) for memory in both]
            assert [f.record.id for f in found[0]] == [f.record.id for f in found[1]]
            assert [f.hit.score for f in found[0]] == pytest.approx([f.hit.score for f in found[1]], rel=1e-6)
            texts = [memory.bank("anna").recall(text, tokens=400, profile=profile).text for memory in both]
            assert texts[0] == texts[1]
    # As if a key of so few rows were a large one: each engine proposes what is scored, by its own full text index.
    tiers(monkeypatch, False)
    for text in asked:
        one, two = (hits(memory, text, "lexical")[:10] for memory in both)
        assert [hit.id for hit in one] == [hit.id for hit in two], text
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in two], rel=1e-6)


def test_a_statement_over_several_banks_would_be_told(postgres15: str, opened: Callable[..., Memory]) -> None:
    opened(postgres15)
    crossing = {"SELECT COUNT(*) FROM keys": None, "DELETE FROM log WHERE seq = %s": (1,)}
    within = {"SELECT COUNT(*) FROM keys WHERE bank = %s": (1,), "INSERT INTO marks (bank, n) VALUES (%s, 1)": (1,)}
    found = beyond_one_bank(crossing | within, postgres15, pgvector=False)
    assert found == list(crossing)
