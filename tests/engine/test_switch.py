"""A bank can switch its recipe: history is made anew, resumable, nothing half-visible, nothing of the user's lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemic.bank import Bank
from mnemic.core.errors import Malformed, ModelFailure, ModelUnavailable, RecipeChanged
from mnemic.core.evidence import Segment
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Annotator
from mnemic.core.task import task_named
from mnemic.core.view import View
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.formation.per_session import PerSession
from mnemic.memory import Memory
from mnemic.models.language.rules import RuleModel
from mnemic.recipes import load_recipe

from ..recipes.workbench import current, fingerprint, memory_at, seq_of
from .histories import sentence, step

ANY_STATE = ("active", "superseded", "archived", "quarantined")
HYBRID = load_recipe("hybrid")
MEM0 = load_recipe("mem0")
BY_SESSION = replace(HYBRID, name="by-session", formation=Chain.of(PerSession(), *HYBRID.formation.items[1:]))
ONCE = replace(HYBRID, name="once", evolution=(Chain.of(SkipDuplicates()),))
RECIPES: dict[str, str | Recipe] = {"bm25": "bm25", "hybrid": "hybrid", "by-session": BY_SESSION, "once": ONCE}


def content(records: list[Record]) -> Counter[Any]:
    """Values with their sources."""
    return Counter((record.value, record.sources) for record in records)


def told(bank: Bank, portions: list[tuple[str, list[str]]], start: int = 0) -> None:
    """Hand portions of turns in, under ids that do not depend on the bank."""
    for number, (session, texts) in enumerate(portions, start):
        turns = [{"role": "user", "content": text, "id": f"e{number}-{i}"} for i, text in enumerate(texts)]
        bank.retain(turns, session=session, at="2026-05-01")


def talk(rng: random.Random, portions: int) -> list[tuple[str, list[str]]]:
    return [(rng.choice(["s1", "s2"]), [sentence(rng) for _ in range(rng.randint(1, 4))]) for _ in range(portions)]


@settings(max_examples=12)
@given(seed=st.integers(0, 1 << 30), former=st.sampled_from(sorted(RECIPES)), target=st.sampled_from(sorted(RECIPES)))
def test_it_equals_a_fresh_bank_under_the_new_recipe(
    seed: int, former: str, target: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    portions = talk(random.Random(seed), 6)
    with memory_at(tmp_path_factory.mktemp("switch") / "x.db", {}) as memory:
        old = memory.bank("old", RECIPES[former])
        told(old, portions)
        before = current(old)
        point = seq_of(old)
        done = old.switch(RECIPES[target])
        fresh = memory.bank("fresh", RECIPES[target])
        told(fresh, portions)
        fresh.consolidate()
        assert content(current(old)) == content(current(fresh))
        assert done.superseded == len(before)
        assert old.recipe.name == target
        # What was remembered before is in the past as it was.
        assert list(old.list(as_of=point, limit=1000).records) == before
        # It goes on as the fresh one does.
        more = talk(random.Random(seed + 1), 3)
        for bank in (old, fresh):
            told(bank, more, start=100)
            bank.consolidate()
        assert content(current(old)) == content(current(fresh))
        assert memory.check() == []
        assert {row.name for row in memory.banks()} == {"old", "fresh"}


@settings(max_examples=8)
@given(seed=st.integers(0, 1 << 30))
def test_after_random_histories_the_log_rebuilds_an_identical_store(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng, folder = random.Random(seed), tmp_path_factory.mktemp("switch")
    with memory_at(folder / "x.db", {}) as memory:
        bank = memory.bank("b", "bm25")
        for name in ("hybrid", BY_SESSION):
            for _ in range(8):
                step(bank, rng)
            wanted = bank.switch(name)
            assert len(set(wanted.kept)) == len(wanted.kept)
        for _ in range(4):
            step(bank, rng)
        assert memory.check() == []
        copy = memory.branch("b", "copy")
        assert fingerprint(copy) == fingerprint(bank)
        assert copy.recipe == bank.recipe
        memory.export("b", folder / "b.mnemic")
        again = memory.import_bank(folder / "b.mnemic", name="again")
        assert fingerprint(again) == fingerprint(bank)
        assert again.recipe == bank.recipe


@pytest.fixture
def bank(where: str, opened: Callable[..., Memory]) -> Bank:
    made = opened(where).bank("anna", recipe="bm25")
    for number in range(12):
        made.retain(f"Turn {number} is about tea.", session=f"s{number // 4}")
    return made


def by_value(bank: Bank, **where: Any) -> dict[str, Record]:
    return {record.value: record for record in current(bank, **where)}


def test_what_the_user_changed_goes_over_to_the_new_records(bank: Bank) -> None:
    former = by_value(bank)
    bank.feedback("cited", [former["Turn 0 is about tea."].id])
    bank.delete(former["Turn 1 is about tea."].id)
    bank.update(former["Turn 2 is about tea."].id, "Turn 2 is about coffee.")
    bank.feedback("label", [former["Turn 3 is about tea."].id], text="dear")
    done = bank.switch("hybrid")
    assert done.carried == {"counters": 1, "deletions": 1, "corrections": 1, "labels": 1}
    assert (done.kept, done.left) == ((), {})
    now = by_value(bank)
    assert len(now) == 11
    assert now["Turn 0 is about tea."].stats == bank.get(former["Turn 0 is about tea."].id).stats
    assert "Turn 1 is about tea." not in now
    assert now["Turn 2 is about coffee."].id not in {record.id for record in former.values()}
    assert now["Turn 3 is about tea."].labels == ("dear",)
    assert "coffee" in bank.recall("coffee", tokens=30).text
    # The next switch hands over what this one handed over, once.
    assert bank.switch("bm25").carried == {"counters": 1, "deletions": 1, "corrections": 1, "labels": 1}
    assert set(by_value(bank)) == set(now)


def test_what_has_no_counterpart_stays_or_is_named(bank: Bank) -> None:
    former = by_value(bank)
    corrected = former["Turn 2 is about tea."].id
    bank.update(corrected, "Turn 2 is about coffee.")
    deleted = former["Turn 1 is about tea."].id
    bank.delete(deleted)
    liked = former["Turn 5 is about tea."].id
    bank.feedback("liked", [liked])
    done = bank.switch(NOTING)
    assert done.kept == (corrected,)
    assert done.left == {deleted: ["deletion"], liked: ["counters"]}
    assert set(by_value(bank)) == {f"Turn {i} is about tea. (noted)" for i in range(12)} | {"Turn 2 is about coffee."}
    # It is found under the keys by which the new recipe searches.
    assert bank.search("coffee", k=1)[0].record.id == corrected
    # A later recipe that makes the record again gets the correction.
    again = bank.switch("hybrid")
    assert (again.kept, again.carried) == ((), {"corrections": 1, "deletions": 1})
    assert bank.get(corrected).state == "superseded"
    assert "Turn 2 is about coffee." in by_value(bank)
    # So does the deletion, which nothing could take over before.
    assert "Turn 1 is about tea." not in by_value(bank)


def test_the_former_records_are_superseded_and_come_back_with_a_rollback(bank: Bank) -> None:
    point, before = seq_of(bank), current(bank)
    bank.switch("hybrid")
    old = bank.get(before[0].id)
    assert old.state == "superseded"
    entry = bank.history(old.id)[-1].entry
    assert (entry.op.reason, entry.op.actor) == ("recipe switch", "switch")
    bank.rollback(point)
    assert bank.recipe.name == "bm25"
    assert [(r.id, r.value) for r in current(bank)] == [(r.id, r.value) for r in before]
    assert "tea" in bank.recall("tea").text


def test_what_waited_for_the_end_of_its_session_waits_again_after_a_rollback(
    where: str, opened: Callable[..., Memory]
) -> None:
    bank = opened(where).bank("anna", BY_SESSION)
    bank.retain("Tea at four.", session="s1")
    point = seq_of(bank)
    bank.switch("bm25")
    assert len(current(bank)) == 1
    bank.rollback(point)
    assert current(bank) == []
    bank.consolidate()
    assert [record.value for record in current(bank)] == ["Tea at four."]


def test_reads_stay_as_they_are_until_it_is_done(bank: Bank) -> None:
    expected = bank.recall("tea", tokens=60).text
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))
        assert bank.recall("tea", tokens=60).text == expected
        assert bank.recipe.name == "bm25"

    bank.switch(ONCE, on_progress=watch)
    assert len(seen) == 12
    assert seen[-1] == (12, 12)


def test_what_is_retained_meanwhile_is_formed_at_once_and_taken_in(bank: Bank) -> None:
    added: list[str] = []

    def meddle(done: int, total: int) -> None:
        if len(added) < 3:
            added.append(f"A zebra came by, {len(added)}.")
            bank.retain(added[-1])
            assert added[-1] in by_value(bank)
            bank.feedback("liked", [by_value(bank)[added[-1]].id])

    done = bank.switch("hybrid", on_progress=meddle)
    assert done.events == 12 + len(added)
    assert set(added) <= set(by_value(bank))
    assert done.carried == {"counters": len(added)}


@dataclass(frozen=True)
class Noted(Annotator):
    """Makes of every value another."""

    name: ClassVar[str] = "test_noted"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        return reworded(draft, f"{draft.value} (noted)")


NOTING = replace(HYBRID, name="noting", formation=HYBRID.formation >> Noted())


class Broken(Exception):
    pass


def test_broken_off_it_goes_on_where_it_was(bank: Bank, where: str, opened: Callable[..., Memory]) -> None:
    before = current(bank)

    def stop(done: int, total: int) -> None:
        if done == 7:
            raise Broken

    with pytest.raises(Broken):
        bank.switch(ONCE, on_progress=stop)
    memory = opened(where)
    assert current(bank) == before
    assert bank.recipe.name == "bm25"
    assert [row.name for row in memory.banks()] == ["anna"]
    state = memory.switching("anna")
    assert state is not None
    assert (state.name, state.done, state.total) == ("once", 7, 12)
    seen: list[int] = []
    assert memory.switch("anna", ONCE, on_progress=lambda done, total: seen.append(done)).state == "done"
    assert seen == [8, 9, 10, 11, 12]
    assert memory.switching("anna") is None
    assert memory.check() == []


def test_another_wish_ends_the_one_under_way(bank: Bank, where: str, opened: Callable[..., Memory]) -> None:
    def stop(done: int, total: int) -> None:
        raise Broken

    with pytest.raises(Broken):
        bank.switch(ONCE, on_progress=stop)
    assert bank.switch("hybrid").recipe == "hybrid"
    with pytest.raises(Broken):
        bank.switch(ONCE, on_progress=stop)
    memory = opened(where)
    assert memory.give_up_switch("anna")
    assert not memory.give_up_switch("anna")
    assert bank.recipe.name == "hybrid"
    assert len(bank.engine.store.banks()) <= 2
    assert memory.check() == []


def test_a_model_that_fails_pauses_it_and_it_goes_on_later(tmp_path: Path) -> None:
    down = True

    def facts(inputs: Any) -> Any:
        if down:
            raise ModelFailure("the endpoint is down")
        return RuleModel().ask(task_named("extract_facts"), inputs).answer

    with memory_at(tmp_path / "x.db", {"extract_facts": facts}) as memory:
        bank = memory.bank("b", "bm25")
        bank.retain(["I live in Lisbon.", "I like tea."])
        before = current(bank)
        paused = bank.switch(MEM0)
        assert paused.state == "paused"
        assert "down" in paused.reason
        assert current(bank) == before
        assert memory.switching("b") is not None
        down = False
        assert bank.switch(MEM0).state == "done"
        assert bank.recipe == MEM0
        assert current(bank) != before
        # What the job asked is on the bank's own account.
        memory.flush()
        assert {row.task for row in memory.engine.store.spent("b")} >= {"extract_facts"}


def test_a_segment_that_cannot_be_formed_is_set_aside_and_does_not_hold_it_up(tmp_path: Path) -> None:
    def facts(inputs: Any) -> Any:
        if any("nonsense" in turn["text"] for turn in inputs["turns"]):
            raise Malformed("no JSON")
        return RuleModel().ask(task_named("extract_facts"), inputs).answer

    texts = ("I live in Lisbon.", "I like tea.", "This is nonsense.", "It is more nonsense.", "I like figs a lot.")
    with memory_at(tmp_path / "x.db", {"extract_facts": facts}) as memory:
        bank = memory.bank("b", "bm25")
        for number, text in enumerate(texts):
            bank.retain(text, session=f"s{number // 2}")
        assert bank.switch(MEM0).state == "done"
        assert any("figs" in value for value in by_value(bank))
        assert not any("nonsense" in value for value in by_value(bank))
        assert fingerprint(memory.branch("b", "copy")) == fingerprint(bank)
        assert texts[2] in {event.text for event in bank.events()}
        # What was set aside can be tried again in the bank itself.
        bank.engine.reopen("b")
        with bank.engine.store.snapshot("b") as snapshot:
            assert len(snapshot.unformed(None)) == 2


def test_without_a_model_a_recipe_that_needs_one_is_refused_at_once(bank: Bank) -> None:
    point = seq_of(bank)
    with pytest.raises(ModelUnavailable):
        bank.switch(MEM0)
    assert seq_of(bank) == point


def test_another_handle_follows_and_never_forms_by_the_former_recipe(
    bank: Bank, where: str, opened: Callable[..., Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = opened(where).bank("anna")
    bank.switch("hybrid")
    assert other.recipe.name == "hybrid"
    original = type(bank.engine.store).transaction
    switched: list[Any] = []

    def racing(self: Any, name: str) -> Any:
        if self is other.engine.store and not switched:
            switched.append(None)
            bank.switch(ONCE)
        return original(self, name)

    monkeypatch.setattr(type(bank.engine.store), "transaction", racing)
    turns = [replace(bank.events()[0], id="late")]
    with pytest.raises(RecipeChanged):
        other.engine.retain("anna", HYBRID, turns, kept_by="hybrid")
    switched.clear()
    other.retain("A late turn.")
    assert other.recipe.name == "once"
    assert "A late turn." in by_value(bank)


def test_a_branch_of_the_past_is_kept_by_the_recipe_of_then(
    bank: Bank, where: str, opened: Callable[..., Memory]
) -> None:
    point = seq_of(bank)
    bank.switch("hybrid")
    memory = opened(where)
    assert memory.branch("anna", "then", at=point).recipe.name == "bm25"
    assert memory.branch("anna", "now").recipe.name == "hybrid"


def test_a_chosen_recipe_leaves_records_as_they_are(bank: Bank, where: str, opened: Callable[..., Memory]) -> None:
    before, point = current(bank), seq_of(bank)
    memory = opened(where)
    chosen = memory.bank("anna", "hybrid")
    assert current(chosen) == before
    assert memory.branch("anna", "then", at=point).recipe.name == "bm25"
    chosen.switch("hybrid")
    assert chosen.search("tea", k=1)[0].hit.channel


def test_a_dropped_number_is_not_given_out_again(bank: Bank, where: str) -> None:
    store = bank.engine.store
    store.create_bank("\x1fgone", "", bank.engine.clock.now())
    row = store.bank("\x1fgone")
    assert row is not None
    store.drop_bank("\x1fgone")
    store.drop_bank("\x1fgone")
    made = store.create_bank("next", "", bank.engine.clock.now())
    # In a store of one file a bank each is the first of its file.
    assert made.bank > row.bank or where.endswith("/")
    assert store.check() == []
