"""Retaining is idempotent per event id, and refuses whole what it cannot keep."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mnemic.core.errors import BadInput
from mnemic.core.reading import Where
from mnemic.memory import Memory


def test_an_event_is_retained_once(memory: Memory) -> None:
    bank = memory.bank("anna")
    message = {"id": "e1", "content": "I like tea", "at": "2026-01-01"}
    assert bank.retain(message).added == ("e1",)
    again = bank.retain([message, message])
    assert (again.added, again.skipped, again.records) == ((), 2, ())
    assert bank.stats()["records"] == 1
    mixed = bank.retain([message, {"id": "e2", "content": "and coffee", "at": "2026-01-01"}])
    assert (mixed.added, mixed.skipped) == (("e2",), 1)


def test_an_event_without_a_time_is_the_same_when_it_comes_again(memory: Memory) -> None:
    bank = memory.bank("anna")
    bank.retain({"id": "e1", "content": "I like tea"})
    assert bank.retain({"id": "e1", "content": "I like tea"}).skipped == 1
    with pytest.raises(BadInput, match="other content"):
        bank.retain({"id": "e1", "content": "I like coffee"})
    with pytest.raises(BadInput, match="other content"):
        bank.retain({"id": "e1", "content": "I like tea", "at": "1999-01-01"})


@pytest.mark.parametrize("place", [0, 5, 299, 520])
def test_other_content_under_a_known_id_is_refused_and_nothing_is_written(memory: Memory, place: int) -> None:
    bank = memory.bank("anna")
    bank.retain({"id": "known", "content": "I like tea", "at": "2026-01-01"})
    before = bank.stats()
    messages = [{"id": f"e{i}", "content": f"turn {i}", "at": "2026-01-02"} for i in range(521)]
    messages[place] = {"id": "known", "content": "I like coffee", "at": "2026-01-01"}
    with pytest.raises(BadInput, match="known"):
        bank.retain(messages)
    assert bank.stats() == before
    messages[place] = {"id": "e0", "content": "turn none", "at": "2026-01-02"}
    if place:
        with pytest.raises(BadInput, match="twice"):
            bank.retain(messages)
        assert bank.stats() == before


def test_a_changed_text_is_changed_everywhere(memory: Memory) -> None:
    bank = memory.bank("anna")
    (record,) = bank.retain({"content": "I like tea", "actor": "Anna"}, at="2026-01-02").records
    stamp = bank.get(record).keys["stamp"]
    for change in (
        lambda text: bank.update(record, text),
        lambda text: bank.feedback("correction", [record], text=text),
    ):
        for text in ("I like coffee", "rooibos it is"):
            change(text)
            assert bank.get(record).value == text
            assert bank.get(record).keys["stamp"] == stamp
            assert text in bank.get(record).keys["said"].text
            former = {"I like coffee": "rooibos", "rooibos it is": "coffee"}[text]
            with bank.engine.view("anna") as view:
                assert view.lexical(text, key="words", k=5, where=Where())
                assert not view.lexical(former, key="words", k=5, where=Where())
                (near,) = view.dense(bank.get(record).keys["said"].text, key="said", k=5, where=Where())
                assert near.score == pytest.approx(1.0)
    assert bank.event(bank.get(record).sources[0].source).text == "I like tea"
    assert memory.check() == []


def test_what_is_set_aside_is_not_found_until_restored(memory: Memory) -> None:
    bank = memory.bank("anna")
    (record,) = bank.retain("I like tea").records
    bank.delete(record, reason="no more")
    assert bank.recall("tea").text == ""
    assert bank.list().records == ()
    assert bank.history(record)[-1].entry.op.reason == "no more"
    bank.restore(record)
    assert "tea" in bank.recall("tea").text


def test_pages_hold_every_record_once(memory: Memory) -> None:
    bank = memory.bank("anna")
    bank.retain([f"turn {i}" for i in range(25)])
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page = bank.list(limit=7, after=after)
        seen += [record.value for record in page.records]
        after = page.next
    assert seen == [f"turn {i}" for i in range(25)]


def test_many_banks_need_few_open_files(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnemic.store.folder.MOST_OPEN", 3)
    for i in range(12):
        memory.bank(f"b{i}").retain(f"tea number{i}")
    for i in range(12):
        assert f"number{i}" in memory.bank(f"b{i}").recall("tea").text
    assert len(memory.banks()) == 12
    held = getattr(memory.engine.store, "_open", {})
    assert len(held) <= 3
    assert [len(memory.bank(f"b{i}").receipts()) for i in range(12)] == [1] * 12
    assert memory.check() == []


def test_a_bank_is_made_once_however_many_ask(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    store = memory.engine.store
    original = type(store).create_bank
    monkeypatch.setattr(
        type(store), "create_bank", lambda self, *a, **o: (original(self, *a, **o), original(self, *a, **o))[1]
    )
    assert memory.bank("anna").name == "anna"
    assert [row.name for row in memory.banks()] == ["anna"]


def test_time_moves_on_between_writes(memory: Memory) -> None:
    bank = memory.bank("anna")
    bank.retain(["one", "two"])
    bank.retain("three")
    times = [entry.at for entry in bank.log()]
    assert times == sorted(times)
    assert times[-1] - times[0] >= timedelta(seconds=1)
