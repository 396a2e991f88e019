"""Reports that ``mnemic bench ... --out DIR`` wrote, found below the folder that the setting ``reports`` names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from mnemic.bench.metrics import BUDGETS
from mnemic.bench.outcome import ACCURACY
from mnemic.core.errors import BadInput, NotFound

#: What a report is written as; it lies in a folder of its own.
FILE = "rows.json"
#: How deep below the folder reports are looked for, and how many at most.
DEPTH, MOST = 3, 500
MAX_BYTES = 50_000_000
_COLUMNS = (
    "recipe", "profile", "category", "category_name", "n", "language_model", "tokens", "calls", "bytes",
    "read_ms_p50", "read_ms_p95", "write_ms_p50", "write_ms_p95",
)  # fmt: skip
_NEEDED = ("suite", "questions", "rows", "headline", "differences", "failures", "notes", "about")


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it lies in a folder: its name is the path below the folder of reports."""

    name: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def suite(self) -> str:
        """What was measured on."""
        return str(self.data["suite"])

    @property
    def metric(self) -> str:
        """What systems are compared by: accuracy where answers are scored, else coverage at 1,500 tokens."""
        return ACCURACY if ACCURACY in self.data["rows"][0] else "coverage_1500"

    @property
    def columns(self) -> dict[str, str]:
        """The figures of quality that the rows have, with their headings."""
        if self.metric == ACCURACY:
            return {ACCURACY: "Accuracy"}
        covers = {f"coverage_{budget}": f"Coverage {budget:,}" for budget in BUDGETS}
        known = {"recall_at_5": "R@5", "recall_at_10": "R@10", "mrr": "MRR", **covers}
        return {name: title for name, title in known.items() if name in self.data["rows"][0]}

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The row of each system over all that sums the suite up, the best first."""
        found = [row for row in self.data["rows"] if row["category"] == self.data["headline"]]
        return sorted(found, key=lambda row: (-row[self.metric], label(row)))

    @property
    def categories(self) -> dict[str, tuple[str, int]]:
        """Categories with their names and how many questions each has."""
        return {row["category"]: (str(row["category_name"]), int(row["n"])) for row in self.data["rows"]}

    def by_category(self) -> list[tuple[str, list[float]]]:
        """Each system with its figure for every category."""
        known = {(label(row), row["category"]): float(row[self.metric]) for row in self.data["rows"]}
        return [
            (label(row), [known.get((label(row), category), 0.0) for category in self.categories]) for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Part:
    """A report on a part of memories, such as segmentation: a table of its own shape, and notes."""

    name: str
    at: datetime
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of one system in two reports."""

    system: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """How much more it is in the second."""
        return self.after - self.before


def label(row: Mapping[str, Any]) -> str:
    """The system of a row.

    >>> label({"recipe": "default", "profile": "fast"}), label({"recipe": "bm25", "profile": ""})
    ('default@fast', 'bm25')
    """
    return f"{row['recipe']}@{row['profile']}" if row["profile"] else str(row["recipe"])


def found(folder: str) -> list[tuple[Report | None, str, str]]:
    """The reports below a folder, the newest first, with their names and why one cannot be read; raises BadInput."""
    root = _root(folder)
    out: list[tuple[Report | None, str, str]] = []
    for path in _files(root)[:MOST]:
        name = path.parent.relative_to(root).as_posix()
        try:
            out.append((_read(path, path.stat().st_mtime_ns, name), name, ""))
        except (OSError, BadInput) as error:
            out.append((None, name, str(error)))
    return sorted(out, key=lambda one: (-one[0].at.timestamp() if one[0] else 0.0, one[1]))


def parts(folder: str) -> list[Part]:
    """The reports on parts below a folder, the newest first."""
    root = _root(folder)
    out = [made for path in _files(root, "*.json")[:MOST] if (made := _part(path, root)) is not None]
    return sorted(out, key=lambda part: (-part.at.timestamp(), part.name))


def part(folder: str, name: str) -> Part:
    """A report on a part by its name; raises NotFound."""
    for found in parts(folder):
        if found.name == name:
            return found
    raise NotFound(f"report: there is none called {name[:80]!r} in the folder of reports")


def named(folder: str, name: str) -> Report:
    """A report by its name; raises NotFound, and BadInput when it cannot be read."""
    root = _root(folder)
    for path in _files(root):
        if path.parent.relative_to(root).as_posix() == name:
            return _read(path, path.stat().st_mtime_ns, name)
    raise NotFound(f"report: there is none called {name[:80]!r} in the folder of reports")


def compared(before: Report, after: Report, metric: str) -> list[Pair]:
    """A figure of every system that both reports have, by how much it changed; raises BadInput for unlike suites."""
    if (before.suite, before.data["questions"]) != (after.suite, after.data["questions"]):
        raise BadInput(
            f"report: {before.name!r} asked {before.data['questions']} questions of {before.suite}, {after.name!r} "
            f"{after.data['questions']} of {after.suite}; only runs on the same questions can be compared"
        )
    first = {label(row): float(row[metric]) for row in before.rows}
    second = {label(row): float(row[metric]) for row in after.rows}
    pairs = [Pair(system, first[system], second[system]) for system in first if system in second]
    return sorted(pairs, key=lambda pair: (-abs(pair.change), pair.system))


def _root(folder: str) -> Path:
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise BadInput(f"reports: {folder!r} is no folder; name the one that 'mnemic bench ... --out' writes into")
    return root.resolve()


def _files(root: Path, file: str = FILE) -> Sequence[Path]:
    patterns = ["/".join(["*"] * depth + [file]) for depth in range(DEPTH + 1)]
    return sorted(path for pattern in patterns for path in root.glob(pattern) if path.resolve().is_relative_to(root))


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, name: str) -> Report:
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{name}: is larger than {MAX_BYTES:,} bytes")
    try:
        data = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        raise BadInput(f"{name}: is no JSON") from None
    if not isinstance(data, dict) or any(field not in data for field in _NEEDED) or not data["rows"]:
        raise BadInput(f"{name}: is no report of 'mnemic bench', or one without any row")
    if any(column not in row for row in data["rows"] for column in _COLUMNS):
        raise BadInput(f"{name}: its rows are of another version of mnemic; measure again to show it")
    return Report(name, datetime.fromtimestamp(changed / 1e9, UTC), data)


def _part(path: Path, root: Path) -> Part | None:
    if path.name == FILE or path.stat().st_size > MAX_BYTES:
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or set(data) != {"part", "rows", "notes"} or not data["rows"]:
        return None
    columns = list(dict.fromkeys(column for row in data["rows"] for column in row))
    return Part(
        path.relative_to(root).with_suffix("").as_posix(),
        datetime.fromtimestamp(path.stat().st_mtime, UTC),
        str(data["part"]),
        [column.replace("_", " ") for column in columns],
        [[row.get(column) for column in columns] for row in data["rows"]],
        [str(note) for note in data["notes"]],
    )
