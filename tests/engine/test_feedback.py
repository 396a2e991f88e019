"""Every piece of feedback counts towards a rule that waits for it, whatever became of it in the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from mnemic.core.errors import BadInput, NotFound
from mnemic.core.op import Op
from mnemic.core.stage import Consolidator
from mnemic.core.view import View
from mnemic.evolution.triggers import OnFeedback
from mnemic.recipes import load_recipe
from tests.recipes.workbench import bank_at, log_of


@dataclass(frozen=True)
class Notes(Consolidator):
    """Says that it ran."""

    name: ClassVar[str] = "notes_in_tests"

    def run(self, view: View, since: int) -> Iterable[Op]:
        return [Op.noop(reason="heard", actor=self.name)]


def test_each_kind_of_feedback_is_heard_once(tmp_path: Path) -> None:
    recipe = replace(load_recipe("bm25"), name="listening", evolution=(OnFeedback() >> Notes(),))
    with bank_at(tmp_path / "x.db", recipe, {}) as bank:
        (turn,) = bank.retain("I drink tea", session="s").records
        told = [("cited", [turn], ""), ("label", [turn], "taste"), ("correction", [turn], "I drink green tea")]
        told.append(("correction", [], "When I ask what I drink, I mean at breakfast"))
        for number, (kind, records, text) in enumerate(told, start=1):
            bank.feedback(kind, records, text=text)
            assert sum(op.reason == "heard" for op in log_of(bank)) == number


def test_a_correction_of_no_record_is_evidence_that_names_its_question(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "bm25", {}) as bank:
        context = bank.recall("What do I drink?")
        bank.feedback("correction", [], receipt=context.receipt, text="Tea, not coffee")
        (event,) = bank.events()
        assert (event.role, event.text) == ("feedback", "Tea, not coffee")
        assert event.meta == {"kind": "correction", "question": "What do I drink?", "receipt": context.receipt}
        assert "Tea, not coffee" in bank.recall("What do I drink, tea or coffee?").text
        with pytest.raises(NotFound, match="receipt"):
            bank.feedback("correction", [], receipt="none", text="Tea")
        with pytest.raises(BadInput, match="text"):
            bank.feedback("correction", [], text=" ")
        assert len(bank.events()) == 1
