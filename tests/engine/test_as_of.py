"""A bank compared with a plain model of it at every point of its log."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

import mnemic
from mnemic.core.chance import ManualClock
from mnemic.core.errors import BadInput, NotFound
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge
from mnemic.memory import Memory

TEXT = st.lists(st.sampled_from("anna ben lisbon porto tea coffee cat rain".split()), min_size=1, max_size=4).map(
    " ".join
)
State = tuple[dict[str, tuple[str, str]], frozenset[tuple[str, str, str]]]


class BankMachine(RuleBasedStateMachine):
    """Every write goes to a bank and to a dict of id -> (value, state); each seq keeps a copy of the dict."""

    records = Bundle("records")

    @initialize(folder=st.booleans())
    def open_bank(self, folder: bool) -> None:
        self.place = tempfile.TemporaryDirectory()
        clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC), step=timedelta(seconds=1))
        path = self.place.name + ("/banks/" if folder else "/agent.db")
        self.memory = mnemic.open(path, embedder="hashing", clock=clock, seed=1)
        self.bank = self.memory.bank("anna")
        self.now: dict[str, tuple[str, str]] = {}
        self.edges: frozenset[tuple[str, str, str]] = frozenset()
        self.past: dict[int, State] = {0: ({}, frozenset())}
        self.branches = 0

    def teardown(self) -> None:
        if hasattr(self, "memory"):
            self.memory.close()
            self.place.cleanup()

    def wrote(self) -> None:
        self.past[self.bank.stats()["ops"]] = (dict(self.now), self.edges)

    @rule(target=records, text=TEXT, session=st.sampled_from(["s1", "s2"]))
    def retain(self, text: str, session: str) -> str:
        (made,) = self.bank.retain(text, session=session).records
        self.now[made] = (text, "active")
        self.wrote()
        return made

    @rule(record=records, text=TEXT)
    def update(self, record: str, text: str) -> None:
        self.bank.update(record, text)
        self.now[record] = (text, self.now[record][1])
        self.wrote()

    @rule(record=records)
    def delete(self, record: str) -> None:
        self.bank.delete(record)
        self.now[record] = (self.now[record][0], "archived")
        self.wrote()

    @rule(record=records)
    def restore(self, record: str) -> None:
        self.bank.restore(record)
        self.now[record] = (self.now[record][0], "active")
        self.wrote()

    @rule(record=records)
    def cite(self, record: str) -> None:
        self.bank.feedback("cited", [record])
        self.wrote()

    @rule(src=records, dst=records, cut=st.booleans())
    def link(self, src: str, dst: str, cut: bool) -> None:
        edge = Edge(src=src, dst=dst, rel="about")
        make = Op.unlink if cut else Op.link
        self.bank.engine.commit("anna", lambda view: [make(edge)] if view.get([src, dst]) else [])
        one = frozenset({(src, "about", dst)})
        self.edges = self.edges - one if cut else self.edges | one
        self.wrote()

    @rule(data=st.data())
    def rollback(self, data: st.DataObject) -> None:
        seq = data.draw(st.sampled_from(sorted(self.past)))
        self.bank.rollback(seq)
        former, edges = self.past[seq]
        # What was not there yet is set aside, for nothing is destroyed.
        self.now = {i: former.get(i, (value, "archived")) for i, (value, _) in self.now.items()}
        self.edges = edges
        self.wrote()

    @rule(data=st.data())
    def branch(self, data: st.DataObject) -> None:
        seq = data.draw(st.sampled_from(sorted(self.past)))
        self.branches += 1
        made = self.memory.branch("anna", f"branch {self.branches}", at=seq)
        former, _ = self.past[seq]
        assert {r.id: (r.value, r.state) for r in made.list(EVERY, limit=1000).records} == former
        made.retain("this is only in the branch")
        assert not [r for r in self.bank.list(limit=1000).records if "only in the branch" in r.value]

    @invariant()
    def every_point_of_the_log_is_as_it_was(self) -> None:
        for seq, (former, edges) in self.past.items():
            found = {r.id: (r.value, r.state) for r in self.bank.list(EVERY, limit=1000, as_of=seq).records}
            assert found == former
            with self.bank.engine.view("anna", seq) as view:
                assert {(e.src, e.rel, e.dst) for e in view.edges(list(former))} == edges
                for word in ("lisbon", "tea"):
                    where = Where()
                    hits = {h.id for h in view.lexical(word, key="words", k=100, where=where)}
                    assert hits == {i for i, (v, s) in former.items() if word in v.split() and s == "active"}
                    assert {h.id for h in view.dense(word, key="said", k=100, where=where)} == {
                        i for i, (_, s) in former.items() if s == "active"
                    }

    @invariant()
    def differences_are_those_of_the_model(self) -> None:
        first, last = min(self.past), max(self.past)
        found = self.bank.diff(first, last)
        now = {i for i, (_, state) in self.past[last][0].items() if state == "active"}
        assert {record.id for record in found.added} == now - self.past[first][0].keys()


EVERY = Where(states=("active", "archived"))
BankMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestBankMachine = BankMachine.TestCase


def test_an_old_text_is_found_as_of_then_and_the_new_one_now(memory: Memory) -> None:
    bank = memory.bank("anna")
    record, *_ = bank.retain("Anna lives in Lisbon", session="s1").records
    before = bank.stats()["ops"]
    noted = bank.log()[-1].at
    bank.update(record, "Anna lives in Porto")
    for then in (before, noted, noted.isoformat()):
        old = bank.recall("Lisbon", as_of=then).text
        assert "Lisbon" in old
        assert "Porto" not in old
    assert "Porto" in bank.recall("Where does Anna live?").text
    assert "Lisbon" not in bank.recall("Where does Anna live?").text
    with bank.engine.view("anna") as view:
        assert view.lexical("Lisbon", key="words", k=5, where=Where()) == []
    with bank.engine.view("anna", before) as view:
        assert view.lexical("Porto", key="words", k=5, where=Where()) == []
    assert [entry.record.value for entry in bank.history(record)] == ["Anna lives in Lisbon", "Anna lives in Porto"]
    assert [entry.entry.op.kind for entry in bank.history(record)] == ["ADD", "UPDATE"]


def test_a_rollback_can_be_rolled_back(memory: Memory) -> None:
    bank = memory.bank("anna")
    (first,) = bank.retain("I like tea").records
    start = bank.stats()["ops"]
    bank.update(first, "I like coffee")
    (second,) = bank.retain("I have a cat").records
    bank.feedback("label", [first], text="taste")
    bank.engine.commit(
        "anna", lambda view: [Op.link(Edge(src=first, dst=second, rel="about"))] if view.get([first, second]) else []
    )
    grown = bank.stats()["ops"]
    bank.rollback(start)
    assert bank.get(first).value == "I like tea"
    assert "taste" not in bank.get(first).labels
    assert bank.get(second).state == "archived"
    with bank.engine.view("anna") as view:
        assert view.edges([first]) == []
    bank.rollback(grown)
    assert (bank.get(first).value, bank.get(second).state) == ("I like coffee", "active")
    assert "taste" in bank.get(first).labels
    with bank.engine.view("anna") as view:
        assert [edge.dst for edge in view.edges([first])] == [second]
    assert len(bank.events()) == 2


def test_tags_and_counters_of_the_past_are_those_it_had(memory: Memory) -> None:
    bank = memory.bank("anna")
    (record,) = bank.retain("I like tea").records
    plain = bank.stats()["ops"]
    bank.feedback("label", [record], text="taste")
    bank.feedback("cited", [record])
    tagged = Where(labels=("Taste",))
    assert [r.id for r in bank.list(tagged).records] == [record]
    assert bank.list(tagged, as_of=plain).records == ()
    assert bank.get(record).stats.cited == 1
    assert bank.get(record, as_of=plain).stats.cited == 0
    with bank.engine.view("anna", plain) as view:
        assert "taste" not in view.facts("label")


@pytest.mark.parametrize("at", [-1, 10_000])
def test_a_branch_off_the_log_is_refused(memory: Memory, at: int) -> None:
    memory.bank("anna").retain("I like tea")
    with pytest.raises(BadInput, match="at"):
        memory.branch("anna", "copy", at=at)
    assert [bank.name for bank in memory.banks()] == ["anna"]


def test_a_branch_needs_a_free_name_and_a_bank(opened: Callable[..., Memory], where: str) -> None:
    memory = opened(where)
    memory.bank("anna").retain("I like tea")
    memory.bank("ben")
    with pytest.raises(BadInput, match="exists"):
        memory.branch("anna", "ben")
    with pytest.raises(NotFound):
        memory.branch("nobody", "copy")
    with contextlib.suppress(NotFound):
        memory.bank("copy", create=False)
    assert [bank.name for bank in memory.banks()] == ["anna", "ben"]
