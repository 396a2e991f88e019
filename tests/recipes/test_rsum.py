"""RSum works when folding session by session gives the same bytes whenever it is done, and it forgets as it must."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.bank import Bank
from mnemic.recipes.comedy import RECIPE as COMEDY
from mnemic.recipes.rsum import RECIPE

from .workbench import bank_at, current

SESSIONS = 30


def talk(bank: Bank, *, one_by_one: bool) -> None:
    """Thirty sessions that each tell one thing."""
    for number in range(SESSIONS):
        bank.retain([{"role": "user", "actor": "Anna", "content": f"Thing{number} matters."}], session=f"s{number:02}")
        if one_by_one:
            bank.consolidate()
    bank.consolidate()


def append(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": "\n".join([inputs["text"], *inputs["new"]]).strip()}


def lossy(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps all but every tenth line of what it had, and what is new."""
    lines = inputs["text"].split("\n") if inputs["text"] else []
    return {"text": "\n".join([*(line for i, line in enumerate(lines) if i % 10 != 9), *inputs["new"]])}


def lossy_slots(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The same fold, of all notes into one slot."""
    assert not inputs["text"]
    return {"slots": [{"name": "user", "text": lossy({"text": "\n".join(inputs["new"]), "new": []})["text"]}]}


def kept(bank: Bank, kind: str) -> int:
    (memory,) = current(bank, kinds=(kind,))
    return sum(f"Thing{number} " in memory.value for number in range(SESSIONS))


def test_rebuilding_the_memory_from_all_sessions_gives_the_same_bytes(tmp_path: Path) -> None:
    texts = set()
    for name, one_by_one in (("a.db", True), ("b.db", False)):
        with bank_at(tmp_path / name, RECIPE, {"fold": append}) as bank:
            talk(bank, one_by_one=one_by_one)
            (memory,) = current(bank, kinds=("summary",))
            texts.add(memory.value)
            assert len(memory.derived_from) == SESSIONS
    assert len(texts) == 1
    assert texts.pop().startswith("Anna: Thing0 matters.\nAnna: Thing1")


def test_what_one_fold_loses_no_later_one_finds_again_but_a_refold_does(tmp_path: Path) -> None:
    with bank_at(tmp_path / "all.db", RECIPE, {"fold": append}) as bank:
        talk(bank, one_by_one=True)
        assert kept(bank, "summary") == SESSIONS
    with bank_at(tmp_path / "rsum.db", RECIPE, {"fold": lossy}) as bank:
        talk(bank, one_by_one=True)
        folded = kept(bank, "summary")
        (memory,) = current(bank, kinds=("summary",))
        assert "Thing29" in memory.value
        assert len(current(bank, kinds=("episodic",))) == SESSIONS
    with bank_at(tmp_path / "comedy.db", COMEDY, {"fold_slots": lossy_slots}) as bank:
        talk(bank, one_by_one=True)
        refolded = kept(bank, "profile")
    assert folded < refolded < SESSIONS


def test_the_memory_stands_in_the_context_whatever_is_asked(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"fold": append}) as bank:
        talk(bank, one_by_one=False)
        assert "Thing3 " in bank.recall("How are you?").text
        beside = bank.recall("Does Thing7 matter?", profile="with-turns")
        assert [block.name for block in beside.blocks] == ["memory", "found"]
