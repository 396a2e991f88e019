"""ReMe works when lessons that mislead are found out by use, and none is judged before it was used enough."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.bank import Bank
from mnemic.core.experience import Episode, Step
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Where

from .reme import RECIPE, SCRIPTS, WITHOUT_PRUNING
from .workbench import bank_at, current, model_of

TASKS = {
    "book a table": ("restaurant", "phone", "evening", "guests"),
    "file a tax return": ("revenue", "forms", "deadline", "receipts"),
    "repair a bicycle": ("chain", "wrench", "tyre", "brake"),
    "sort the mailbox": ("inbox", "label", "archive", "sender"),
}


def lesson_text(task: str, number: int, poisoned: bool) -> str:
    return f"{task}: {'never' if poisoned else 'always'} {TASKS[task][number % 4]} step {number * 37}"


def distil(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Early tasks each teach a lesson, three in ten of them wrong; later ones teach nothing new."""
    taught = [step.removeprefix("assistant: ") for step in inputs["steps"] if "step" in step]
    return {"lessons": [{"when_to_use": f"how to {inputs['task']}", "lesson": lesson} for lesson in taught]}


def teach(bank: Bank) -> None:
    for number in range(20):
        task = list(TASKS)[number % 4]
        steps = (Step(action=lesson_text(task, number, poisoned=number % 10 in (1, 4, 7))),)
        bank.retain(Episode(id=f"taught-{number}", task=task, steps=steps, reward=1.0))


def work(path: Path, recipe: Recipe, tasks: int = 200) -> tuple[int, float, list[int]]:
    """Successes in the second half, the poisoned share of current lessons, and the uses of what was pruned."""
    rng = random.Random(5)
    won = 0
    with bank_at(path, recipe, {"distil": distil}) as bank:
        teach(bank)
        assert len(current(bank, kinds=("lesson",))) == 20
        for number in range(tasks):
            task = rng.choice(list(TASKS))
            hits = bank.search(f"please {task}", k=20)
            found = [hit.record for hit in hits if hit.record.value.startswith(task)]
            used = rng.choice(found) if found else None
            success = rng.random() < (0.5 if used is None else 0.05 if "never" in used.value else 0.95)
            won += success and number >= tasks // 2
            ids = (used.id,) if used else ()
            bank.retain(Episode(id=f"t{number}", task=task, reward=float(success), records_used=ids))
        lessons = current(bank, kinds=("lesson",))
        pruned = current(bank, kinds=("lesson",), states=("archived",))
        poisoned = sum("never" in lesson.value for lesson in lessons) / len(lessons)
        return won, poisoned, [lesson.stats.successes + lesson.stats.failures for lesson in pruned]


def test_poisoned_lessons_fall_below_five_percent_and_success_rises(tmp_path: Path) -> None:
    with_pruning, poisoned, uses = work(tmp_path / "pruned.db", RECIPE)
    without, still_poisoned, _ = work(tmp_path / "kept.db", WITHOUT_PRUNING)
    assert still_poisoned == 0.3
    assert poisoned < 0.05
    assert uses
    assert min(uses) >= 5
    assert with_pruning > without


def test_lessons_are_committed_only_from_successes_and_cite_their_episode(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain(Episode(id="lost", task="book a table", steps=(Step(action="wrote a letter"),), reward=0.0))
        bank.retain(Episode(id="open", task="book a table", steps=(Step(action="waited"),)))
        assert not current(bank)
        assert not model_of(bank).calls
        bank.retain(Episode(id="won", task="book a table", steps=(Step(action="called"),), reward=1.0))
        (lesson,) = current(bank)
        assert lesson.kind == "lesson"
        assert lesson.keys["when"].text == "book a table"
        assert "called" in lesson.value
        assert {span.source.split("/")[0] for span in lesson.sources} == {"won"}


def test_a_lesson_is_found_by_when_to_use_it_not_by_what_it_says(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"distil": distil}) as bank:
        teach(bank)
        with bank.engine.view(bank.name) as view:
            for task in TASKS:
                asked = f"I was told to {task.replace('a ', 'one ')} today"
                right = {record.id for record in current(bank) if record.value.startswith(task)}
                hits = bank.search(asked, k=5)
                assert {hit.record.id for hit in hits} <= right
            assert view.count(Where(kinds=("lesson",))) == 20


def test_feedback_counts_as_use_too(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain(Episode(id="won", task="book a table", steps=(Step(action="called"),), reward=1.0))
        (lesson,) = current(bank)
        for number in range(5):
            bank.feedback("wrong", [lesson.id])
            assert current(bank) == [bank.get(lesson.id)], number
        for number in range(10):
            bank.retain(Episode(id=f"t{number}", task="swim", reward=0.0))
        assert not current(bank)
        assert bank.restore(lesson.id).state == "active"


def test_credit_is_given_once_for_each_episode(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        bank.retain(Episode(id="won", task="book a table", steps=(Step(action="called"),), reward=1.0))
        (lesson,) = current(bank)
        again = Episode(id="again", task="book a table", reward=1.0, records_used=(lesson.id, "unknown"))
        bank.retain(again)
        bank.retain(again)
        bank.consolidate()
        assert bank.get(lesson.id).stats.successes == 1
