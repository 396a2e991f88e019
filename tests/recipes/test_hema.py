"""HEMA works when one sentence and one above it stay short, contexts fit, and what is forgotten is only set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.recipes.hema import RECIPE
from mnemic.retrieval.everything import Everything

from .locomo_bank import asked, locomo, retain_all
from .workbench import bank_at, current


def sentence(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The last thing said, and how many there were."""
    return {"text": f"{inputs['count']} so far, the last: {inputs['new'][-1][:60]}"}


def test_a_sentence_for_the_gist_and_one_above_it(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"fold": sentence}) as bank:
        for part in range(3):
            said = [f"Anna told story number {100 * part + i} of the sea." for i in range(100)]
            bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session=f"s{part}")
        (gist,) = current(bank, kinds=("gist",))
        (overview,) = current(bank, kinds=("overview",))
        assert gist.value == "300 so far, the last: Anna: Anna told story number 299 of the sea."
        assert gist.id in overview.derived_from
        for tokens in (60, 200, 1000):
            context = bank.recall("Which story was number 250?", tokens=tokens)
            assert context.tokens <= tokens
        assert [block.name for block in context.blocks] == ["overview", "gist", "found", "lately"]


def test_the_old_and_unused_is_set_aside_and_the_used_stays(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"fold": sentence}) as bank:
        said = [f"Anna told story number {i} of the sea." for i in range(99)]
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session="s")
        first = next(record for record in current(bank, kinds=("episodic",)) if "number 0 " in record.value)
        bank.feedback("cited", [first.id])
        bank.retain("Anna told story number 99 of the sea.", session="s")
        kept, gone = (current(bank, kinds=("episodic",), states=(state,)) for state in ("active", "archived"))
        assert (len(kept), len(gone)) == (70, 30)
        assert first.id in {record.id for record in kept}
        numbers = sorted(int(record.value.split()[4]) for record in gone)
        assert numbers == list(range(1, 31))


def test_gist_and_words_hold_more_answers_than_the_gist_alone(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, most=60)
    gist = replace(RECIPE, name="gist", retrieval=Everything(kinds=("gist", "overview")) >> WithinBudget())
    held = {}
    for recipe in (RECIPE, gist):
        with bank_at(tmp_path / f"{recipe.name}.db", recipe, {}) as bank:
            retain_all(bank, conversation)
            texts = [bank.recall(p.question, tokens=1500, asked_at=p.asked_at).text.casefold() for p in probes]
        held[recipe.name] = sum(p.answer.casefold() in text for p, text in zip(probes, texts, strict=True))
    assert held["hema"] > held["gist"]
