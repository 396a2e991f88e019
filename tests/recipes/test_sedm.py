"""SEDM works when replay tells helpful lessons from harmful ones, and use finds those that have turned harmful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.bank import Bank
from mnemic.core.experience import Episode, Step
from mnemic.core.pipeline import Chain, Recipe
from mnemic.evolution.insert_only import InsertOnly
from mnemic.evolution.paired_replay import case_of
from mnemic.recipes import load_recipe

from .workbench import bank_at, current, model_of

TASKS = [f"open{n} vault{n} by lever{n}" for n in range(50)]
HELPFUL = set(TASKS[::2])
#: What the solver knows without any lesson.
KNOWN = set(TASKS[1::5]) - HELPFUL


def key(task: str) -> str:
    return f"key of {task}"


def distil(asked: Mapping[str, Any]) -> dict[str, Any]:
    if asked["task"] not in TASKS:
        return {"lessons": []}
    right = key(asked["task"])
    used = right if asked["task"] in HELPFUL else f"wrong-{right}!"
    return {"lessons": [{"when_to_use": asked["task"], "lesson": f"use {used}", "score": 0.9}]}


def solve(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Does what the first line says, else what it knows."""
    told = [line["text"].removeprefix("use ") for line in asked["lines"] if line["text"].startswith("use ")]
    own = key(asked["question"]) if asked["question"] in KNOWN else "no idea"
    return {"known": True, "text": told[0] if told else own, "cited": []}


def judge(asked: Mapping[str, Any]) -> dict[str, bool]:
    return {"correct": asked["answer"] == asked["expected"]}


SCRIPTS = {"distil": distil, "answer_question": solve, "judge": judge}


def episode(task: str) -> Episode:
    return Episode(id=task, task=task, steps=(Step(action="try"),), reward=1.0, meta={"expected": key(task)})


def accuracy(path: Path, recipe: Recipe | None) -> tuple[float, set[str]]:
    """How many of the tasks are solved with what was stored, and the tasks whose lesson was stored."""
    with bank_at(path, recipe or load_recipe("sedm"), SCRIPTS) as bank:
        if recipe is not None:
            for task in TASKS:
                bank.retain(episode(task))
        stored = {record.session for record in current(bank, kinds=("lesson",))}
        solved = 0
        for task in TASKS:
            found = [f.record.value for f in bank.search(task, k=5) if f.record.session == task] if stored else []
            answer = solve({"question": task, "lines": [{"text": text} for text in found]})
            solved += answer["text"] == key(task)
        return solved / len(TASKS), stored


def test_replay_admits_what_helps_and_keeps_out_what_harms(tmp_path: Path) -> None:
    sedm = load_recipe("sedm")
    gated, admitted = accuracy(tmp_path / "gated.db", sedm)
    everything = replace(sedm, name="ungated", evolution=(Chain.of(InsertOnly()), *sedm.evolution[1:]))
    stored, _ = accuracy(tmp_path / "all.db", everything)
    nothing, _ = accuracy(tmp_path / "none.db", None)
    assert len(admitted & HELPFUL) >= 24
    assert len(admitted - HELPFUL) <= 1
    assert gated > stored > nothing


def test_what_fails_is_kept_apart_with_the_reason(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "sedm", SCRIPTS) as bank:
        harmful = next(task for task in TASKS if task not in HELPFUL)
        bank.retain(episode(harmful))
        (refused,) = current(bank, kinds=("lesson",), states=("quarantined",))
        assert "gains" in bank.history(refused.id)[0].entry.op.reason
        assert not bank.search(harmful, k=5) or bank.search(harmful, k=5)[0].record.kind != "lesson"
        bank.restore(refused.id)
        assert bank.search(harmful, k=5)[0].record.id == refused.id


def test_lessons_that_turn_harmful_are_set_aside_within_ten_uses(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "sedm", SCRIPTS) as bank:
        tasks = sorted(HELPFUL)[:10]
        for task in tasks:
            bank.retain(episode(task))
        lessons = {record.session: record.id for record in current(bank, kinds=("lesson",))}
        uses = dict.fromkeys(tasks, 0)
        for number in range(10):
            for place, task in enumerate(tasks):
                if bank.get(lessons[task]).state != "active":
                    continue
                uses[task] += 1
                reward = float(place % 2 == 0)
                bank.retain(Episode(id=f"{task}-{number}", task="other", reward=reward, records_used=(lessons[task],)))
        active = {task for task in tasks if bank.get(lessons[task]).state == "active"}
        assert active == set(tasks[::2])
        assert max(uses[task] for task in tasks[1::2]) < 10


def test_a_case_replays_the_same_twice(tmp_path: Path) -> None:
    task = sorted(HELPFUL)[0]
    asked = []
    for run in range(2):
        with bank_at(tmp_path / f"{run}.db", "sedm", SCRIPTS) as bank:
            bank.retain(episode(task))
            asked.append([(call.task, call.inputs) for call in model_of(bank).calls])
            assert case_of(bank.events(task)) == case_of(bank.events(task))
    assert asked[0] == asked[1]
    assert [name for name, _ in asked[0]] == ["distil", *["answer_question", "judge"] * 2]


def weight(bank: Bank, record_id: str, question: str) -> float:
    return next(
        found.hit.parts["earned_weight"] for found in bank.search(question, k=9) if found.record.id == record_id
    )


def test_weight_is_measured_use_and_ranks(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "sedm", SCRIPTS) as bank:
        task = sorted(HELPFUL)[0]
        bank.retain(episode(task))
        (lesson,) = current(bank, kinds=("lesson",))
        assert weight(bank, lesson.id, task) == 1.0
        bank.feedback("correct", [lesson.id])
        assert weight(bank, lesson.id, task) == 1.23
        bank.feedback("wrong", [lesson.id])
        assert weight(bank, lesson.id, task) == 0.96
