"""Whatever is handed to the façade: it is taken, or refused with one clear message and nothing written."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemic.bank import Bank
from mnemic.core.errors import BadInput, MnemicError
from mnemic.core.evidence import Event, Part
from mnemic.core.experience import Episode, Step
from mnemic.core.reading import Where
from mnemic.memory import Memory


@pytest.fixture
def bank(memory: Memory) -> Bank:
    """A bank with one turn."""
    made = memory.bank("anna")
    made.retain({"id": "e1", "content": "I like tea", "at": "2026-01-01"})
    return made


LOOP: dict[str, Any] = {}
LOOP["self"] = LOOP
REFUSED: dict[str, Any] = {
    "nothing": "",
    "spaces": "  \n ",
    "too long": "x" * ((1 << 20) + 1),
    "NUL": "a\0b",
    "lone surrogate": "a\ud800b",
    "number": 5,
    "None": None,
    "bytes": b"tea",
    "list of lists": [["tea"]],
    "no content": {"role": "user"},
    "content of parts": {"content": [{"type": "text"}]},
    "unknown field": {"content": "tea", "contents": "tea"},
    "id that is a number": {"id": 7, "content": "tea"},
    "session that is a list": {"session": ["s"], "content": "tea"},
    "id with a surrogate": {"id": "\udfff", "content": "tea"},
    "long id": {"id": "x" * 1001, "content": "tea"},
    "year 0": {"content": "tea", "at": "0000-01-01"},
    "year 10000": {"content": "tea", "at": "10000-01-01"},
    "end of time, further west": {"content": "tea", "at": "9999-12-31T23:59:59-05:00"},
    "no date": {"content": "tea", "at": "the day before"},
    "29 February": {"content": "tea", "at": "2025-02-29"},
    "endless time": {"content": "tea", "at": math.inf},
    "no time": {"content": "tea", "at": math.nan},
    "truth": {"content": "tea", "at": True},
    "parts that are text": {"parts": "tea"},
    "a part that is text": {"parts": ["tea"]},
    "a part of no kind": {"parts": [{"kind": "smell", "text": "tea"}]},
    "a part whose text is a number": {"parts": [{"kind": "text", "text": 5}]},
    "a part with a strange meta": {"parts": [{"kind": "text", "text": "tea", "meta": [1]}]},
    "meta that is a list": {"content": "tea", "meta": [1]},
    "meta that is no JSON": {"content": "tea", "meta": {"at": datetime(2026, 1, 1, tzinfo=UTC)}},
    "meta that is endless": {"content": "tea", "meta": LOOP},
    "meta that is no number": {"content": "tea", "meta": {"a": math.nan}},
    "meta with a surrogate": {"content": "tea", "meta": {"a": "\ud800"}},
    "meta of mixed keys": {"content": "tea", "meta": {1: "a", "b": 2}},
    "an episode without words": Episode(id="", task=""),
    "an event without parts": Event(id="e9", session="s", role="user", parts=(), occurred_at=datetime.now(UTC)),
    "an event whose time is text": Event(
        id="e9", session="s", role="user", parts=(Part("text", "tea"),), occurred_at="tomorrow"  # type: ignore[arg-type]
    ),
    "an event whose part is text": Event(
        id="e9", session="s", role="user", parts=("tea",), occurred_at=datetime.now(UTC)  # type: ignore[arg-type]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("among", [False, True])
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(name: str, among: bool, bank: Bank) -> None:
    before = bank.stats()
    given = REFUSED[name]
    with pytest.raises(BadInput) as caught:
        bank.retain(["fine", given] if among else given)
    assert "messages" in str(caught.value) or ":" in str(caught.value)
    assert bank.stats() == before


@pytest.mark.parametrize(
    "text", ["x" * (1 << 20), "🫖" * 1000, "DROP TABLE log; --", "\u202e\u200b tea", "'\"`\\", "a\rb\x07c"]
)
def test_odd_texts_are_kept_as_they_are(text: str, bank: Bank) -> None:
    (event,) = bank.retain(text).added
    assert bank.event(event).text == text
    assert bank.list(limit=10).records[-1].value == text


@pytest.mark.parametrize(
    "at", ["0001-01-01", "9999-12-31T23:59:59.999999", "1969-12-31", 0, -1e9, "2026-06-02T10:00:00+14:00"]
)
def test_far_times_are_kept_and_found(at: Any, bank: Bank) -> None:
    bank.retain("a zebra far away", at=at)
    for asked_at in (None, "0001-01-01", "9999-12-31"):
        assert "zebra" in bank.recall("When was the zebra seen, last week or next year?", asked_at=asked_at).text


def test_an_event_of_another_zone_is_the_same_in_any(bank: Bank) -> None:
    east = datetime(2026, 6, 2, 10, tzinfo=timezone(timedelta(hours=5)))
    for when in (east, east.astimezone(UTC), east.astimezone(UTC).replace(tzinfo=None)):
        bank.retain(Event(id="e2", session="s", role="user", parts=(Part("text", "tea"),), occurred_at=when))
    assert bank.stats()["events"] == 2


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "/",
        "a/b",
        "../../x",
        "🫖",
        "a" * 40,
        " x ",
        "%2F",
        "con",
        "-",
        "O'Brien; DROP TABLE banks",
        "naïve café",
    ],
)
def test_odd_names_of_banks(name: str, memory: Memory) -> None:
    memory.bank(name).retain("tea")
    assert [row.name for row in memory.banks()] == [name]
    assert "tea" in memory.bank(name, create=False).recall("tea").text
    assert memory.check() == []


@pytest.mark.parametrize(
    "name", ["", " ", "a" * 300, "🫖" * 300, "a\0b", "a\nb", "\x1b[31m", "\u200b", "\ud800", 5, b"a"]
)
def test_names_that_are_none(name: Any, memory: Memory) -> None:
    for use in (memory.bank, lambda n: memory.branch("anna", n), lambda n: memory.import_bank("x.zip", name=n)):
        with pytest.raises(MnemicError):
            use(name)
    assert memory.banks() == []


BAD_READS: dict[str, Callable[[Bank], object]] = {
    "k": lambda bank: bank.search("tea", k=-1),
    "k 0": lambda bank: bank.search("tea", k=0),
    "k text": lambda bank: bank.search("tea", k="5"),  # type: ignore[arg-type]
    "tokens": lambda bank: bank.recall("tea", tokens=0),
    "tokens none": lambda bank: bank.recall_many("tea", tokens=()),
    "tokens part": lambda bank: bank.recall("tea", tokens=1.5),  # type: ignore[arg-type]
    "question": lambda bank: bank.recall(""),
    "question spaces": lambda bank: bank.recall(" \t "),
    "question long": lambda bank: bank.recall("x" * 10_001),
    "question None": lambda bank: bank.recall(None),  # type: ignore[arg-type]
    "question NUL": lambda bank: bank.recall("a\0"),
    "question surrogate": lambda bank: bank.recall("\ud83e"),
    "where": lambda bank: bank.recall("tea", where={"kinds": ["x"]}),  # type: ignore[arg-type]
    "where surrogate": lambda bank: bank.recall("tea", where=Where(tags=("\ud800",))),
    "as_of": lambda bank: bank.recall("tea", as_of=-1),
    "as_of truth": lambda bank: bank.recall("tea", as_of=True),
    "as_of words": lambda bank: bank.recall("tea", as_of="yesterday"),
    "asked_at": lambda bank: bank.recall("tea", asked_at="2026-13-01"),
    "profile": lambda bank: bank.recall("tea", profile="no such"),
    "limit": lambda bank: bank.list(limit=0),
    "after": lambda bank: bank.list(after=-1),
    "log": lambda bank: bank.log(after=-1),
    "log limit": lambda bank: bank.log(limit=-1),
    "events": lambda bank: bank.events(after=-1),
    "events limit": lambda bank: bank.events(limit=1 << 80),
    "receipts": lambda bank: bank.receipts(-1),
    "get": lambda bank: bank.get("\ud800"),
    "event": lambda bank: bank.event("nobody"),
    "history": lambda bank: bank.history("nobody"),
    "why": lambda bank: bank.why("nobody", 1),
    "rollback": lambda bank: bank.rollback("no day"),
    "diff": lambda bank: bank.diff(-3),
    "update": lambda bank: bank.update(bank.list().records[0].id, " "),
    "update NUL": lambda bank: bank.update(bank.list().records[0].id, "a\0"),
    "update reason": lambda bank: bank.update(bank.list().records[0].id, "ok", reason="\ud800"),
    "delete": lambda bank: bank.delete("nobody"),
    "feedback kind": lambda bank: bank.feedback("loved", []),
    "feedback record": lambda bank: bank.feedback("cited", ["nobody"]),
    "feedback text": lambda bank: bank.feedback("label", [bank.list().records[0].id]),
    "feedback value": lambda bank: bank.feedback("cited", [bank.list().records[0].id], value=math.nan),
    "feedback surrogate": lambda bank: bank.feedback("label", [bank.list().records[0].id], text="\ud800"),
}


@pytest.mark.parametrize("name", BAD_READS)
def test_bad_arguments_are_refused(name: str, bank: Bank) -> None:
    before = bank.stats()["ops"]
    with pytest.raises(MnemicError) as caught:
        BAD_READS[name](bank)
    assert "\n" not in str(caught.value)
    assert bank.stats()["ops"] == before


PIECES = st.sampled_from([
    '"', "'", "*", "-", "NEAR(", "AND", "OR", "NOT", "(", ")", "^", ":", "{", "}", "words:", "scope : b1", "tea", ";",
    "--", "%", "_", "\\", "last week", "in 2024", "31/02/2025", "the day after tomorrow", "9999", "🫖", "\u202e",
    "ß", "İ",
    "don't", "’", "東京", "0" * 50, "e" * 300, "between May 1 and", "before", "last year", "999999 weeks ago",
])  # fmt: skip
QUESTIONS = st.text(max_size=200) | st.lists(PIECES | st.text(max_size=5), min_size=1, max_size=60).map(" ".join)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(question=QUESTIONS, asked_at=st.none() | st.datetimes() | st.integers(-(10**12), 10**12))
def test_no_question_breaks_the_default_recipe(fuzzed: Bank, question: str, asked_at: Any) -> None:
    with contextlib.suppress(MnemicError):
        fuzzed.recall(question, asked_at=asked_at)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A bank with a few turns, in a full-text tier of its own."""
    import mnemic

    with pytest.MonkeyPatch.context() as patch:
        # Above this many rows the store's full text index chooses candidates: what quotes must survive.
        patch.setattr("mnemic.store.index.bank_index.EXACT_ROWS", 0)
        with mnemic.open(
            tmp_path_factory.mktemp("fuzz") / "agent.db", embedder="hashing", reranker="overlap"
        ) as memory:
            made = memory.bank("anna")
            made.retain(
                ["tea last week", "東京 don't NEAR( words:", 'in 2024 we said "tea" * - OR'],
                session="s1",
                at="2024-02-29",
            )
            yield made


def test_long_questions_with_operators(fuzzed: Bank) -> None:
    for piece in ('"a" OR NEAR(', "* - ", "tea ", "w{} ", "'); DROP TABLE log; --"):
        question = "".join(piece.format(i) for i in range(2000))[:10_000]
        fuzzed.recall(question)
        fuzzed.search(question, k=5)


def test_steps_of_an_episode_are_kept_once(bank: Bank) -> None:
    episode = Episode(id="t1", task="book a table", steps=(Step(action="call", result="busy"),), reward=1.0)
    first = bank.retain(episode)
    again = bank.retain(episode)
    assert len(first.added) == 4
    assert (again.added, again.skipped) == ((), 4)
