"""From names to a finished report, with a stand-in for the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mnemic
from mnemic.bench import command
from mnemic.core.chance import Clock
from mnemic.core.errors import BadInput, NotFound

from .conftest import SUITES, FakeMemory, FakeRecipe, World


class Point:
    """An entry point that gives a recipe."""

    def __init__(self, recipe: FakeRecipe) -> None:
        self.recipe = recipe

    def load(self) -> FakeRecipe:
        return self.recipe


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    def opened(path: Path, *, embedder: Any, reranker: Any, clock: Clock, seed: int) -> FakeMemory:
        return FakeMemory(path, world)

    points = {"words": Point(FakeRecipe("words")), "newest": Point(FakeRecipe("newest", newest=True))}
    monkeypatch.setattr(mnemic, "open", opened, raising=False)
    monkeypatch.setattr(command, "recipe_points", lambda: points)


def test_a_suite_and_recipes_by_name_give_a_report(tmp_path: Path) -> None:
    report = command.run_benchmark(SUITES / "diary", ["words", "newest", "words@fast"], out=tmp_path)
    assert [run.label for run in report.runs] == ["words", "newest", "words@fast"]
    assert len(report.differences) == 9
    assert json.loads((tmp_path / "rows.json").read_text())["rows"] == report.rows
    assert (tmp_path / "report.html").exists()
    assert report.about["embedder"] == "none"


def test_a_profile_is_taken_for_every_recipe_without_its_own(tmp_path: Path) -> None:
    report = command.run_benchmark(SUITES / "diary", ["words", "newest@fast"], out=tmp_path, profile="fast", limit=2)
    assert [run.label for run in report.runs] == ["words@fast", "newest@fast"]
    assert report.rows[-1]["n"] == 2


def test_running_again_goes_on(tmp_path: Path, world: World) -> None:
    world.patience = 3
    with pytest.raises(KeyboardInterrupt):
        command.run_benchmark(SUITES / "diary", ["words"], out=tmp_path)
    world.patience = -1
    command.run_benchmark(SUITES / "diary", ["words"], out=tmp_path)
    assert world.made("retain") == 3


def test_wrong_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there are words, newest"):
        command.run_benchmark(SUITES / "diary", ["verbs"], out=tmp_path)
    with pytest.raises(NotFound, match=r"no file .*mine\.toml"):
        command.run_benchmark(SUITES / "diary", [str(tmp_path / "mine.toml")], out=tmp_path)
    with pytest.raises(BadInput, match="given twice"):
        command.run_benchmark(SUITES / "diary", ["words", "words"], out=tmp_path)
    with pytest.raises(BadInput, match="profile"):
        command.run_benchmark(SUITES / "diary", ["words@slow"], out=tmp_path)


def test_a_suite_without_evidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"id": "e", "text": "Hi", "occurred_at": "2026-01-01"}')
    (tmp_path / "questions.jsonl").write_text('{"id": "q", "question": "?", "evidence": []}')
    with pytest.raises(BadInput, match="nothing to score"):
        command.run_benchmark(tmp_path, ["words"], out=tmp_path / "out")
