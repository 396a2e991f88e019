"""The doors on PostgreSQL: grants, walls and the audit's chain as on the embedded store."""

from __future__ import annotations

import mnemic
from mnemic.core.acting import Acting


def test_a_wall_stands_and_the_chain_holds(postgres18: str) -> None:
    with mnemic.open(postgres18, embedder="hashing", reranker="overlap") as memory:
        owner = memory.acting(Acting())
        owner.bank("anna", create=True).retain(
            [
                {"content": "Tea was had.", "session": "s"},
                {"content": "The zyklotron hums.", "labels": ["health"], "session": "s"},
            ]
        )
        key, text = owner.create_key("narrow")
        owner.give(key.principal, "anna", "reader", without=["health"])
        bank = memory.acting(Acting(principal=memory.access.holder(text).principal)).bank("anna")
        assert "Tea" in bank.recall("tea").text
        seq = memory.bank("anna").last_seq()
        for told in (
            bank.list(),
            bank.events(),
            bank.recall("zyklotron").text,
            bank.list(as_of=seq),
            bank.search("hum"),
        ):
            assert "hums" not in str(told)
        assert [grant.to for grant in owner.grants()] == [key.principal]
        memory.flush()
        found = owner.verify_audit()
        assert found.holds
        assert not found.past
        assert found.entries["anna"] >= 6
