"""Walls of labels: whatever somebody asks who may not see a matter, no word of it comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.config import Settings
from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, Denied, MnemicError
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import STATES, Record
from mnemic.governance.policies import Policy
from mnemic.guarded import BANK_VERBS, READING, GuardedBank, GuardedMemory
from mnemic.memory import Memory

#: Words that only labelled turns hold; each is a single term.
SENTINELS = ("zyklotron", "quastenflosser", "xylograph", "wirbelwind")

#: What these give back holds the questions that the asker put himself.
_WITH_QUESTION = ("recall", "recall past", "answer", "search", "matching", "recalled")


@pytest.fixture
def anna(memory: Memory) -> GuardedBank:
    """A bank of four sessions: plain turns between labelled ones, some of which were changed since."""
    bank = memory.acting(Acting()).bank("anna", create=True)
    turns: list[dict[str, Any]] = []
    for n in range(12):
        turns.append(
            {"id": f"p{n}", "session": f"s{n % 4}", "actor": "Anna", "content": f"Lunch {n} was bread and tea."}
        )
        word = SENTINELS[n % 4]
        turns.append(
            {"id": f"h{n}", "session": f"s{n % 4}", "actor": "Anna", "labels": ["Health"],
             "content": f"The doctor saw a {word} in my knee on visit {n}; I live in {word.title()}."}
        )  # fmt: skip
    bank.retain(turns, at="2026-01-02")
    return bank


def narrow(memory: Memory, role: str = "editor", **options: Any) -> GuardedBank:
    owner = memory.acting(Acting())
    key, _ = owner.create_key("narrow")
    owner.give(key.principal, "anna", role, **(options or {"without": ["health"]}))
    return memory.acting(Acting(principal=key.principal)).bank("anna")


def said(value: Any) -> str:
    """All words in an answer, however deep."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return " ".join(said(getattr(value, item.name)) for item in dataclasses.fields(value))
    if isinstance(value, dict):
        return " ".join(f"{said(k)} {said(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple, set)):
        return " ".join(map(said, value))
    return str(value)


def asked(call: Callable[[], Any]) -> str:
    try:
        return said(call())
    except MnemicError as error:
        return str(error)


def everything(bank: GuardedBank, ids: dict[str, list[str]], middle: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each way to ask, with the ids of what must not be seen."""
    anything = Where(states=STATES, secrets=True, labels=("health",))
    yield "list", lambda: bank.list(Where(states=STATES, secrets=True), limit=500)
    yield "list labelled", lambda: bank.list(anything)
    yield "list past", lambda: bank.list(Where(states=STATES), as_of=middle)
    yield "events", lambda: bank.events(limit=500)
    yield "log", lambda: bank.log(limit=1000)
    yield "diff", lambda: bank.diff(0)
    yield "diff past", lambda: bank.diff(middle)
    yield "receipts", lambda: bank.receipts(100)
    yield "stats", bank.stats
    yield "tally", bank.tally
    yield "sessions", bank.sessions
    yield "newest", bank.newest
    for field in ("entity", "tag", "label", "actor", "session"):
        yield f"words {field}", lambda field=field: bank.words(field)  # type: ignore[misc]
    for word in (*SENTINELS, "doctor", "tea"):
        yield "recall", lambda word=word: bank.recall(f"what about the {word}?")  # type: ignore[misc]
        yield "recall past", lambda word=word: bank.recall(word, as_of=middle)  # type: ignore[misc]
        yield "search", lambda word=word: bank.search(word, k=100, where=Where(states=STATES))  # type: ignore[misc]
        yield "answer", lambda word=word: bank.answer(f"Where do I live, {word}?")  # type: ignore[misc]
        yield "matching", lambda word=word: bank.matching(word)  # type: ignore[misc]
    for record in ids["records"]:
        yield "get", lambda record=record: bank.get(record)  # type: ignore[misc]
        yield "get past", lambda record=record: bank.get(record, as_of=middle)  # type: ignore[misc]
        yield "history", lambda record=record: bank.history(record)  # type: ignore[misc]
        yield "links", lambda record=record: bank.links([record])  # type: ignore[misc]
        yield "recalled", lambda record=record: bank.recalled(record)  # type: ignore[misc]
        yield "feedback", lambda record=record: bank.feedback("cited", [record])  # type: ignore[misc]
        yield "update", lambda record=record: bank.update(record, "gone")  # type: ignore[misc]
        yield "delete", lambda record=record: bank.delete(record)  # type: ignore[misc]
        yield "relabel", lambda record=record: bank.relabel(record, ["free"])  # type: ignore[misc]
        yield "unlabel", lambda record=record: bank.unlabel(record, ["health"])  # type: ignore[misc]
    for event in ids["events"]:
        yield "event", lambda event=event: bank.event(event)  # type: ignore[misc]
    for receipt in ids["receipts"]:
        yield "receipt", lambda receipt=receipt: bank.receipt(receipt)  # type: ignore[misc]
        yield "why", lambda receipt=receipt: bank.why(receipt, 1)  # type: ignore[misc]
        yield "correction", lambda receipt=receipt: bank.feedback("correction", [], receipt=receipt, text="tea")  # type: ignore[misc]


def withheld_ids(anna: GuardedBank) -> dict[str, list[str]]:
    ids = {
        "records": [r.id for r in anna.list(Where(states=STATES, labels=("health",)), limit=500).records],
        "events": [f"h{n}" for n in range(12)],
        "receipts": [anna.recall(f"what about the {word}?").receipt for word in SENTINELS[:2]],
    }
    assert len(ids["records"]) >= 12
    return ids


def crossing(bank: GuardedBank, ids: dict[str, list[str]], middle: int) -> list[str]:
    """Ways by which a sentinel word came back, other than in one's own question."""
    out = []
    for name, call in everything(bank, ids, middle):
        told = asked(call).casefold()
        own = {w for w in SENTINELS if name in _WITH_QUESTION}
        for word in SENTINELS:
            # A question is given back with its answer: the word then stands there once, with its question.
            said_of_it = f"{word} in my knee" in told or f"live in {word}" in told
            out += [f"{name}: {told[:200]}"] if said_of_it or (word in told and word not in own) else []
    return out


def test_no_verb_crosses_a_wall_of_labels(memory: Memory, anna: GuardedBank) -> None:
    middle = memory.bank("anna").last_seq()
    [first] = anna.list(Where(labels=("health",)), limit=1).records
    anna.update(first.id, "The quastenflosser in my knee has gone.")
    ids = withheld_ids(anna)
    bank = narrow(memory)
    assert crossing(bank, ids, middle) == []
    assert "tea" in bank.recall("lunch").text
    assert bank.stats()["records"] == bank.tally(Where()).total
    # What stood before stands still: nothing was changed by whoever may not see it.
    assert anna.get(first.id).value == "The quastenflosser in my knee has gone."
    assert "free" not in said([r.labels for r in anna.list(Where(labels=("health",)), limit=500).records])


def test_the_same_wall_from_the_other_side(memory: Memory, anna: GuardedBank) -> None:
    clinic = narrow(memory, only=["HEALTH"])
    assert {r.labels for r in clinic.list(limit=100).records} == {("Health",)} or all(
        "Health" in r.labels or "health" in r.labels for r in clinic.list(limit=100).records
    )
    assert "bread" not in said(clinic.recall("what was for lunch, bread?").text)
    assert "zyklotron" in said(clinic.recall("what did the doctor see?").text)


def test_scores_and_counts_do_not_tell_what_is_withheld(memory: Memory, anna: GuardedBank) -> None:
    other = memory.acting(Acting()).bank("twin", create=True)
    plain = [{"id": f"p{n}", "session": f"s{n % 4}", "actor": "Anna", "content": f"Lunch {n} was bread and tea."}
             for n in range(12)]  # fmt: skip
    other.retain(plain, at="2026-01-02")
    bank = narrow(memory)

    def scored(of: GuardedBank) -> list[tuple[str, dict[str, float]]]:
        return [(found.record.value, found.hit.parts) for found in of.search("tea at lunch 3", k=50)]

    # As if the withheld had never been said: the same records, with the same scores.
    assert scored(bank) == scored(other)
    assert bank.tally(Where()).total == other.tally(Where()).total


def test_what_is_labelled_later_is_kept_out_of_the_past_too(memory: Memory, anna: GuardedBank) -> None:
    bank = narrow(memory)
    middle = memory.bank("anna").last_seq()
    [record] = [r for r in anna.list(limit=500).records if r.value == "Lunch 7 was bread and tea."]
    assert "Lunch 7" in said(bank.recall("lunch 7").text)
    anna.relabel(record.id, ["health"], reason="allergy")
    for told in (
        bank.recall("lunch 7").text, bank.recall("lunch 7", as_of=middle).text, said(bank.list(limit=500)),
        said(bank.events(limit=500)), asked(lambda: bank.event("p7")), asked(lambda: bank.get(record.id, as_of=middle)),
        asked(lambda: bank.history(record.id)), said(bank.log(limit=1000)), said(bank.diff(0)),
    ):  # fmt: skip
        assert "Lunch 7" not in told
    anna.unlabel(record.id, ["health"], reason="no allergy")
    assert "Lunch 7" in bank.recall("lunch 7").text
    with pytest.raises(Denied):
        bank.unlabel(record.id, ["health"])


def test_policies_withhold_by_recipient_and_purpose_and_count(memory: Memory, anna: GuardedBank) -> None:
    owner = memory.acting(Acting())
    owner.set_policy(
        Policy.from_json({"name": "home", "rules": [
            {"id": "rent", "labels": ["health"], "recipient": "*landlord*", "flow": "withhold"}]})
    )  # fmt: skip
    landlord = memory.acting(Acting(recipient="my landlord", purpose="lease")).bank("anna")
    doctor = memory.acting(Acting(recipient="doctor")).bank("anna")
    count = len(anna.list(Where(labels=("health",)), limit=500).records)
    context = landlord.recall("what did the doctor see?")
    assert context.notes == (f"{count} records withheld by policy",)
    assert landlord.receipt(context.receipt).notes == context.notes
    assert crossing(landlord, withheld_ids(anna), memory.bank("anna").last_seq()) == []
    assert "zyklotron" in said(doctor.recall("what did the doctor see?").text)
    assert doctor.recall("what did the doctor see?").notes == ()
    assert "zyklotron" in said(anna.recall("what did the doctor see?").text)


def test_a_redacted_record_shows_its_shorter_view_alone(memory: Memory, anna: GuardedBank) -> None:
    owner = memory.acting(Acting())
    owner.set_policy(
        Policy.from_json({"name": "p", "rules": [
            {"id": "s", "labels": ["health"], "recipient": "employer", "flow": "summary"}]}),
        bank="anna",
    )  # fmt: skip
    [record] = anna.list(Where(labels=("health",), kinds=("episodic",)), limit=1).records
    memory.engine.commit("anna", lambda view: [
        Op.set_view(view.get([record.id])[record.id], "summary", "Something about health."),
    ])  # fmt: skip
    employer = memory.acting(Acting(recipient="Employer")).bank("anna")
    shown = employer.list(Where(labels=("health",)), limit=100).records
    assert [r.value for r in shown] == ["Something about health."]
    assert employer.get(record.id).value == "Something about health."
    assert crossing(employer, withheld_ids(anna), memory.bank("anna").last_seq()) == []


def test_new_verbs_are_closed_to_whoever_sees_a_part(memory: Memory, anna: GuardedBank) -> None:
    bank = narrow(memory, "owner", without=["health"])
    for verb in ("close_sessions", "consolidate", "reflect", "rollback", "switch", "spent", "last_written"):
        assert verb in BANK_VERBS
        with pytest.raises(Denied):
            getattr(bank, verb)()
    assert set(BANK_VERBS) | {"switching", "check"} >= READING
    guarded: GuardedMemory = bank.memory
    for verb, words in (("branch", ["anna", "b"]), ("export", ["anna", "x"]), ("reembed", ["anna"])):
        with pytest.raises(Denied):
            getattr(guarded, verb)(*words)


def test_grants_add_up_and_each_is_a_door_of_its_own(memory: Memory, anna: GuardedBank) -> None:
    owner = memory.acting(Acting())
    key, _ = owner.create_key("two doors")
    owner.give(key.principal, "anna", "reader", only=["work"])
    me = memory.acting(Acting(principal=key.principal)).bank("anna")
    assert me.list().records == ()
    owner.give(key.principal, "anna", "reader", only=["health"])
    assert {record.labels for record in me.list(limit=500).records} <= {("Health",), ("health",)} | {
        record.labels for record in anna.list(Where(labels=("health",)), limit=500).records
    }
    assert len(me.list(limit=500).records) == len(anna.list(Where(labels=("health",)), limit=500).records)


def test_what_is_retained_is_labelled_by_rule_and_its_folds_too(tmp_path: Path) -> None:
    told = Settings(labelling="rules")
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap", settings=told) as memory:
        bank = memory.bank("anna")
        bank.retain("The surgeon looked at my knee.", session="s")
        bank.retain("The river is wide.", session="s")
        [knee, river] = bank.list(Where(kinds=("episodic",))).records
        assert (knee.labels, river.labels) == (("health",), ())
        derived = Record(id="d", kind="summary", value="A knee and a river.", derived_from=(knee.id, river.id))
        memory.engine.commit("anna", lambda _: [Op.add(derived)])
        assert bank.get("d").labels == ("health",)
        wider = Record(id="w", kind="summary", value="All.", derived_from=("d",))
        memory.engine.commit("anna", lambda _: [Op.add(wider)])
        assert bank.get("w").labels == ("health",)
        bank.relabel(river.id, ["work"])
        assert set(bank.get("w").labels) == {"health", "work"}
        bank.unlabel("w", ["work"])
        assert bank.update("w", "All of it.").labels == ("health",)
    with pytest.raises(BadInput, match="labelling"):
        mnemic.open(tmp_path / "b.db", embedder="hashing", settings=Settings(labelling="rule"))


LABELS = st.sets(st.sampled_from(["health", "work", "money", "family"]), max_size=3)


@settings(max_examples=12)
@given(turns=st.lists(LABELS, min_size=1, max_size=8), without=LABELS, only=LABELS, word=st.sampled_from(SENTINELS))
def test_what_is_seen_is_just_what_the_scope_permits(
    tmp_path_factory: pytest.TempPathFactory, turns: list[set[str]], without: set[str], only: set[str], word: str
) -> None:
    path = tmp_path_factory.mktemp("walls") / "a.db"
    with mnemic.open(path, embedder="hashing", reranker="overlap") as memory:
        anna = memory.acting(Acting()).bank("anna", create=True)
        told = [
            {"id": f"e{n}", "session": "s", "content": f"turn{n} {word}{n} said.", "labels": sorted(labels)}
            for n, labels in enumerate(turns)
        ]
        anna.retain(told)
        bank = narrow(memory, "reader", without=sorted(without), only=sorted(only))
        open_to = {n for n, labels in enumerate(turns) if not labels & without and (not only or labels & only)}
        seen = said([bank.list(limit=100), bank.events(limit=100), bank.search(f"{word} said turn", k=50)])
        for n in range(len(turns)):
            assert (f"{word}{n} said" in seen) == (n in open_to)
        assert {event.id for event in bank.events(limit=100)} == {f"e{n}" for n in open_to}
