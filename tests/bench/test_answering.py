"""Who answers, how it is counted, and that one failing recipe does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mnemic.bench.command import run_benchmark
from mnemic.bench.metrics import BudgetError
from mnemic.bench.report import Report
from mnemic.bench.runner import Runner, System, TooSlow
from mnemic.bench.suite import Suite, load_suite
from mnemic.core.errors import BadInput
from mnemic.core.stage import Stage
from mnemic.models.language.given import Extractions
from mnemic.models.language.rules import RuleModel
from mnemic.recipes import load_recipe

from .conftest import SUITES, FakeRecipe, World

MakeRunner = Callable[..., Runner]
ASKING = System(FakeRecipe("asks", asks_at=("write", "idle", "read")), language_model="rules")


@pytest.fixture
def asking(runner: MakeRunner) -> Runner:
    made = runner()
    made.answers = lambda _: RuleModel()
    return made


def test_calls_are_counted_apart(asking: Runner) -> None:
    (run,) = asking.run([ASKING])
    # Two sessions of Anna, one of Boris; each is retained once and consolidated once.
    assert [(w.write.calls, w.idle.calls) for w in run.writings] == [(2, 2), (1, 1)]
    assert all(w.write.tokens > 0 for w in run.writings)
    assert all(reading.asked > 0 for reading in run.readings.values())
    assert run.language_model == "rules"


def test_a_system_that_names_no_model_is_given_none(asking: Runner, world: World) -> None:
    (run,) = asking.run([System(FakeRecipe("asks", asks_at=("write",)))])
    assert world.model is None
    assert run.writings[0].write.calls == 0


def test_counts_survive_an_interruption(asking: Runner, world: World) -> None:
    first = asking.run([ASKING])
    world.calls.clear()
    assert asking.run([ASKING]) == first
    assert world.calls == []


def test_who_answers_changes_the_store(asking: Runner, world: World) -> None:
    asking.run([ASKING])
    world.calls.clear()
    asking.run([replace(ASKING, language_model="other")])
    assert world.made("retain and close") == 3


def test_given_facts_are_part_of_what_results_depend_on(runner: MakeRunner, diary: Suite, world: World) -> None:
    given = replace(ASKING, language_model="given")
    runner().run([given])
    anna, boris = diary.conversations
    other = replace(anna, extractions=Extractions({"e1": ("Anna moved.",)}))
    world.calls.clear()
    runner(replace(diary, conversations=(other, boris))).run([given])
    assert world.made("retain and close") == 2


def test_time_that_a_cache_saved_is_added(runner: MakeRunner) -> None:
    made = runner()
    made.charged = lambda: 7.0
    (run,) = made.run([System(FakeRecipe())])
    assert run.readings["anna:q1"].ms == 2.0 + 7.0
    assert [ms for _, ms in run.writings[0].sessions] == pytest.approx([37.0, 27.0])


def test_a_recipe_that_fails_does_not_stop_the_others(runner: MakeRunner, diary: Suite) -> None:
    systems = [System(FakeRecipe("broken", overflow=600)), System(FakeRecipe())]
    runs, failures = runner().run_all(systems)
    assert [run.label for run in runs] == ["words"]
    assert failures[0].label == "broken"
    assert "budget of 500" in failures[0].error
    report = Report(diary, runs, {}, failures=failures)
    assert report.to_json()["failures"][0]["recipe"] == "broken"
    assert any("broken failed" in note for note in report.notes())


def test_a_slow_recipe_is_given_up_and_taken_up_again(runner: MakeRunner) -> None:
    made = runner()
    made.patience = 0.6
    systems = [System(FakeRecipe("slow")), System(FakeRecipe())]
    with pytest.raises(TooSlow, match=r"not done after 0.6 s \(slow · anna: session 2"):
        made.run_all(systems)
    made.patience = None
    runs, failures = made.run_all(systems)
    assert len(runs) == 2
    assert failures == []


def test_when_all_fail_the_first_failure_is_told(runner: MakeRunner) -> None:
    with pytest.raises(BudgetError, match="budget of 500"):
        runner().run_all([System(FakeRecipe("broken", overflow=600))])


def test_a_recipe_that_needs_a_model_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnemic.bench.command.load_recipe", lambda name: FakeRecipe(name, asks_at=("write",)))
    with pytest.raises(BadInput, match="asks needs a language model; add --language-model"):
        run_benchmark(SUITES / "diary", ["asks"], out=tmp_path)
    assert not list(tmp_path.glob("stores"))


def test_given_facts_need_a_suite_that_has_some(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="diary carries no facts"):
        run_benchmark(SUITES / "diary", ["bm25"], out=tmp_path, language_model="given")
    with pytest.raises(BadInput, match="'clever' is unknown"):
        run_benchmark(SUITES / "diary", ["bm25"], out=tmp_path, language_model="clever")


def test_conversations_can_be_cut(diary: Suite) -> None:
    kept = load_suite(SUITES / "diary", conversations=1)
    assert kept.conversations == diary.conversations[:1]
    with pytest.raises(BadInput, match="conversations"):
        load_suite(SUITES / "diary", conversations=0)


def test_all_recipes_are_model_free_or_say_why_not() -> None:
    from mnemic.bench.selection import expand

    free = expand(["all-model-free"])
    assert "bm25" in free
    assert set(free) <= set(expand(["all"]))
    assert expand(["hybrid", "all"])[0] == "hybrid"
    assert len(set(expand(["hybrid", "all"]))) == len(expand(["all"]))
    assert isinstance(load_recipe("bm25").formation.items[0], Stage)
