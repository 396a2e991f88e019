"""Every recipe can take over a bank: what it makes of the history is what a fresh bank of it holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mnemic.bank import Bank
from mnemic.recipes import recipe_names

from .test_contracts import TALK
from .workbench import current, fingerprint, memory_at


def fill(bank: Bank) -> None:
    """Hand in a conversation turn by turn, under ids that do not depend on the bank."""
    for number, (session, actor, text) in enumerate(TALK):
        turn = {"role": "user", "actor": actor, "content": text, "id": f"t{number}"}
        bank.retain([turn], session=session, at=f"2026-05-0{number + 1}")


def content(bank: Bank) -> Counter[Any]:
    """Values with their sources."""
    return Counter((record.value, record.sources) for record in current(bank))


@pytest.mark.parametrize("name", recipe_names())
def test_a_switched_bank_holds_what_a_fresh_one_does(name: str, tmp_path: Path) -> None:
    with memory_at(tmp_path / "x.db", {}) as memory:
        bank, fresh = memory.bank("b", "bm25"), memory.bank("fresh", name)
        fill(bank)
        fill(fresh)
        fresh.consolidate()
        assert bank.switch(name).state == "done"
        assert content(bank) == content(fresh)
        assert fingerprint(memory.branch("b", "copy")) == fingerprint(bank)
        assert memory.check() == []
