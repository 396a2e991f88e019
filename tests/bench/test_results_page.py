"""The page of results: sorted, honest about failures, and in debt for each recipe below the baseline."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mnemic.bench.outcome import Failure
from mnemic.bench.report import Report
from mnemic.bench.results_page import write_page
from mnemic.bench.runner import Runner, System
from mnemic.bench.suite import Suite
from mnemic.core.errors import BadInput
from mnemic.models.language.rules import RuleModel

from .conftest import FakeRecipe


@pytest.fixture
def data(runner: Callable[..., Runner], diary: Suite) -> dict[str, Any]:
    """``rows.json`` of three systems, one of which asks a model; another has failed."""
    made = runner()
    made.answers = lambda _: RuleModel()
    systems = [
        System(FakeRecipe("bm25")),
        System(FakeRecipe("newest", newest=True)),
        System(FakeRecipe("asks", asks_at=("write",)), language_model="rules"),
    ]
    failures = [Failure("broken", "fast", "Refused: no such luck")]
    report = Report(diary, made.run(systems), {"machine": "a test"}, failures=failures)
    loaded: dict[str, Any] = json.loads(json.dumps(report.to_json()))
    return loaded


def test_every_system_is_on_the_page_with_what_it_cost(data: dict[str, Any], tmp_path: Path) -> None:
    write_page(tmp_path / "table.md", data, "mnemic bench diary")
    text = (tmp_path / "table.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith(("| bm25", "| newest", "| asks"))]
    assert len(lines) == 2 * 3
    assert "| asks | rules |" in text
    assert "$ mnemic bench diary" in text
    assert "`broken@fast`: Refused: no such luck" in text


def test_a_system_below_the_baseline_owes_a_sentence(data: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "table.md"
    assert write_page(page, data, "x") == ["newest"]
    assert "`newest`: **no reason given yet**" in page.read_text()
    (tmp_path / "below-bm25.toml").write_text('[any]\nnewest = "It looks at time alone."\n')
    assert write_page(page, data, "x") == []
    assert "`newest`: It looks at time alone." in page.read_text()
    (tmp_path / "below-bm25.toml").write_text('[any]\nnewest = "general"\n[table]\nnewest = "of this page"\n')
    write_page(page, data, "x")
    assert "`newest`: of this page" in page.read_text()


def test_reasons_that_are_no_sentences_are_refused(data: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "below-bm25.toml").write_text("[any]\nnewest = 3\n")
    with pytest.raises(BadInput, match="newest must be a sentence"):
        write_page(tmp_path / "table.md", data, "x")
    (tmp_path / "below-bm25.toml").write_text("[any\n")
    with pytest.raises(BadInput, match="cannot be read as TOML"):
        write_page(tmp_path / "table.md", data, "x")


def test_drawings_are_there_and_well_formed(data: dict[str, Any], tmp_path: Path) -> None:
    write_page(tmp_path / "table.md", data, "x")
    text = (tmp_path / "table.md").read_text()
    drawn = sorted(path.name for path in tmp_path.glob("*.svg"))
    assert drawn == ["table-coverage.svg", "table-time.svg", "table-tokens.svg"]
    for name in drawn:
        assert f"]({name})" in text
        root = ElementTree.fromstring((tmp_path / name).read_text())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "prefers-color-scheme:dark" in (tmp_path / name).read_text()


def test_without_a_model_there_is_no_drawing_of_tokens(data: dict[str, Any], tmp_path: Path) -> None:
    rows = [row for row in data["rows"] if row["recipe"] != "asks"]
    write_page(tmp_path / "table.md", {**data, "rows": rows}, "x")
    assert "table-tokens.svg" not in (tmp_path / "table.md").read_text()
    assert not (tmp_path / "table-tokens.svg").exists()


def test_where_answers_are_scored_recipes_are_compared_by_accuracy(data: dict[str, Any], tmp_path: Path) -> None:
    found = [name for name in data["rows"][0] if name.startswith(("recall", "coverage", "mrr", "ndcg"))]
    rows = [{name: row[name] for name in row if name not in found} | {"accuracy": 0.25} for row in data["rows"]]
    write_page(tmp_path / "table.md", {**data, "rows": rows}, "x")
    text = (tmp_path / "table.md").read_text()
    assert "| recipe | answers | accuracy | tokens |" in text
    assert "| asks | rules | 0.250 |" in text


def test_forty_names_in_a_drawing_do_not_cover_each_other(data: dict[str, Any], tmp_path: Path) -> None:
    rows = [{**row, "recipe": f"memory-{i}"} for i in range(40) for row in data["rows"] if row["recipe"] == "asks"]
    write_page(tmp_path / "table.md", {**data, "rows": rows}, "x")
    root = ElementTree.fromstring((tmp_path / "table-time.svg").read_text())
    labels = [node for node in root if node.get("class") == "label"]
    heights = sorted(float(node.get("y", "0")) for node in labels)
    assert len(labels) == 40
    assert all(after - before >= 12 for before, after in pairwise(heights))
