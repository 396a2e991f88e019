"""Indexes against references: plain formulas over lists, on both tiers, whatever was written before."""

from __future__ import annotations

import math
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import mnemic
from mnemic.core.analysis import terms
from mnemic.core.list_view import ListView
from mnemic.core.op import Op
from mnemic.core.reading import Hit, Where
from mnemic.core.record import Key, Record
from mnemic.core.times import Interval, Times, instant
from mnemic.engine.store_view import StoreView
from mnemic.memory import Memory
from mnemic.models.ports import EmbedderSpec

WORDS = "tea coffee lisbon porto cat dog rain sun moved lives likes hates plays café 東京に o'clock 𞤀𞤣 x² naïve".split()


def bm25(texts: dict[str, str], query: str, b: float) -> dict[str, float]:
    """BM25 as in the textbook."""
    bags = {i: Counter(terms(text)) for i, text in texts.items()}
    average = sum(bag.total() for bag in bags.values()) / len(bags)
    scores: dict[str, float] = {}
    for i, bag in bags.items():
        norm = 1 - b + b * bag.total() / average
        for term in dict.fromkeys(terms(query)):
            df = sum(term in other for other in bags.values())
            idf = math.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
            c = bag[term] / norm
            if c:
                scores[i] = scores.get(i, 0.0) + idf * c * 2.2 / (c + 1.2)
    return scores


def tiers(monkeypatch: pytest.MonkeyPatch, exact: bool) -> None:
    """Hold everything in memory, or nothing."""
    for module in ("key_index", "cache", "bank_index"):
        monkeypatch.setattr(f"mnemic.store.index.{module}.EXACT_ROWS", 50_000 if exact else 0)


def add(memory: Memory, bank: str, records: list[Record]) -> None:
    """Take records in as they are."""
    memory.bank(bank)
    memory.engine.commit(bank, lambda view: [Op.add(record) for record in records])


def lexical(memory: Memory, bank: str, query: str, **options: object) -> dict[str, float]:
    """Scores by record."""
    with memory.engine.view(bank) as view:
        given = {"key": "words", "k": 1000, "where": Where()} | options
        return {hit.id: hit.score for hit in view.lexical(query, **given)}  # type: ignore[arg-type]


@pytest.mark.parametrize("exact", [True, False])
def test_bm25_is_that_of_the_textbook_and_of_the_bank_alone(
    exact: bool, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiers(monkeypatch, exact)
    rng = random.Random(1)
    texts = {f"r{i}": " ".join(rng.choices(WORDS, k=rng.randint(1, 12))) for i in range(120)}
    add(
        memory, "a", [Record(id=i, kind="note", value=t, keys={"words": Key(t, dense=False)}) for i, t in texts.items()]
    )
    queries = ["tea in lisbon", "café o'clock", "東京に", "naive cat dog rain sun", "𞤀𞤣 x²", " ".join(WORDS * 3)]
    before = {query: lexical(memory, "a", query, b=0.6) for query in queries}
    for query in queries:
        assert before[query] == pytest.approx(bm25(texts, query, 0.6), rel=1e-4), query
    add(
        memory,
        "b",
        [
            Record(id=f"b{i}", kind="note", value="tea", keys={"words": Key("tea lisbon rain", dense=False)})
            for i in range(300)
        ],
    )
    assert {query: lexical(memory, "a", query, b=0.6) for query in queries} == before


@pytest.mark.parametrize("exact", [True, False])
def test_what_is_set_aside_leaves_the_statistics_and_the_neighbourhood(
    exact: bool, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiers(monkeypatch, exact)
    kept, grown = memory.bank("kept"), memory.bank("grown")
    lines = [f"turn {i} {WORDS[i % 5]} {WORDS[(i * 3) % 7]}" for i in range(40)]
    ids = {}
    for bank in (kept, grown):
        for i, line in enumerate(lines):
            (ids[bank.name, i],) = bank.retain(line, session=f"s{i % 2}", at=f"2026-01-{i % 28 + 1:02}").records
    back = {ids["kept", i]: ids["grown", i] for i in range(40)}
    changed = ids["grown", 6]
    for word in ("zebra", "yak", "tea tea tea"):
        grown.update(changed, word)
    grown.update(changed, lines[6])
    extra = grown.retain("tea coffee lisbon", session="s0", at="2026-01-10").records[0]
    grown.delete(extra)
    for query in ("tea", "coffee lisbon", "turn 7"):
        for window in (0, 3):
            one = lexical(memory, "kept", query, window=window, also=("stamp",))
            other = lexical(memory, "grown", query, window=window, also=("stamp",))
            assert other == pytest.approx({back[i]: score for i, score in one.items()}, rel=1e-4)
    assert extra in lexical(memory, "grown", "tea coffee lisbon", where=Where(states=("archived",)))


def test_both_lexical_tiers_agree(
    opened: Callable[..., Memory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = opened(tmp_path / "agent.db")
    rng = random.Random(2)
    words = [f"word{i}" for i in range(400)]
    weights = [1 / (i + 1) for i in range(400)]
    bank = memory.bank("anna")
    bank.retain([" ".join(rng.choices(words, weights, k=rng.randint(3, 20))) for _ in range(2500)], session="s")
    for query in (" ".join(rng.choices(words, weights, k=4)) for _ in range(20)):
        found = []
        for exact in (True, False):
            tiers(monkeypatch, exact)
            found.append(list(lexical(memory, "anna", query, k=10).items()))
        assert found[0][0][0] in dict(found[1])
        assert len(dict(found[0]).keys() & dict(found[1]).keys()) >= 8
        common = dict(found[0]).keys() & dict(found[1]).keys()
        assert {i: dict(found[0])[i] for i in common} == pytest.approx({i: dict(found[1])[i] for i in common}, rel=1e-4)


def test_a_query_of_thousands_of_words_is_answered_on_both_tiers(
    opened: Callable[..., Memory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = opened(tmp_path / "agent.db")
    memory.bank("anna").retain(["tea is ready", "nothing here"])
    question = " ".join(f"w{i}" for i in range(1500)) + " tea"
    for exact in (True, False):
        tiers(monkeypatch, exact)
        assert len(lexical(memory, "anna", question)) == 1


class Correlated:
    """Vectors of texts that are numbers: clusters of near neighbours, as sentences of one subject are."""

    spec = EmbedderSpec("correlated", 256, "correlated-256")

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        centres = rng.standard_normal((60, 256)) @ (rng.standard_normal((256, 256)) * (1 / np.arange(1, 257)))
        self.rows = centres[rng.integers(0, 60, 6000)]
        self.rows = self.rows + 0.7 * np.abs(self.rows).mean() * rng.standard_normal((6000, 256))
        self.rows = (self.rows / np.linalg.norm(self.rows, axis=1, keepdims=True)).astype(np.float32)

    def embed_documents(self, texts: list[str]) -> NDArray[np.float32]:
        return np.array([self.rows[int(text)] for text in texts], np.float32).reshape(-1, 256)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self.rows[int(text)]  # type: ignore[no-any-return]


def test_sketches_and_rescoring_find_what_exact_search_finds(
    opened: Callable[..., Memory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = Correlated()
    memory = opened(tmp_path / "agent.db", embedder=embedder)
    add(
        memory,
        "anna",
        [
            Record(
                id=f"r{i}", kind="note", value=f"{i}", session=f"s{i % 3}", keys={"said": Key(f"{i}", lexical=False)}
            )
            for i in range(5000)
        ],
    )
    asked = [(scope, f"{i}") for scope in (Where(), Where(sessions=("s1",))) for i in range(5000, 5040)]
    found: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for exact, answers in found.items():
        tiers(monkeypatch, exact)
        memory.engine.store.cache.drop(str(tmp_path / "agent.db"))  # type: ignore[attr-defined]
        for scope, question in asked:
            with memory.engine.view("anna") as view:
                answers.append({hit.id: hit.score for hit in view.dense(question, key="said", k=20, where=scope)})
    for (_, question), answer in zip(asked, found[True], strict=True):
        cosines = embedder.rows[:5000] @ embedder.rows[int(question)]
        assert answer == pytest.approx({i: float(cosines[int(i[1:])]) for i in answer}, abs=1e-5)
    recalls = [len(one.keys() & other.keys()) / 20 for one, other in zip(found[True], found[False], strict=True)]
    assert np.mean(recalls) >= 0.99


RECORDS = st.lists(
    st.builds(
        lambda text, other, kind, session, actor, tags, days, state: (
            text,
            other,
            kind,
            session,
            actor,
            tags,
            days,
            state,
        ),
        st.lists(st.sampled_from(WORDS[:9]), min_size=1, max_size=6).map(" ".join),
        st.lists(st.sampled_from(WORDS[:9]), min_size=0, max_size=2).map(" ".join),
        st.sampled_from(["episodic", "semantic", "secret"]),
        st.sampled_from(["s1", "s2"]),
        st.sampled_from(["Anna", "Ben"]),
        st.lists(st.sampled_from(["Home", "work"]), max_size=2, unique=True),
        st.tuples(st.integers(1, 20), st.integers(0, 3)),
        st.sampled_from(["active", "active", "active", "archived"]),
    ),
    min_size=1,
    max_size=12,
)
SCOPES = st.builds(
    Where,
    kinds=st.none() | st.just(("episodic",)) | st.just(()),
    sessions=st.none() | st.just(("s1",)),
    actors=st.none() | st.just(("Anna", "Nobody")),
    tags=st.none() | st.just(("home",)) | st.just(("WORK", "home")),
    secrets=st.booleans(),
    during=st.none() | st.just(Interval(instant("2026-01-05"), instant("2026-01-09"))),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=RECORDS,
    where=SCOPES,
    query=st.lists(st.sampled_from(WORDS[:9]), min_size=1, max_size=4).map(" ".join),
    window=st.integers(0, 2),
)
def test_a_stored_bank_answers_as_a_plain_list(
    rows: list[tuple[object, ...]], where: Where, query: str, window: int
) -> None:
    records = [made(i, *row) for i, row in enumerate(rows)]  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder, mnemic.open(folder + "/agent.db", embedder="hashing") as memory:
        add(memory, "anna", records)
        with memory.engine.view("anna") as view:
            plain = ListView(records, now=view.now, tools=view.tools)
            both = (view, plain)
            for one, other in (
                [v.lexical(query, key="words", k=50, where=where, also=("also",), window=window) for v in both],
                [v.dense(query, key="words", k=50, where=where) for v in both],
                [v.tagged("tag", ["HOME", "work"], k=50, where=where) for v in both],
                [v.during(Interval(instant("2026-01-04"), instant("2026-01-08")), k=50, where=where) for v in both],
            ):
                assert scores(one) == pytest.approx(scores(other), rel=1e-4, abs=1e-6)
            assert [r.id for r in view.scan(where)] == [r.id for r in plain.scan(where)]
            assert view.count(where) == plain.count(where)
            for field in ("tag", "actor", "session"):
                assert view.facts(field) == plain.facts(field)


def scores(hits: list[Hit]) -> dict[str, float]:
    """Scores by record."""
    return {hit.id: hit.score for hit in hits}


def made(
    i: int,
    text: str,
    other: str,
    kind: str,
    session: str,
    actor: str,
    tags: list[str],
    days: tuple[int, int],
    state: str,
) -> Record:
    """A record of drawn parts."""
    start = instant(f"2026-01-{days[0]:02}")
    end = instant(f"2026-01-{days[0] + days[1]:02}")
    keys = {"words": Key(text)} | ({"also": Key(other, dense=False)} if other else {})
    return Record(
        id=f"r{i:02}", kind=kind, value=text, keys=keys, session=session, actor=actor, tags=tuple(tags),
        times=Times(event=Interval(start, end)), state=state,  # type: ignore[arg-type]
    )  # fmt: skip


def test_memory_of_indexes_is_bounded(opened: Callable[..., Memory], tmp_path: Path) -> None:
    memory = opened(tmp_path / "agent.db")
    for i in range(6):
        memory.bank(f"b{i}").retain([f"turn {j} about tea" for j in range(50)])
    cache = memory.engine.store.cache  # type: ignore[attr-defined]
    cache.budget = 100_000
    for _ in range(3):
        for i in range(6):
            assert len(memory.bank(f"b{i}").search("tea", k=50)) == 50
            # The last one is in use.
            held = list(cache._slots.values())[:-1]
            assert sum(index.nbytes for index in held) <= cache.budget


def test_a_view_type_checks_as_the_store_gives_it(memory: Memory) -> None:
    memory.bank("anna").retain("tea")
    with memory.engine.view("anna") as view:
        assert isinstance(view, StoreView)
        with pytest.raises(mnemic.MnemicError, match="direction"):
            view.edges([], direction="sideways")
