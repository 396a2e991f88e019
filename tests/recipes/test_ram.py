"""RAM works when feedback renews what is outdated, and a correction of something unknown pushes nothing out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.bank import Bank
from mnemic.core.pipeline import Recipe
from mnemic.recipes import load_recipe

from .workbench import bank_at, current

PEOPLE = ("Anna", "Ben", "Clara", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jana", "Karl", "Lena")
TRAITS = ("colour", "city", "drink", "sport", "song")
OLD, NEW = "OLDVALUE", "NEWVALUE"
FACTS = [(who, trait) for who in PEOPLE for trait in TRAITS]
OUTDATED = FACTS[::3]


def value(age: str, who: str, trait: str) -> str:
    return f"{age}{who}{trait}"


def statement(who: str, trait: str, told: str) -> str:
    return f"The favourite {trait} of {who} is {told}."


def reflect(asked: Mapping[str, Any]) -> dict[str, str]:
    """The hint names the new value backwards; reflecting turns it into the statement that the question asks for."""
    *_, trait, _, who = asked["question"].removesuffix("?").split()
    return {"text": statement(who, trait, asked["feedback"].rsplit(" ", 1)[1][::-1])}


def taught(bank: Bank) -> float:
    """One pass of questions with hints where the best memory is wrong; gives the share of right ones."""
    right = 0
    for who, trait in FACTS:
        truth = value(NEW if (who, trait) in OUTDATED else OLD, who, trait)
        question = f"What is the favourite {trait} of {who}?"
        best = bank.search(question, k=1)[0].record
        if truth in best.value:
            right += 1
        else:
            receipt = bank.recall(question, tokens=100).receipt
            bank.feedback("correction", [], receipt=receipt, text=f"Read it backwards: {truth[::-1]}")
    return right / len(FACTS)


def passes(path: Path, recipe: Recipe) -> list[float]:
    with bank_at(path, recipe, {"reflect": reflect}) as bank:
        bank.retain([{"content": statement(w, t, value(OLD, w, t))} for w, t in FACTS], session="s")
        shares = [taught(bank), taught(bank)]
        unchanged = [f for f in FACTS if f not in OUTDATED]
        known = {record.value for record in current(bank)}
        assert all(statement(w, t, value(OLD, w, t)) in known for w, t in unchanged)
        return shares


def test_a_second_pass_is_right_where_the_first_was_outdated(tmp_path: Path) -> None:
    ram = load_recipe("ram")
    first, second = passes(tmp_path / "ram.db", ram)
    _, accumulated = passes(tmp_path / "add.db", replace(ram, name="add-only", evolution=()))
    assert first <= 40 / 60
    assert second == 1.0
    assert second > accumulated


def test_a_correction_of_something_unknown_replaces_nothing_but_without_a_limit_it_does(tmp_path: Path) -> None:
    lost = {}
    for name in ("ram", "ram:as-coded"):
        with bank_at(tmp_path / f"{name}.db", name, {}) as bank:
            bank.retain([{"content": statement(w, t, value(OLD, w, t))} for w, t in FACTS], session="s")
            for number in range(8):
                bank.feedback("correction", [], text=f"Glaciers number {number} melt whenever volcanoes erupt nearby")
            lost[name] = len(current(bank, kinds=("episodic",), states=("superseded",)))
    assert lost["ram"] == 0
    assert lost["ram:as-coded"] > 0


def test_a_false_premise_is_corrected_and_found_first(tmp_path: Path) -> None:
    answer = {"text": "Anna never lived in Oslo, she only visited Oslo."}
    with bank_at(tmp_path / "x.db", "ram", {"reflect": [answer]}) as bank:
        bank.retain([{"content": "Anna saw the harbour of Oslo in May."}, {"content": "Ben likes tea."}], session="s")
        receipt = bank.recall("When did Anna live in Oslo?").receipt
        bank.feedback("correction", [], receipt=receipt, text="She never lived there.")
        best = bank.search("When did Anna live in Oslo?", k=1)[0].record
        assert best.value == answer["text"]
        assert best.fields["question"] == "When did Anna live in Oslo?"
        # The reflection rests on the user's comment, which is evidence like any turn.
        assert bank.event(best.sources[0].source).text == "She never lived there."


def test_what_was_replaced_is_history(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "ram", {}) as bank:
        bank.retain("The favourite city of Anna is Porto.", session="s")
        bank.feedback("correction", [], text="The favourite city of Anna is Lisbon.")
        (new,) = current(bank)
        (old,) = current(bank, states=("superseded",))
        assert (new.value, old.fields["superseded_by"]) == ("The favourite city of Anna is Lisbon.", new.id)
        assert bank.recall("Which city does Anna like?", as_of=1 + bank.history(old.id)[0].entry.seq).text.count(
            "Porto"
        )
