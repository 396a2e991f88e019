"""The result of a benchmark: rows, differences, notes; as JSON and as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mnemic.bench.aggregate import ALL, rows
from mnemic.bench.answering import STAND_INS
from mnemic.bench.compare import Difference, compare
from mnemic.bench.journal import write_whole
from mnemic.bench.metrics import BUDGETS, CONDENSED
from mnemic.bench.outcome import Failure, Run
from mnemic.bench.runner import DEPTH
from mnemic.bench.suite import Suite

#: A context that holds less than this share of its budget is worth a note: it is the records that ran out.
_FILLED = 0.75
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}


@dataclass(frozen=True)
class Report:
    """What was measured of several systems on one suite, and which could not be measured.

    ``about`` tells of the machine, the versions and the models; it is printed as it stands.
    """

    suite: Suite
    runs: Sequence[Run]
    about: Mapping[str, str]
    seed: int = 0
    failures: Sequence[Failure] = ()

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each run and category; see :func:`mnemic.bench.aggregate.rows`."""
        return rows(self.suite, self.runs)

    @cached_property
    def differences(self) -> list[Difference]:
        """Every pair of runs; see :func:`mnemic.bench.compare.compare`."""
        return compare(self.suite, self.runs, self.seed)

    def to_json(self) -> dict[str, Any]:
        """A JSON object with ``rows``, ``differences`` and what was dropped from the data."""
        return {
            "suite": self.suite.name,
            "conversations": len(self.suite.conversations),
            "events": self.suite.events,
            "questions": len(self.suite.probes),
            "rows": self.rows,
            "failures": [
                {"recipe": failure.recipe, "profile": failure.profile, "error": failure.error}
                for failure in self.failures
            ],
            "differences": [difference.to_json() for difference in self.differences],
            "dropped": self.suite.dropped.to_json(),
            "headline": self.headline,
            "notes": self.conditions(),
            "about": dict(self.about),
        }

    def write(self, out: Path) -> tuple[Path, Path]:
        """Write ``rows.json`` and ``report.html`` into a folder; gives both paths."""
        from mnemic.bench.page import html_page

        data, page = out / "rows.json", out / "report.html"
        write_whole(data, json.dumps(self.to_json(), indent=1, ensure_ascii=False))
        write_whole(page, html_page(self))
        return data, page

    def notes(self) -> list[str]:
        """What a reader has to know: how it was measured, what failed, and whose records ran out."""
        out = self.conditions()
        out += [f"{failure.label} failed: {failure.error}" for failure in self.failures]
        return out + [note for run in self.runs for budget in BUDGETS if (note := self._unfilled(run, budget))]

    def conditions(self) -> list[str]:
        """How it was measured: the size of the data, what was dropped, how times are meant, the machine."""
        dropped = self.suite.dropped
        held = self.suite.events / max(1, len(self.suite.conversations))
        out = [
            f"{len(self.suite.probes)} questions on {len(self.suite.conversations)} conversations of "
            f"{held:.0f} events on average, of which 20 events are {min(1.0, 20 / max(held, 1)):.1%}.",
            _scored(self.suite),
            f"A search gives the {DEPTH} best records; a record counts as its events, in their order.",
            "In a context a line counts for as many of the events that it cites as would fit into it at a "
            f"{_PARTS[CONDENSED]} of their length, and for one at least: what is folded out of a whole history does "
            "not cover all of it.",
            "Read time is a retrieval and a context of 1500 tokens, from the read's receipt. Write time is a "
            "session's retain, which closes it, divided by its events; its percentiles are over events.",
            "A text is embedded once for all recipes and a pair is scored once; what that took is added to the time "
            "of every recipe that uses it again.",
        ]
        if any(run.language_model in STAND_INS for run in self.runs):
            out.append(
                "Calls are the tasks that a language model would have been asked, tokens those of each task with its "
                "inputs and answer, estimated; the time that a model would have taken is in no figure."
            )
        if dropped.questions:
            by = ", ".join(f"{category}: {count}" for category, count in dropped.without_evidence.items())
            out.append(f"{dropped.questions} questions have no evidence and are left out (by category: {by}).")
        if dropped.unresolved:
            ids = ", ".join(f"{gold} of {probe}" for probe, gold in dropped.unresolved[:5])
            more = ", ..." if len(dropped.unresolved) > 5 else ""
            out.append(f"{len(dropped.unresolved)} gold ids name no event and are left out ({ids}{more}).")
        if any(run.language_model == "given" for run in self.runs):
            out.append(self._given())
        out += [f"{name}: {text}" for name, text in self.about.items()]
        return out

    def _given(self) -> str:
        known = {id_ for conversation in self.suite.conversations for id_ in conversation.extractions.facts}
        gold = [id_ for probe in self.suite.probes for id_ in probe.evidence]
        share = sum(id_ in known for id_ in gold) / max(1, len(gold))
        return (
            f"Facts are those that the data set carries: {len(known)} of {self.suite.events} events have some, and so "
            f"have {share:.1%} of the gold events. A recipe that keeps facts alone finds no more than that."
        )

    def _unfilled(self, run: Run, budget: int) -> str:
        sizes = [reading.tokens[budget] for reading in run.readings.values()]
        mean = sum(sizes) / max(1, len(sizes))
        if mean >= _FILLED * budget:
            return ""
        return (
            f"{run.label}: contexts of at most {budget} tokens hold {mean:.0f} on average: the records found ran out "
            "before the budget did."
        )

    @property
    def headline(self) -> str:
        """The group or category that sums the suite up: the first group, else all."""
        return next(iter(self.suite.groups), ALL)

    def row(self, run: Run, category: str) -> dict[str, Any]:
        """The row of a run and category; raises StopIteration when there is none."""
        key = (run.recipe, run.profile, category)
        return next(row for row in self.rows if (row["recipe"], row["profile"], row["category"]) == key)


def _scored(suite: Suite) -> str:
    if suite.answered:
        return (
            "Answers are scored by code: what they must hold and must not. Of a system that answers nothing itself the "
            "first line found is taken, where several things are asked all lines of 500 tokens."
        )
    return "No answer is judged: the score is whether the events that hold the answer were found."
