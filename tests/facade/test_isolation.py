"""Nothing of one bank is ever seen in another: whatever is asked, on both layouts."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.bank import Bank
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Where
from mnemic.core.times import Interval, instant
from mnemic.memory import Memory

WORDS = "tea coffee lisbon porto cat dog rain".split()
some = st.none() | st.lists(
    st.sampled_from(["s1", "s2", "user", "Anna", "episodic", "tea", "taste", "x"]), max_size=3
).map(tuple)
FILTERS = st.builds(
    Where, kinds=some, sessions=some, actors=some, roles=some, entities=some, tags=some, labels=some, tiers=some,
    epistemic=some, secrets=st.booleans(),
    states=st.lists(st.sampled_from(["active", "archived", "superseded", "erased"]), max_size=4).map(tuple),
    during=st.none() | st.just(Interval(instant("2000-01-01"), instant("2030-01-01"))),
)  # fmt: skip


def fill(bank: Bank, mark: str) -> None:
    """The same doings in each bank, but for a mark in every text, id, session, actor and label."""
    rng = random.Random(1)
    for i in range(12):
        bank.retain(
            {"id": f"{i}", "content": f"{mark} {' '.join(rng.choices(WORDS, k=4))}", "actor": f"Anna {mark}"},
            session=f"s{i % 2}",
        )
    ids = [record.id for record in bank.list().records]
    bank.update(ids[0], f"{mark} tea changed")
    bank.delete(ids[1])
    bank.feedback("label", [ids[2]], text="taste")
    bank.feedback("label", [ids[3]], text=f"taste of {mark}")


@pytest.fixture(scope="module", params=["one-file", "file-a-bank"])
def banks(request: pytest.FixtureRequest) -> Iterator[tuple[Memory, Bank, Bank]]:
    with tempfile.TemporaryDirectory() as folder:
        path = folder + ("/agent.db" if request.param == "one-file" else "/banks/")
        with mnemic.open(path, embedder="hashing", reranker="overlap", seed=1) as memory:
            first, second = memory.bank("first"), memory.bank("second")
            fill(first, "aleph")
            fill(second, "beth")
            yield memory, first, second


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    where=FILTERS,
    tokens=st.integers(1, 3000),
    k=st.integers(1, 200),
    as_of=st.none() | st.integers(0, 60),
    question=st.lists(st.sampled_from([*WORDS, "aleph", "beth"]), min_size=1, max_size=5).map(" ".join),
    after=st.integers(-(1 << 40), 1 << 40) | st.integers(-5, 60),
    limit=st.integers(-5, 300),
)
def test_reads_of_one_bank_show_nothing_of_another(
    banks: tuple[Memory, Bank, Bank],
    where: Where,
    tokens: int,
    k: int,
    as_of: int | None,
    question: str,
    after: int,
    limit: int,
) -> None:
    _, first, second = banks
    for bank, other, alien in ((first, second, "beth"), (second, first, "aleph")):
        seen: list[str] = []
        context = bank.recall(question, where=where, tokens=tokens, as_of=as_of)
        seen.append(json.dumps([context.blocks[0].text if context.blocks else "", context.to_json()["citations"]]))
        seen.append(json.dumps([f.to_json() for f in bank.search(question, k=k, where=where, as_of=as_of)]))
        theirs = {record.id for record in other.list(EVERY, limit=1000).records}
        mine, strange = bank, min(theirs)
        reads: list[Callable[[], object]] = [
            lambda: [r.to_json() for r in mine.list(where, limit=limit, after=after, as_of=as_of).records],  # noqa: B023
            lambda: [e.to_json() for e in mine.events(after=after, limit=limit)],  # noqa: B023
            lambda: [e.to_json() for e in mine.log(after=after, limit=limit)],  # noqa: B023
            lambda: mine.diff(as_of or 0).to_json(),  # noqa: B023
            lambda: mine.get(strange).to_json(),  # noqa: B023
            lambda: [h.to_json() for h in mine.history(strange)],  # noqa: B023
        ]
        for read in reads:
            try:
                seen.append(json.dumps(read()))
            except MnemicError as error:
                seen.append(str(error))
        with bank.engine.view(bank.name, as_of) as view:
            seen.append(json.dumps([view.facts(f) for f in ("actor", "label", "session", "tag", "entity")]))
            seen.append(json.dumps([e.to_json() for e in view.snapshot.log(after, after + limit)]))
            seen.append(json.dumps([e.to_json() for e in view.snapshot.event_page(None, after, limit)]))
        assert alien not in " ".join(seen)


EVERY = Where(states=("active", "archived", "superseded"))


def test_accounts_exports_and_branches_hold_their_own_bank_only(
    banks: tuple[Memory, Bank, Bank], tmp_path: Path
) -> None:
    memory, first, second = banks
    first.recall("aleph tea")
    second.recall("beth tea")
    assert {receipt.query for receipt in first.receipts(1000)}.isdisjoint({"beth tea"})
    receipt = second.receipts(1)[0]
    with pytest.raises(MnemicError) as caught:
        first.receipt(receipt.id)
    assert "beth" not in str(caught.value)
    for bank, alien in ((first, "beth"), (second, "aleph")):
        memory.export(bank.name, tmp_path / "out.zip")
        copy = memory.import_bank(tmp_path / "out.zip", name=f"import of {bank.name}")
        branch = memory.branch(bank.name, f"branch of {bank.name}")
        for made in (copy, branch):
            text = json.dumps(
                [e.to_json() for e in made.log(limit=1000)] + [r.to_json() for r in made.list(EVERY).records]
            )
            assert alien not in text
            assert alien not in made.recall("tea coffee").text


def test_a_write_to_one_bank_never_touches_another(banks: tuple[Memory, Bank, Bank]) -> None:
    memory, first, second = banks
    with memory.engine.store.snapshot("first") as snapshot:
        before = snapshot.fingerprint()
    theirs = first.list().records[0].id
    second.retain(["one more beth", {"id": "0-new", "content": "beth"}])
    for use in (
        lambda: second.update(theirs, "beth"),
        lambda: second.delete(theirs),
        lambda: second.restore(theirs),
        lambda: second.feedback("cited", [theirs]),
        lambda: second.history(theirs),
    ):
        with pytest.raises(MnemicError, match="none with id"):
            use()
    second.rollback(0)
    with memory.engine.store.snapshot("first") as snapshot:
        assert snapshot.fingerprint() == before
