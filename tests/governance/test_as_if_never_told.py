"""Who sees a part of a bank reads it as if the rest had never been told: the same ids, order, scores and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.config import Settings
from mnemic.context.within_budget import WithinBudget
from mnemic.core.acting import Acting
from mnemic.core.chance import ManualClock
from mnemic.core.evidence import Span
from mnemic.core.op import Op
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.times import Interval, Times
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.guarded import GuardedBank, GuardedMemory
from mnemic.memory import Memory
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.during import During
from mnemic.retrieval.entity import Entity
from mnemic.retrieval.entity_nodes import EntityNodes
from mnemic.retrieval.everything import Everything
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.linked import Linked
from mnemic.retrieval.neighbours import Neighbours
from mnemic.retrieval.personalised_pagerank import PersonalisedPageRank
from mnemic.retrieval.recent import Recent
from mnemic.retrieval.rrf import ReciprocalRankFusion
from mnemic.retrieval.spreading_activation import SpreadingActivation
from mnemic.retrieval.tagged import Tagged

CHANNELS: dict[str, Chain] = {
    "lexical": Chain((Lexical(),)),
    "lexical with neighbours": Chain((Lexical(window=2),)),
    "dense": Chain((Dense(),)),
    "fused": (Lexical() | Dense()) >> ReciprocalRankFusion(),
    "tagged": Chain((Tagged(field="tag"),)),
    "labelled": Chain((Tagged(field="label", values=("health", "work")),)),
    "entity": Chain((Entity(),)),
    "entity nodes": Chain((EntityNodes(key="turn"),)),
    "during": Chain((During(),)),
    "recent": Chain((Recent(),)),
    "everything": Chain((Everything(),)),
    "neighbours": Lexical() >> Neighbours(),
    "linked": Lexical() >> Linked(hops=2),
    "spreading activation": Lexical() >> SpreadingActivation(),
    "personalised pagerank": Lexical() >> PersonalisedPageRank(),
}
MATTERS = ("health", "work", "money")
QUESTIONS = ("the doctor in Lisbon", "What happened in January 2026?", "Ben plays chess with Anna")
AT = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("doctor", "Lisbon", "chess", "Ben", "Anna", "rain", "bicycle", "tea")

TOLD = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
        st.sets(st.sampled_from(MATTERS), max_size=2),
        st.integers(0, 2),
        st.sets(st.integers(0, 8), max_size=2),
    ),
    min_size=1,
    max_size=9,
)
WITHOUT = st.sets(st.sampled_from(MATTERS), min_size=1, max_size=2)
ONLY = st.one_of(st.none(), st.sets(st.sampled_from(MATTERS), min_size=1, max_size=2))


def ops(told: Sequence[Any], keep: Callable[[set[str]], bool]) -> Iterator[Op]:
    kept = {n for n, (_, labels, _, _) in enumerate(told) if keep(labels)}
    for n, (words, labels, session, _) in enumerate(told):
        if n in kept:
            when = AT + timedelta(days=7 * n)
            text = " ".join(words)
            yield Op.add(
                Record(
                    id=f"r{n}", kind="episodic", value=text, keys={"turn": Key(text)}, labels=tuple(sorted(labels)),
                    entities=tuple(sorted({w for w in words if w[0].isupper()})), tags=(words[0],),
                    session=f"s{session}", actor=words[-1], sources=(Span(f"e{n}"),),
                    times=Times(event=Interval(when, when)),
                )
            )  # fmt: skip
    for n, (_, _, _, others) in enumerate(told):
        for other in sorted(others):
            if n in kept and other in kept and other != n:
                yield Op.link(Edge(src=f"r{n}", dst=f"r{other}", rel="about", weight=0.5))


def observed(bank: GuardedBank) -> dict[str, Any]:
    out: dict[str, Any] = {"tally": bank.tally(), "newest": [r.id for r in bank.newest()], "sessions": bank.sessions()}
    for field in ("entity", "tag", "label", "actor", "session"):
        out[field] = bank.words(field)
    out["listed"] = [record.value for record in bank.list(Where(), limit=100).records]
    for name, channel in CHANNELS.items():
        read = channel >> WithinBudget()
        recipe = Recipe(name="reads", summary="", formation=PerTurn() >> TurnRecord(), retrieval=read)
        for question in QUESTIONS:
            found, _ = bank.recall_many(question, tokens=(1000,), k=50, recipe=recipe)
            out[f"{name}: {question}"] = [
                (f.record.id, f.record.value, round(f.hit.score, 5), f.hit.path) for f in found
            ]
    return out


def pair(
    owner: GuardedMemory, name: str, told: Sequence[Any], without: set[str], only: set[str] | None
) -> Iterator[GuardedBank]:
    """A bank of which somebody sees a part, and one that holds this part alone."""

    def keep(labels: set[str]) -> bool:
        return not labels & without and (only is None or bool(labels & only))

    key, _ = owner.create_key("narrow")
    me = owner.open.acting(Acting(principal=key.principal))
    for bank, wanted in ((f"{name}-whole", lambda _: True), (f"{name}-part", keep)):
        owner.bank(bank, create=True)
        owner.open.engine.commit(bank, lambda _, wanted=wanted: ops(told, wanted))  # type: ignore[misc]
        owner.give(key.principal, bank, "reader", without=sorted(without), only=sorted(only or ()))
        yield me.bank(bank)


@contextmanager
def opened(store: str) -> Iterator[Memory]:
    clock = ManualClock(AT + timedelta(days=200))
    with mnemic.open(store, embedder="hashing", reranker="overlap", clock=clock, seed=1) as memory:
        yield memory


def holds_for(owner: GuardedMemory, *, examples: int) -> None:
    numbers = count()

    @settings(max_examples=examples)
    @given(told=TOLD, without=WITHOUT, only=ONLY)
    def check(told: Sequence[Any], without: set[str], only: set[str] | None) -> None:
        whole, part = pair(owner, f"b{next(numbers)}", told, without, only)
        assert observed(whole) == observed(part)

    check()


def test_each_channel_reads_as_if_it_had_never_been_told(tmp_path: Path) -> None:
    with opened(str(tmp_path / "a.db")) as memory:
        holds_for(memory.acting(Acting()), examples=10)


def test_so_it_is_on_postgresql(postgres18: str) -> None:
    with opened(postgres18) as memory:
        holds_for(memory.acting(Acting()), examples=4)


def test_labels_travel_through_folds_a_switch_and_an_erasure(tmp_path: Path) -> None:
    told = Settings(labelling="rules")
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap", settings=told) as memory:
        owner = memory.acting(Acting())
        bank = memory.bank("anna")
        bank.retain([
            {"id": "knee", "content": "The surgeon saw a zyklotron in my knee.", "session": "s"},
            {"id": "loan", "content": "We owe the bank a quastenflosser.", "session": "s"},
            {"id": "rain", "content": "It rained on the river.", "session": "t"},
        ])  # fmt: skip
        ids = {next(iter(r.sources)).source: r.id for r in bank.list(Where(kinds=("episodic",))).records}
        made = Record(id="f1", kind="summary", value="zyklotron and rain", derived_from=(ids["knee"], ids["rain"]))
        memory.engine.commit("anna", lambda _: [Op.add(made)])
        again = Record(id="f2", kind="summary", value="zyklotron, and so on", derived_from=("f1",))
        memory.engine.commit("anna", lambda _: [Op.add(again)])
        assert bank.get("f2").labels == ("health",)
        key, _ = owner.create_key("narrow")
        owner.give(key.principal, "anna", "editor", without=["health"])
        me = memory.acting(Acting(principal=key.principal)).bank("anna")

        def closed() -> bool:
            shown = (me.list(Where(), limit=100), me.events(), me.recall("what about the surgeon?").text, me.log())
            return "zyklotron" not in str(shown) and "river" in str(shown)

        assert closed()
        bank.switch("hybrid")
        assert closed()
        bank.erase(events=["loan"])
        assert closed()
        assert "quastenflosser" not in str(bank.list(Where(), limit=100))


def test_who_could_never_be_shown_a_matter_is_not_told_how_much_there_is(tmp_path: Path) -> None:
    from mnemic.governance.policies import Policy

    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        owner = memory.acting(Acting())
        bank = owner.bank("anna", create=True)
        bank.retain([{"content": "The doctor came.", "labels": ["health"]}, {"content": "Tea was had."}])
        owner.set_policy(
            Policy.from_json({"name": "p", "rules": [{"id": "r", "labels": ["health"], "recipient": "*landlord"}]})
        )
        [free, bound, walled] = [owner.create_key(name)[0].principal for name in ("free", "bound", "walled")]
        owner.give(free, "anna", "reader")
        owner.give(bound, "anna", "reader", recipients=["my landlord"])
        owner.give(walled, "anna", "reader", without=["health"])

        def notes(principal: str) -> tuple[str, ...]:
            acting = Acting(principal=principal, recipient="my landlord")
            bank = memory.acting(acting).bank("anna")
            context = bank.recall("Who came?")
            assert "doctor" not in context.text
            assert bank.receipt(context.receipt).notes == context.notes
            return tuple(context.notes)

        assert notes(free) == notes("local") == ("1 record withheld by policy",)
        assert notes(bound) == notes(walled) == ()
