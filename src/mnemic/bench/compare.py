"""Paired bootstrap between recipes: is a difference larger than the choice of questions explains?

Both recipes answer the same n probes; the probes are drawn n times with replacement, B times, and the mean
difference is taken of each draw. 95 % interval: its 2.5 and 97.5 percentiles;
``p = 2 min(share of draws <= 0, share of draws >= 0)``, Holm-corrected over all rows of the table.
Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; Holm, Scand. J. Stat. 6, 1979.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnemic.bench.aggregate import metric_values
from mnemic.bench.outcome import Run, metrics_of
from mnemic.bench.suite import Suite
from mnemic.core.errors import BadInput

#: Metrics that recipes are compared on.
COMPARED = ("recall_at_10", "mrr", "coverage_1500")
RESAMPLES = 10_000
#: So many runs are compared in all pairs; with more, a table of all pairs would hide what matters.
ALL_PAIRS = 6
BASELINE = "bm25"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """``b - a`` on one metric: mean, 95 % interval, p and Holm-corrected p, over ``n`` paired probes."""

    metric: str
    a: str
    b: str
    n: int
    mean: float
    low: float
    high: float
    p: float
    p_holm: float

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {name: round(v, 6) if isinstance(v, float) else v for name, v in asdict(self).items()}


def compare(suite: Suite, runs: Sequence[Run], seed: int = 0) -> list[Difference]:
    """Pairs of runs on every metric of :data:`COMPARED`, over all probes of the suite.

    Every pair of up to :data:`ALL_PAIRS` runs; of more runs each against ``bm25``, or the first when it is not there.
    """
    found = []
    labels = [run.label for run in runs]
    against = None if len(runs) <= ALL_PAIRS else labels.index(BASELINE) if BASELINE in labels else 0
    for metric in COMPARED if not suite.answered else metrics_of(suite):
        values = np.array([metric_values(suite, run, metric) for run in runs], dtype=np.float64)
        found += paired_bootstrap(values, labels, metric, seed=seed, against=against)
    corrected = holm([difference.p for difference in found])
    return [replace(difference, p_holm=p) for difference, p in zip(found, corrected, strict=True)]


def paired_bootstrap(
    values: NDArray[np.float64],
    labels: Sequence[str],
    metric: str = "",
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    against: int | None = None,
) -> list[Difference]:
    """The differences between all pairs of rows, or of every row to one.

    Parameters
    ----------
    values
        One row for each system, one column for each probe.
    labels
        Names of the rows.
    metric
        What the values are.
    resamples
        How many draws.
    seed
        The same seed draws the same probes.
    against
        The row that all others are compared with; all pairs when it is not given.

    Raises
    ------
    BadInput
        When there are no probes.

    >>> worse, better = np.tile([0.0, 1.0], 50), np.tile([0.5, 1.0], 50)
    >>> found, = paired_bootstrap(np.array([worse, better]), ["worse", "better"], resamples=1000)
    >>> found.mean, found.low > 0.15, found.high < 0.35, found.p < 0.01
    (0.25, True, True, True)
    """
    rows = range(len(labels))
    pairs = list(combinations(rows, 2)) if against is None else [(against, row) for row in rows if row != against]
    if not pairs:
        return []
    count = values.shape[1]
    if count == 0:
        raise BadInput("compare: there are no questions to compare on")
    differences = np.array([values[b] - values[a] for a, b in pairs])
    draws = np.concatenate([chunk @ differences.T / count for chunk in _counts(count, resamples, seed)])
    # One is added above and below the line, as B draws cannot show a p under 1 / B.
    below = (np.count_nonzero(draws <= 0, axis=0) + 1) / (resamples + 1)
    above = (np.count_nonzero(draws >= 0, axis=0) + 1) / (resamples + 1)
    p_values = np.minimum(1.0, 2 * np.minimum(below, above))
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    means = differences.mean(axis=1)
    return [
        Difference(
            metric,
            labels[a],
            labels[b],
            count,
            *(float(part[i]) for part in (means, low, high, p_values, p_values)),
        )
        for i, (a, b) in enumerate(pairs)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the i-th smallest of m is multiplied by ``m - i + 1``, kept monotone.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected


def _counts(probes: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each probe is drawn, in chunks of draws, so that memory stays small."""
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        drawn = rng.integers(0, probes, (size, probes)) + np.arange(size)[:, None] * probes
        yield np.bincount(drawn.ravel(), minlength=size * probes).reshape(size, probes).astype(np.float64)
