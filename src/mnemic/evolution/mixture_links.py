"""Mixture links: what a new unit belongs with is told by the shape of its likenesses, not by a number of neighbours.

    s_1 … s_n = cosines to the n nearest earlier units ~ π N(μ_low, σ_low²) + (1 - π) N(μ_high, σ_high²)
    link those for which the higher component is the likelier one

Where one normal distribution explains the likenesses as well as two (by the Bayesian information criterion) there are
no two groups to tell apart, and nothing is linked.
Source: D. Xu et al., "From Single to Multi-Granularity" (MemGAS), arXiv 2505.19549, 2025, without that last check.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: A component narrower than this share of all likenesses' range has collapsed onto a single one.
_NARROWEST = 0.05


@dataclass(frozen=True)
class MixtureLinks(Linker):
    """Links new records to the accepted among the ``near`` nearest records of earlier sessions, by each key.

    Parameters: ``keys``, the dense keys: each of the new record is compared with each of the others; ``near``;
    ``least``, likenesses below which no mixture is fitted; ``kinds``, records that may be linked to.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key
    >>> def note(i, text):
    ...     return Record(id=i, kind="note", value=text, keys={"said": Key(text)}, session=i)
    >>> known = [note(f"t{i}", f"green tea cup number{i}") for i in range(4)]
    >>> known += [note(f"o{i}", f"row{i} boat{i} lake{i}") for i in range(6)]
    >>> ops = MixtureLinks(keys=("said",)).link([note("n", "green tea cup")], ListView(known))
    >>> sorted(op.edge.dst for op in ops)
    ['t0', 't1', 't2', 't3']
    """

    name: ClassVar[str] = "mixture_links"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    keys: tuple[str, ...] = ("said",)
    near: int = 30
    least: int = 6
    kinds: tuple[str, ...] | None = None

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """LINK ops of weight one, the cosine as their note."""
        where = Where(kinds=self.kinds)
        ops = []
        for record in new:
            accepted: dict[str, float] = {}
            held = [name for name in self.keys if name in record.keys and record.keys[name].dense]
            if not held:
                continue
            for vector in view.tools.embed([record.keys[name].text for name in held]):
                best: dict[str, float] = {}
                for name in self.keys:
                    for hit in view.dense(vector, key=name, k=self.near, where=where):
                        best[hit.id] = max(best.get(hit.id, -1.0), hit.score)
                records = view.get(best)
                alike = [(i, best[i]) for i in best if i != record.id and records[i].session != record.session]
                alike = sorted(alike, key=lambda pair: -pair[1])[: self.near]
                boundary = mixture_boundary([cosine for _, cosine in alike]) if len(alike) >= self.least else None
                if boundary is None:
                    continue
                accepted.update((i, max(cosine, accepted.get(i, -1.0))) for i, cosine in alike if cosine >= boundary)
            for other, cosine in accepted.items():
                edge = Edge(src=record.id, dst=other, rel="similar", note=f"{cosine:.3f}")
                ops.append(Op.link(edge, actor=self.name))
        return ops


def mixture_boundary(values: Sequence[float]) -> float | None:
    """The least value that belongs to the higher of two normal components, or None when there is but one.

    >>> mixture_boundary([0.1, 0.12, 0.11, 0.13, 0.09, 0.8, 0.82, 0.79])
    0.79
    >>> mixture_boundary([0.40, 0.42, 0.44, 0.46, 0.48, 0.50]) is None
    True
    """
    import numpy as np

    x = np.sort(np.asarray(values, dtype=np.float64))
    if len(x) < 4 or x[-1] - x[0] < 1e-3:
        return None
    least = _NARROWEST * float(x[-1] - x[0])
    likelihood, belongs, low = max((_fitted(x, share, least) for share in (0.25, 0.5, 0.75)), key=lambda fit: fit[0])
    single = float(np.log(_density(x, x.mean(), max(x.std(), least))).sum())
    # Three more parameters must pay for themselves.
    if 2 * (likelihood - single) <= 3 * math.log(len(x)):
        return None
    # A wide component reaches over the narrow one on both sides: what lies below the lower mean is never accepted, and
    # from the boundary upwards everything is.
    high = x[(belongs > 0.5) & (x > low)]
    return float(high[0]) if len(high) else None


def _fitted(x: NDArray[np.float64], share: float, least: float) -> tuple[float, NDArray[np.float64], float]:
    """Log-likelihood, chance of the higher component, and lower mean, by expectation and maximisation.

    It starts from a cut at ``share``; no component gets narrower than ``least``.
    """
    import numpy as np

    cut = min(max(round(share * len(x)), 1), len(x) - 1)
    belongs = (np.arange(len(x)) >= cut).astype(np.float64)
    likelihood, low = -math.inf, float(x[0])
    for _ in range(200):
        weight = np.array([len(x) - belongs.sum(), belongs.sum()]).clip(min=1e-9)
        means = np.array([((1 - belongs) * x).sum(), (belongs * x).sum()]) / weight
        spreads = (
            np.array([((1 - belongs) * (x - means[0]) ** 2).sum(), (belongs * (x - means[1]) ** 2).sum()]) / weight
        )
        deviations = np.sqrt(spreads).clip(min=least)
        low = float(means.min())
        both = np.stack([weight[c] / len(x) * _density(x, means[c], deviations[c]) for c in (0, 1)])
        total = both.sum(axis=0).clip(min=1e-300)
        belongs = both[int(means[1] >= means[0])] / total
        now = float(np.log(total).sum())
        if now - likelihood < 1e-9:
            break
        likelihood = now
    return likelihood, belongs, low


def _density(x: NDArray[np.float64], mean: float, deviation: float) -> NDArray[np.float64]:
    import numpy as np

    out: NDArray[np.float64] = np.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))
    return out.clip(min=1e-300)
