"""Erasure on PostgreSQL: the same rows go, the same are left, and no table holds a trace."""

from __future__ import annotations

import pytest

from tests.erasing.test_erase import filled, opened, prints


@pytest.mark.parametrize("server", ["postgres18", "postgres15"])
def test_nothing_is_left_on_a_server(server: str, request: pytest.FixtureRequest) -> None:
    with opened(request.getfixturevalue(server)) as memory:
        bank = filled(memory)
        bank.recall("cobalt heron")
        receipt = bank.erase(person="anna")
        assert receipt.clean, receipt.verification
        assert receipt.verification["bytes"] > 0
        assert memory.check() == []
        memory.branch("friends", "copy")
        assert len(set(prints(memory, "friends", "copy"))) == 1
        assert "cobalt" not in bank.recall("cobalt heron").text
        assert memory.erase_bank("friends").events == 3
