"""An embedder can be changed: refused when unasked, resumable, and search is right all the while (law 16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mnemic.core.errors import EmbedderMismatch
from mnemic.core.reading import Where
from mnemic.memory import Memory
from mnemic.models.hashing_embedder import HashingEmbedder


@pytest.fixture
def former(where: str, opened: Callable[..., Memory]) -> Memory:
    """A memory of 300 turns, by the former embedder."""
    memory = opened(where)
    memory.bank("anna").retain([f"turn {i} about tea {i % 11}" for i in range(300)])
    return memory


def newer(where: str, opened: Callable[..., Memory]) -> Memory:
    """The same store with another embedder configured."""
    return opened(where, embedder=HashingEmbedder(dim=96))


def dense(memory: Memory, question: str) -> list[tuple[str, float]]:
    """Hits by meaning alone."""
    with memory.engine.view("anna") as view:
        return [(hit.id, hit.score) for hit in view.dense(question, key="said", k=10, where=Where())]


def test_another_embedder_is_refused_and_told_what_to_do(
    former: Memory, where: str, opened: Callable[..., Memory]
) -> None:
    other = newer(where, opened).bank("anna")
    before = former.bank("anna").stats()
    for use in (lambda: other.recall("tea"), lambda: other.search("tea"), lambda: other.retain("a new text")):
        with pytest.raises(EmbedderMismatch, match="reembed"):
            use()
    assert former.bank("anna").stats() == before
    assert "tea" in former.bank("anna").recall("tea").text


def test_reads_stay_the_same_until_the_new_embedder_takes_over(
    former: Memory, where: str, opened: Callable[..., Memory]
) -> None:
    other = newer(where, opened)
    expected = dense(former, "tea 7")
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))
        assert dense(former, "tea 7") == expected
        if len(seen) == 1:
            # A write with the former embedder comes between, and must not be lost to the new space.
            former.bank("anna").retain("a zebra came by")
            expected[:] = dense(former, "tea 7")

    made = other.reembed("anna", on_progress=watch)
    assert (made.already, made.embedded) == (False, 301)
    assert len(seen) >= 3
    found = other.bank("anna").search("zebra", k=1)[0].record.value
    assert found == "a zebra came by"
    with pytest.raises(EmbedderMismatch):
        former.bank("anna").recall("tea")
    with pytest.raises(EmbedderMismatch):
        former.bank("anna").retain("something else")
    assert other.check() == []
    assert other.reembed("anna").already
    fresh = opened(where + ("fresh/" if where.endswith("/") else ".fresh"), embedder=HashingEmbedder(dim=96))
    fresh.bank("anna").retain([f"turn {i} about tea {i % 11}" for i in range(300)] + ["a zebra came by"])
    assert [score for _, score in dense(fresh, "tea 7")] == pytest.approx([score for _, score in dense(other, "tea 7")])


def test_a_broken_off_job_goes_on_where_it_was(former: Memory, where: str, opened: Callable[..., Memory]) -> None:
    other = newer(where, opened)

    class Broken(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done > 128:
            raise Broken

    with pytest.raises(Broken):
        other.reembed("anna", on_progress=stop)
    assert "tea" in former.bank("anna").recall("tea").text
    assert former.check() == []
    assert newer(where, opened).reembed("anna").embedded == 300 - 256


def test_a_write_that_began_before_the_switch_is_not_laid_into_the_former_space(
    former: Memory, where: str, opened: Callable[..., Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = newer(where, opened)
    store: Any = former.engine.store
    original = type(store).transaction
    switched: list[Any] = []

    def racing(self: Any, bank: str) -> Any:
        if self is store and not switched:
            switched.append(other.reembed("anna"))
        return original(self, bank)

    monkeypatch.setattr(type(store), "transaction", racing)
    with pytest.raises(EmbedderMismatch):
        former.bank("anna").retain("a text that nobody knew")
    monkeypatch.undo()
    assert other.bank("anna").stats()["events"] == 300
    assert other.check() == []
    assert other.bank("anna").search("tea 7", k=5)


def test_a_bank_goes_to_another_embedder_and_back(former: Memory, where: str, opened: Callable[..., Memory]) -> None:
    other = newer(where, opened)
    before = dense(former, "tea 3")
    for _ in range(2):
        other.reembed("anna")
        assert len(dense(other, "tea 3")) == 10
        former.reembed("anna")
        assert dense(former, "tea 3") == before
    assert former.check() == []
