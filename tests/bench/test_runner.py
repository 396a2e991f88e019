"""The runner: what it asks of a memory, what it measures, and that interrupted work is not done twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mnemic.bench.metrics import BudgetError
from mnemic.bench.outcome import score
from mnemic.bench.runner import Runner, System
from mnemic.bench.sample import spread
from mnemic.bench.suite import Suite
from mnemic.core.errors import BadInput

from .conftest import FakeRecipe, World

MakeRunner = Callable[..., Runner]
WORDS = System(FakeRecipe())


def test_readings_by_hand(runner: MakeRunner, diary: Suite) -> None:
    (run,) = runner().run([WORDS])
    # "Where is the flat in Lisbon?" shares 3 words with e2 and e3 (is, the, flat), 2 with e1, 1 with e4.
    reading = run.readings["anna:q1"]
    assert reading.ranking == ("e2", "e3", "e1", "e4", "e5")
    # A word is 100 tokens here: e2 has 6 words, e3 9, e1 6, e4 7, e5 4.
    assert reading.cited == {500: (), 1500: ("e2", "e3"), 4000: ("e2", "e3", "e1", "e4", "e5")}
    figures = score(reading, diary.probes[0])
    assert (figures["recall_at_5"], figures["mrr"]) == (1.0, 0.5)
    assert [figures[f"coverage_{b}"] for b in (500, 1500, 4000)] == [0, 0.5, 1]
    assert (reading.calls, reading.ms) == (1, 2.0)


def test_writing_is_timed_by_session(runner: MakeRunner) -> None:
    (run,) = runner().run([WORDS])
    anna = run.writings[0]
    assert [count for count, _ in anna.sessions] == [3, 2]
    assert [ms / count for count, ms in anna.sessions] == pytest.approx([10, 10])
    assert anna.idle_ms == pytest.approx(1000)
    assert anna.bytes > 100


def test_sessions_are_closed_before_the_next_begins(runner: MakeRunner, world: World) -> None:
    runner().run([WORDS])
    writes = [call for call in world.calls if call[0].startswith("retain")]
    assert writes == [("retain and close", 3), ("retain and close", 2), ("retain and close", 3)]


def test_a_second_run_does_nothing_again(runner: MakeRunner, world: World) -> None:
    first = runner().run([WORDS])
    world.calls.clear()
    assert runner().run([WORDS]) == first
    assert world.calls == []


@pytest.mark.parametrize("after", range(6))
def test_an_interrupted_run_goes_on(runner: MakeRunner, world: World, after: int) -> None:
    world.patience = after
    with pytest.raises(KeyboardInterrupt):
        runner().run([WORDS])
    assert world.calls[-1][0] == "close memory"
    world.patience, before = -1, world.made("retain and close")
    (run,) = runner().run([WORDS])
    assert len(run.readings) == 4
    # 4 questions and one warm-up a conversation; an interruption repeats at most a warm-up.
    assert world.made("read") <= 4 + 2 + 1
    assert world.made("retain and close") == 3
    assert before in (2, 3)


def test_a_store_that_was_being_written_is_written_anew(runner: MakeRunner, world: World, tmp_path: Path) -> None:
    runner().run([WORDS])
    for summary in tmp_path.glob("stores/*/*/anna-*/writing.json"):
        summary.unlink()
    world.calls.clear()
    runner().run([WORDS])
    assert [count for name, count in world.calls if name == "retain and close"] == [3, 2]
    assert world.made("read") == 0


def test_a_torn_last_line_is_read_again(runner: MakeRunner, world: World, tmp_path: Path) -> None:
    first = runner().run([WORDS])
    (journal,) = tmp_path.glob("journal/*/words/anna-*.jsonl")
    whole = journal.read_text()
    journal.write_text(whole[:-30])
    world.calls.clear()
    assert runner().run([WORDS]) == first
    assert world.made("read") == 2
    assert journal.read_text() == whole


def test_what_results_depend_on_changes_the_journal(runner: MakeRunner, world: World, tmp_path: Path) -> None:
    runner().run([WORDS])
    for runs, make in [
        (System(FakeRecipe(newest=True)), runner()),
        (WORDS, runner(version="2")),
        (replace(WORDS, embedder="other"), runner()),
    ]:
        world.calls.clear()
        make.run([runs])
        assert world.made("retain and close") == 3
        assert world.made("read") == 6
    heads = [json.loads(path.read_text().split("\n")[0]) for path in tmp_path.glob("journal/*/*/*.jsonl")]
    assert len(heads) == 8
    assert all({"conversation", "recipe", "version", "seed"} <= set(head["depends_on"]) for head in heads)


def test_profiles_share_a_store(runner: MakeRunner, world: World) -> None:
    runs = runner().run([WORDS, System(FakeRecipe(), "fast")])
    assert [run.label for run in runs] == ["words", "words@fast"]
    assert world.made("retain and close") == 3


def test_another_reranker_reads_the_same_store(runner: MakeRunner, world: World) -> None:
    runner().run([WORDS])
    world.calls.clear()
    runner().run([replace(WORDS, reranker="other")])
    assert world.made("retain and close") == 0
    assert world.made("read") == 6


def test_a_larger_sample_keeps_what_the_smaller_found(runner: MakeRunner, world: World, diary: Suite) -> None:
    runner(spread(diary, 2)).run([WORDS])
    world.calls.clear()
    runner().run([WORDS])
    assert world.made("retain and close") == 0
    assert world.made("read") == 2 + 2


def test_a_changed_question_is_asked_again(runner: MakeRunner, world: World, diary: Suite) -> None:
    runner().run([WORDS])
    anna, boris = diary.conversations
    other = replace(anna, probes=(replace(anna.probes[0], question="Where?"), *anna.probes[1:]))
    world.calls.clear()
    runner(replace(diary, conversations=(other, boris))).run([WORDS])
    assert world.made("read") == 1 + 1


def test_an_unknown_profile_is_refused_before_any_work(runner: MakeRunner, world: World) -> None:
    with pytest.raises(BadInput, match="profile"):
        runner().run([WORDS, System(FakeRecipe(), "slow")])
    assert world.calls == []


def test_a_context_over_its_budget_stops_the_run(runner: MakeRunner) -> None:
    with pytest.raises(BudgetError, match="budget of 500"):
        runner().run([System(FakeRecipe(overflow=600))])


def test_progress_counts_up_to_all_questions(runner: MakeRunner) -> None:
    told: list[tuple[int, int, str]] = []
    runner(on_progress=lambda *now: told.append(now)).run([WORDS, System(FakeRecipe("other"))])
    done = [now[0] for now in told]
    assert done == sorted(done)
    assert told[-1][:2] == (8, 8)
    assert told[0][2] == "words · anna: session 1 of 2 retained"
    told.clear()
    runner(on_progress=lambda *now: told.append(now)).run([WORDS])
    assert told[-1][:2] == (4, 4)
