"""Measurements of a part of a memory rather than of a whole recipe: a table and its notes."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mnemic.bench.cache import CachedEmbedder, Charge
from mnemic.bench.journal import write_whole
from mnemic.config import Settings
from mnemic.core.task import task_named
from mnemic.engine.tools import EngineTools, Models
from mnemic.models.calibration import calibrate
from mnemic.models.language.rules import RuleModel

if TYPE_CHECKING:
    from rich.table import Table

    from mnemic.core.stage import Stage
    from mnemic.engine.asking import Asking


@dataclass(frozen=True)
class PartReport:
    """What was measured: columns with their headings, a row for each thing measured, and how it was done."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    notes: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"part": self.name, "rows": [dict(row) for row in self.rows], "notes": list(self.notes)}

    def write(self, out: Path) -> Path:
        """Write ``<name>.json`` into a folder."""
        path = out / f"{self.name}.json"
        write_whole(path, json.dumps(self.to_json(), indent=1, ensure_ascii=False))
        return path

    def markdown(self, command: str) -> str:
        """The report as a page of the documentation.

        >>> report = PartReport("p", "Parts", {"stage": "stage", "f1": "F1"}, [{"stage": "a", "f1": 0.5}], ["made up"])
        >>> print(report.markdown("mnemic bench p").splitlines()[-3])
        | a | 0.500 |
        """
        lines = ["| " + " | ".join(self.columns.values()) + " |"]
        lines.append("| " + " | ".join(["---", *("---:" for _ in list(self.columns)[1:])]) + " |")
        lines += ["| " + " | ".join(cell(row[column]) for column in self.columns) + " |" for row in self.rows]
        notes = "\n".join(f"- {note}" for note in self.notes)
        return f"# {self.title}\n\n```console\n$ {command}\n```\n\n" + "\n".join(lines) + f"\n\n{notes}\n"

    def table(self) -> Table:
        """The report for a terminal."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(self.title), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for place, heading in enumerate(self.columns.values()):
            table.add_column(heading, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*(Text(cell(row[column])) for column in self.columns))
        return table


def cell(value: Any) -> str:
    """A value as it is printed; what was not measured is a dash.

    >>> cell(0.25), cell(3), cell("per_turn"), cell(None)
    ('0.250', '3', 'per_turn', '–')
    """
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@dataclass(slots=True)
class ByRule:
    """Puts tasks to their rules; stands where a bank's accounts and budgets would."""

    calls: int = 0

    def ask(self, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The checked answer."""
        self.calls += 1
        task = task_named(name)
        given = task.given(inputs)
        return task.answered(RuleModel().ask(task, given).answer, given)


def part_tools(out: Path) -> EngineTools:
    """Tools for stages that are measured alone: the configured embedder behind a cache, tasks answered by rule."""
    settings = Settings.load()
    models = Models(settings.embedder, settings.reranker, RuleModel(), threads=settings.threads)
    models.embedder = CachedEmbedder(models.load_embedder(), out / "cache", Charge())
    ids = count()
    known = calibrate(models.embedder)
    return EngineTools(models, random.Random(0), lambda: known, lambda: f"r{next(ids)}", cast("Asking", ByRule()))


def runs_by_rule(stage: Stage) -> bool:
    """Whether a stage runs without a language model: it asks none, or all that it asks has a rule."""
    return all(task_named(task).rule is not None for task in stage.asks)
