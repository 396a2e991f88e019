"""What a run leaves behind: raw readings and writings, from which every figure can be computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnemic.bench.answering import Asked
from mnemic.bench.metrics import BUDGETS, CUTOFFS, coverage, ndcg_at, recall_at, reciprocal_rank
from mnemic.bench.suite import Probe, Suite

#: Metrics of one probe, in the order of the tables.
METRICS = (
    *(f"recall_at_{k}" for k in CUTOFFS),
    "mrr",
    "ndcg_at_10",
    *(f"coverage_{budget}" for budget in BUDGETS),
)


#: The metric of suites whose answers are scored.
ACCURACY = "accuracy"


def metrics_of(suite: Suite) -> tuple[str, ...]:
    """The metrics that a suite has: of evidence found, or of answers."""
    return (ACCURACY,) if suite.answered else METRICS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The raw result of one probe.

    ``ranking`` is the events found from best to worst, ``cited`` the events in the context of each budget,
    ``tokens`` the size of each context, ``calls`` the language-model calls and ``ms`` the time of a read
    (one retrieval and the context of 1500 tokens); ``asked`` the tokens that the language model read and wrote;
    ``answer`` what was answered, where that is scored; ``shares`` says of cited events how much of them a context can
    hold, where that is not all.
    """

    probe: str
    sha: str
    ranking: tuple[str, ...]
    cited: Mapping[int, tuple[str, ...]]
    tokens: Mapping[int, int]
    calls: int
    ms: float
    asked: int = 0
    answer: str = ""
    shares: Mapping[int, Mapping[str, float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "probe": self.probe,
            "sha": self.sha,
            "ranking": list(self.ranking),
            "cited": {str(budget): list(events) for budget, events in self.cited.items()},
            "tokens": {str(budget): size for budget, size in self.tokens.items()},
            "calls": self.calls,
            "ms": self.ms,
            "asked": self.asked,
            **({"answer": self.answer} if self.answer else {}),
            "shares": {str(budget): dict(shares) for budget, shares in self.shares.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reading:
        """The inverse of :meth:`to_json`."""
        return cls(
            probe=data["probe"],
            sha=data["sha"],
            ranking=tuple(data["ranking"]),
            cited={int(budget): tuple(events) for budget, events in data["cited"].items()},
            tokens={int(budget): size for budget, size in data["tokens"].items()},
            calls=data["calls"],
            ms=data["ms"],
            asked=data.get("asked", 0),
            answer=data.get("answer", ""),
            shares={int(budget): shares for budget, shares in data["shares"].items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What taking one conversation in has cost.

    ``sessions`` holds for each session its events and the milliseconds of the call that retained and closed it;
    ``idle_ms`` is the time of consolidation, ``bytes`` the size of the closed store before any read. ``write`` and
    ``idle`` are the language model's calls and tokens while retaining and while consolidating.
    """

    conversation: str
    sessions: tuple[tuple[int, float], ...]
    idle_ms: float
    bytes: int
    write: Asked = field(default_factory=Asked)
    idle: Asked = field(default_factory=Asked)

    @property
    def events(self) -> int:
        """How many events were taken in."""
        return sum(events for events, _ in self.sessions)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "conversation": self.conversation,
            "sessions": [list(session) for session in self.sessions],
            "idle_ms": self.idle_ms,
            "bytes": self.bytes,
            "write": [self.write.calls, self.write.tokens],
            "idle": [self.idle.calls, self.idle.tokens],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Writing:
        """The inverse of :meth:`to_json`."""
        return cls(
            conversation=data["conversation"],
            sessions=tuple((events, ms) for events, ms in data["sessions"]),
            idle_ms=data["idle_ms"],
            bytes=data["bytes"],
            write=Asked(*data.get("write", ())),
            idle=Asked(*data.get("idle", ())),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """All that was measured of one recipe, read with one profile: readings by probe id, and writings.

    ``language_model`` names who answered its tasks; it is empty when it asked none.
    """

    recipe: str
    profile: str
    readings: Mapping[str, Reading]
    writings: tuple[Writing, ...]
    language_model: str = ""

    @property
    def label(self) -> str:
        """The recipe's name, with ``@profile`` when it was read with one."""
        return f"{self.recipe}@{self.profile}" if self.profile else self.recipe


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipe that could not be measured, and why."""

    recipe: str
    profile: str
    error: str

    @property
    def label(self) -> str:
        """The recipe's name, with ``@profile`` when it was to be read with one."""
        return f"{self.recipe}@{self.profile}" if self.profile else self.recipe


def score(reading: Reading, probe: Probe) -> dict[str, float]:
    """Every metric of :data:`METRICS` for one probe, or its accuracy when its answer is scored.

    >>> from mnemic.core.times import instant
    >>> probe = Probe("q", "?", "1", "facts", ("e1", "e2"), "", instant("2026-01-01"))
    >>> reading = Reading(probe="q", sha="", ranking=("e9", "e2"), cited={500: ("e2",), 1500: (), 4000: ()},
    ...                   tokens={}, calls=0, ms=1.0)
    >>> figures = score(reading, probe)
    >>> figures["recall_at_5"], figures["mrr"], figures["coverage_500"]
    (0.5, 0.5, 0.5)
    """
    if probe.check is not None:
        return {ACCURACY: float(probe.check.right(reading.answer))}
    gold = frozenset(probe.evidence)
    ranks = {f"recall_at_{k}": recall_at(reading.ranking, gold, k) for k in CUTOFFS}
    covered = {
        f"coverage_{budget}": coverage(reading.cited[budget], gold, reading.shares.get(budget)) for budget in BUDGETS
    }
    return {
        **ranks,
        "mrr": reciprocal_rank(reading.ranking, gold),
        "ndcg_at_10": ndcg_at(reading.ranking, gold, 10),
        **covered,
    }
