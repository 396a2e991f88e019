"""A benchmark's result as a page of the documentation: one table over all recipes, and drawings beside it.

The page is made of ``rows.json`` alone, so that its words can change without measuring again. A recipe that covers less
than ``bm25`` at the same number of tokens owes the reader a sentence; a page without that sentence says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnemic.bench.charts import Series, bars, drawing, points
from mnemic.bench.compare import BASELINE
from mnemic.bench.figures import category_heading
from mnemic.bench.metrics import BUDGETS
from mnemic.bench.outcome import ACCURACY
from mnemic.core.errors import BadInput

#: The budget at which recipes are compared, in tokens.
BUDGET = 1500
#: Sentences for recipes below the baseline: a table for each page, and ``any`` for all pages.
REASONS = "below-bm25.toml"
_MISSING = "**no reason given yet**"


@dataclass(frozen=True)
class ResultsPage:
    """A page in the making: ``data`` as in ``rows.json``, the reasons of this page, and its name.

    >>> row = dict.fromkeys(("recall_at_5", "recall_at_10", "mrr", *(f"coverage_{b}" for b in BUDGETS)), 0.5)
    >>> row |= dict.fromkeys(("tokens", "write_calls", "idle_calls", "calls", "write_asked", "idle_asked", "asked"), 0)
    >>> row |= dict.fromkeys(("write_ms_p50", "write_ms_p95", "idle_ms", "read_ms_p50", "read_ms_p95", "bytes"), 1)
    >>> row |= {"recipe": "bm25", "profile": "", "category": "all", "category_name": "all categories", "n": 9,
    ...         "language_model": ""}
    >>> other = row | {"recipe": "mine", "coverage_1500": 0.25}
    >>> data = {"suite": "s", "questions": 9, "headline": "all", "rows": [row, other], "failures": [], "notes": []}
    >>> page = ResultsPage("s-table", data, {})
    >>> page.unexplained, "| bm25 |" in page.text("mnemic bench s")
    (['mine'], True)
    """

    name: str
    data: Mapping[str, Any]
    reasons: Mapping[str, str]

    @property
    def title(self) -> str:
        """The suite, and who answered the tasks of language models."""
        answers = sorted({str(row["language_model"]) for row in self.rows} - {""})
        who = " and ".join(_ANSWERS.get(name, name) for name in answers) or "no language model"
        return f"{_NAMES.get(self.data['suite'], self.data['suite'])}: {who}"

    @property
    def metric(self) -> str:
        """What recipes are compared by: coverage at :data:`BUDGET`, or accuracy where answers are scored."""
        return ACCURACY if ACCURACY in self.data["rows"][0] else f"coverage_{BUDGET}"

    @property
    def spoken(self) -> str:
        """The metric in words."""
        return ACCURACY if self.metric == ACCURACY else f"coverage at {BUDGET:,} tokens"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The row of each system over the categories that sum the suite up, best coverage first."""
        found = [row for row in self.data["rows"] if row["category"] == self.data["headline"]]
        return sorted(found, key=lambda row: (-row[self.metric], label(row)))

    @property
    def below(self) -> list[dict[str, Any]]:
        """The rows that cover less than the baseline at the same budget; none when the baseline is not there."""
        line = next((row[self.metric] for row in self.rows if label(row) == BASELINE), 0.0)
        return [row for row in self.rows if row[self.metric] < line]

    @property
    def unexplained(self) -> list[str]:
        """The systems below the baseline for which there is no sentence."""
        return [label(row) for row in self.below if not self._reason(row)]

    def _reason(self, row: Mapping[str, Any]) -> str:
        return self.reasons.get(label(row)) or self.reasons.get(str(row["recipe"]), "")

    def text(self, command: str) -> str:
        """The page as Markdown."""
        scope = next(row["category_name"] for row in self.rows)
        parts = [
            f"# {self.title}",
            f"{self.data['questions']} questions; figures over {scope}, the best first by {self.spoken}. {_LEGEND}",
            f"```console\n$ {command}\n```",
            self._table(),
            f"![{self.spoken} by recipe]({self.name}-coverage.svg)",
            f"![{self.spoken} against time]({self.name}-time.svg)",
        ]
        if self._asked():
            parts.append(f"![{self.spoken} against tokens of a model]({self.name}-tokens.svg)")
        parts += [*self._failed(), *self._below(), "## By category", self._categories(), "## How this was measured"]
        parts.append("\n".join(f"- {note}" for note in self.data["notes"]))
        return "\n\n".join(parts) + "\n"

    def drawings(self) -> dict[str, str]:
        """File names and drawings."""
        by_time = [(label(row), _time(row), row[self.metric]) for row in self.rows]
        cover = self.spoken
        out = {
            f"{self.name}-coverage.svg": bars(
                [label(row) for row in self.rows],
                [Series(cover, 0, tuple((0.0, row[self.metric]) for row in self.rows))],
                cover,
            ),
            f"{self.name}-time.svg": points(
                [Series(name, 0, ((max(x, 0.01), y),)) for name, x, y in by_time],
                f"{cover} against the time of one event taken in and one read",
                "one event taken in, with its share of idle work, and one read: ms without any model's time",
            ),
        }
        if asked := self._asked():
            out[f"{self.name}-tokens.svg"] = points(
                [Series(name, 0, ((x, y),)) for name, x, y in asked],
                f"{cover} against the tokens of a language model",
                "tokens of a language model for one event taken in and one read",
            )
        return {name: drawing(svg) for name, svg in out.items()}

    def _asked(self) -> list[tuple[str, float, float]]:
        spent = [(label(row), _tokens(row), row[self.metric]) for row in self.rows]
        return [(name, tokens, cover) for name, tokens, cover in spent if tokens > 0]

    def _table(self) -> str:
        named = {ACCURACY: ACCURACY} if self.metric == ACCURACY else _FOUND
        heads = ["recipe", "answers", *named.values(), "tokens"]
        heads += ["calls w / i / r", "model tokens w / i / r", "write p50", "p95", "idle", "read p50", "p95", "MB"]
        lines = [
            [
                label(row),
                row["language_model"] or "–",
                *(f"{row[name]:.3f}" for name in named),
                f"{row['tokens']:.0f}",
                _triple(row, "calls", "{:.2f}"),
                _triple(row, "asked", "{:.0f}"),
                *(f"{row[name]:.1f}" for name in ("write_ms_p50", "write_ms_p95", "idle_ms")),
                *(f"{row[name]:.1f}" for name in ("read_ms_p50", "read_ms_p95")),
                f"{row['bytes'] / 1e6:.1f}",
            ]
            for row in self.rows
        ]
        return _markdown(heads, lines)

    def _categories(self) -> str:
        names = {row["category"]: category_heading(row["category"], row["category_name"]) for row in self.data["rows"]}
        sizes = {row["category"]: row["n"] for row in self.data["rows"]}
        cover = {(label(row), row["category"]): row[self.metric] for row in self.data["rows"]}
        heads = ["recipe", *(f"{name} (n {sizes[category]})" for category, name in names.items())]
        lines = [[name, *(f"{cover[name, category]:.3f}" for category in names)] for name in map(label, self.rows)]
        return f"By {self.spoken}.\n\n" + _markdown(heads, lines)

    def _failed(self) -> list[str]:
        lines = [f"- `{label(failure)}`: {failure['error']}" for failure in self.data["failures"]]
        return ["## Failed", "\n".join(lines)] if lines else []

    def _below(self) -> list[str]:
        lines = [f"- `{label(row)}`: {self._reason(row) or _MISSING}" for row in self.below]
        return [f"## Below {BASELINE} by {self.spoken}", "\n".join(lines)] if lines else []


_NAMES = {"locomo": "LoCoMo", "beam-100K": "BEAM 100K", "lives": "Lives"}
_ANSWERS = {"rules": "tasks answered by rule", "given": "given facts and summaries"}
_FOUND = {
    "recall_at_5": "R@5",
    "recall_at_10": "R@10",
    "mrr": "MRR",
    **{f"coverage_{budget}": f"cov {budget:,}" for budget in BUDGETS},
}
_LEGEND = (
    "R@k: share of the gold events among the first k found; cov: share held by a context of at most so many tokens; "
    "tokens: mean size of the context of 1,500; answers: who answered a language model's tasks; w / i / r: for an "
    "event written, for an event when idle, for a read; times in ms, a write's for an event."
)


def label(row: Mapping[str, Any]) -> str:
    """The system of a row: its recipe, with ``@profile`` when it was read with one."""
    return f"{row['recipe']}@{row['profile']}" if row["profile"] else str(row["recipe"])


def write_page(path: Path, data: Mapping[str, Any], command: str) -> list[str]:
    """Write a page and its drawings; gives the systems below the baseline that still need a sentence.

    The sentences are in ``below-bm25.toml`` beside the page: ``[<page>]`` or ``[any]``, then ``recipe = "..."``.

    Raises
    ------
    BadInput
        When that file is not as described.
    """
    page = ResultsPage(path.stem, data, read_reasons(path.with_name(REASONS), path.stem))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page.text(command), encoding="utf-8")
    for name, svg in page.drawings().items():
        path.with_name(name).write_text(svg, encoding="utf-8")
    return page.unexplained


def read_reasons(path: Path, page: str) -> dict[str, str]:
    """The sentences of a page: its own before those for all; none when there is no file. Raises BadInput."""
    if not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read as TOML ({error})") from None
    found = {**tables.get("any", {}), **tables.get(page, {})}
    if wrong := [name for name, reason in found.items() if not isinstance(reason, str)]:
        raise BadInput(f"{path}: {wrong[0]} must be a sentence in quotes")
    return found


def _time(row: Mapping[str, Any]) -> float:
    return float(row["write_ms_p50"] + row["idle_ms"] + row["read_ms_p50"])


def _tokens(row: Mapping[str, Any]) -> float:
    return float(row["write_asked"] + row["idle_asked"] + row["asked"])


def _triple(row: Mapping[str, Any], what: str, form: str) -> str:
    values = [row[f"write_{what}"], row[f"idle_{what}"], row[what]]
    return " / ".join("0" if not value else form.format(value) for value in values) if any(values) else "–"


def _markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in heads[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, rule, *lines))
