"""MemPrompt works when a misread form of question is read rightly after one correction, and others are left alone."""

from __future__ import annotations

import random
from pathlib import Path

from mnemic.bank import Bank
from mnemic.core.reading import Where

from .workbench import bank_at

#: What is asked, how it is misread at first, and what the user means; the last two are read rightly from the start.
FORMS = {
    "what word resembles <{}>": "give a synonym",
    "what sounds like <{}>": "give a homophone",
    "turn <{}> around": "give an antonym",
    "define <{}>": "",
    "use <{}> in a sentence": "",
}
THINGS = ("happy", "sea", "tall", "quick", "knight", "light", "cold", "pair", "loud", "brave")


def stream(bank: Bank, asked: int, p: float, seed: int = 4) -> tuple[list[bool], list[int]]:
    """Whether each question was read rightly, and the size of each context."""
    rng = random.Random(seed)
    right, sizes = [], []
    for _ in range(asked):
        form = rng.choice(list(FORMS))
        context = bank.recall(form.format(rng.choice(THINGS)), tokens=60)
        understood = not FORMS[form] or FORMS[form] in context.text
        right.append(understood)
        sizes.append(context.tokens)
        if not understood and rng.random() < p:
            bank.feedback("correction", [], receipt=context.receipt, text=f"I mean: {FORMS[form]}")
    return right, sizes


def test_misread_forms_are_read_rightly_after_a_correction(tmp_path: Path) -> None:
    with bank_at(tmp_path / "half.db", "mem-prompt", {}) as bank:
        half, sizes = stream(bank, 300, 0.5)
    with bank_at(tmp_path / "none.db", "mem-prompt", {}) as bank:
        never, _ = stream(bank, 300, 0.0)
    with bank_at(tmp_path / "all.db", "mem-prompt", {}) as bank:
        always, _ = stream(bank, 300, 1.0)
    assert sum(half[-100:]) >= 95
    assert 0.3 <= sum(never) / 300 <= 0.5
    assert always.index(True) <= half.index(True)
    assert sum(always[:30]) >= sum(half[:30])
    # One correction stands before a question however many there are.
    assert max(sizes) == max(sizes[:100])


def test_a_question_of_another_form_abstains_where_letters_do_not(tmp_path: Path) -> None:
    near = {
        "what rhymes with <cat>": "what comes with <cat>",
        "name a sport <x>": "name a spot <x>",
        "who made <x>": "who read <x>",
        "is <x> a verb": "is <x> a herb",
    }
    wrong = {}
    for name in ("mem-prompt", "mem-prompt:as-coded"):
        with bank_at(tmp_path / f"{name.replace(':', '-')}.db", name, {}) as bank:
            for question in near:
                receipt = bank.recall(question).receipt
                bank.feedback("correction", [], receipt=receipt, text="I mean something particular")
            found = [bank.search(other, where=Where(kinds=("correction",))) for other in near.values()]
            wrong[name] = sum(bool(hits) for hits in found)
            same = [bank.search(q.replace("cat", "dog"), where=Where(kinds=("correction",))) for q in near]
            assert all(same)
    assert wrong["mem-prompt"] < wrong["mem-prompt:as-coded"] == len(near)


def test_a_correction_is_evidence_and_no_turn_of_the_host(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "mem-prompt", {}) as bank:
        bank.retain("I grow tomatoes on the balcony.", session="s")
        context = bank.recall("what word resembles <tomato>")
        bank.feedback("correction", [], receipt=context.receipt, text="I mean a synonym")
        again = bank.recall("what word resembles <plum>")
        assert [block.name for block in again.blocks] == ["clarification", "memory"]
        assert again.citations[0].events == (bank.events("feedback")[0].id,)
        assert [record.value for record in bank.list(Where(kinds=("episodic",))).records] == [
            "I grow tomatoes on the balcony."
        ]
