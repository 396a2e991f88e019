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


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    def opened(path: Path, *, clock: Clock, seed: int, **models: Any) -> FakeMemory:
        return FakeMemory(path, world)

    def found(name: str) -> FakeRecipe:
        if name not in ("words", "newest"):
            raise NotFound(f"recipe: there is none called {name!r}")
        return FakeRecipe(name, newest=name == "newest")

    monkeypatch.setattr(mnemic, "open", opened, raising=False)
    monkeypatch.setattr(command, "load_recipe", found)


def test_a_suite_and_recipes_by_name_give_a_report(tmp_path: Path) -> None:
    report = command.run_benchmark(SUITES / "diary", ["words", "newest", "words@fast"], out=tmp_path)
    assert [run.label for run in report.runs] == ["words", "newest", "words@fast"]
    assert len(report.differences) == 9
    assert json.loads((tmp_path / "rows.json").read_text())["rows"] == report.rows
    assert (tmp_path / "report.html").exists()
    assert report.about["embedder"] == "none needed"


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
    assert world.made("retain and close") == 3


def test_another_recipe_in_the_list_repeats_nothing(tmp_path: Path, world: World) -> None:
    command.run_benchmark(SUITES / "diary", ["words"], out=tmp_path)
    world.calls.clear()
    command.run_benchmark(SUITES / "diary", ["newest", "words"], out=tmp_path)
    assert world.made("retain and close") == 3
    assert world.made("read") == 6


def test_wrong_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="none called 'verbs'"):
        command.run_benchmark(SUITES / "diary", ["verbs"], out=tmp_path)
    with pytest.raises(BadInput, match="given twice"):
        command.run_benchmark(SUITES / "diary", ["words", "words"], out=tmp_path)
    with pytest.raises(BadInput, match="profile"):
        command.run_benchmark(SUITES / "diary", ["words@slow"], out=tmp_path)


def test_a_suite_without_evidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"id": "e", "text": "Hi", "occurred_at": "2026-01-01"}')
    (tmp_path / "questions.jsonl").write_text('{"id": "q", "question": "?", "evidence": []}')
    with pytest.raises(BadInput, match="nothing to score"):
        command.run_benchmark(tmp_path, ["words"], out=tmp_path / "out")
