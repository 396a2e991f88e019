"""What a user changes about a record holds for what else was made of the same words."""

from __future__ import annotations

from pathlib import Path

import mnemic


def test_a_changed_turn_takes_its_fact_along_and_a_deleted_one_is_not_recalled(tmp_path: Path) -> None:
    with mnemic.open(tmp_path / "x.db", embedder="hashing", reranker="overlap") as memory:
        bank = memory.bank("anna")
        made = bank.retain("Anna lives in Lisbon", session="s1").records
        assert len(made) == 2
        bank.update(made[0], "Anna lives in Porto")
        assert {bank.get(record).value for record in made} == {"Anna lives in Porto"}
        assert "Lisbon" not in bank.recall("Where does Anna live?").text
        bank.delete(made[1])
        assert "Porto" not in bank.recall("Where does Anna live?").text
        bank.restore(made[0])
        assert "Porto" in bank.recall("Where does Anna live?").text
        bank.feedback("correction", [made[0]], text="Anna lives in Braga")
        assert {bank.get(record).value for record in made} == {"Anna lives in Braga"}


def test_the_same_words_of_another_event_stay(tmp_path: Path) -> None:
    with mnemic.open(tmp_path / "x.db", embedder="hashing", reranker="overlap") as memory:
        bank = memory.bank("anna", recipe="bm25")
        (first,) = bank.retain("I like tea", session="s1").records
        (second,) = bank.retain("I like tea", session="s1").records
        bank.update(first, "I like coffee")
        assert bank.get(second).value == "I like tea"
