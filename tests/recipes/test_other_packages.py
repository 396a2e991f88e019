"""Another package adds a stage and a recipe through its entry points, and nothing here has to change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

MODULE = '''
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.stage import Filter
from mnemic.recipes import load_recipe
from mnemic.core.pipeline import Chain, Recipe


@dataclass(frozen=True)
class Shout(Filter):
    """Leaves everything."""

    name: ClassVar[str] = "shout"

    def filter(self, hits, query, view):
        return hits


BASE = load_recipe("bm25")
RECIPE = Recipe(
    name="loud",
    summary="bm25, louder",
    formation=BASE.formation,
    retrieval=Chain((*BASE.retrieval.items[:-1], Shout(), BASE.retrieval.items[-1])),
)
'''


def _installed(folder: Path) -> dict[str, str]:
    (folder / "loud_memory.py").write_text(MODULE, "utf-8")
    info = folder / "loud_memory-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-memory\nVersion: 1.0\n", "utf-8")
    points = "[mnemic.stages]\nloud = loud_memory\n\n[mnemic.recipes]\nloud = loud_memory:RECIPE\n"
    (info / "entry_points.txt").write_text(points, "utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


def _run(*arguments: str, env: dict[str, str], folder: Path) -> str:
    command = [sys.executable, "-m", "mnemic.cli", *arguments]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_recipe_and_a_stage_of_another_package_are_found(tmp_path: Path) -> None:
    env = _installed(tmp_path)
    listed = json.loads(_run("recipes", "--json", env=env, folder=tmp_path))["recipes"]
    assert "loud" in {recipe["name"] for recipe in listed}
    assert ">> shout()" in _run("recipes", "show", "loud", env=env, folder=tmp_path)
    toml = tmp_path / "mine.toml"
    toml.write_text(_run("recipes", "show", "loud", "--toml", env=env, folder=tmp_path), "utf-8")
    assert "shout" in _run("recipes", "show", str(toml), env=env, folder=tmp_path)
