"""Entropy router: a way of looking that singles few records out says more than one that likes them all alike.

    c = (s - s_min) / (s_max - s_min),   p = softmax(c / temperature),   H = -Σ p log p,   w(list) ∝ 1 - H / log n
    score(r) = Σ w(list) · c(list, r)

n is the length of the list. Each list is measured by its own range: short texts spread more than long ones whatever
they say, and raw scores would take that for decidedness. Without the division by log n, which the published code
leaves out, lists of more than a few records get weights in the wrong order or below zero.
Source: D. Xu et al., "From Single to Multi-Granularity: Toward Long-Term Memory Association and Selection of
Conversational Agents" (MemGAS), arXiv 2505.19549, 2025.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Ranked
from mnemic.core.stage import Combiner
from mnemic.core.view import View
from mnemic.retrieval.fusion import fuse
from mnemic.retrieval.weighted_sum import minmax


def entropy(scores: Sequence[float], temperature: float) -> float:
    """The entropy of the softmax of scores, in nats.

    >>> round(entropy([1.0, 1.0], 1.0), 3), round(entropy([9.0, 1.0], 1.0), 3)
    (0.693, 0.003)
    """
    if not scores:
        return 0.0
    best = max(scores)
    powers = [math.exp((score - best) / temperature) for score in scores]
    total = sum(powers)
    return -sum(power / total * math.log(power / total) for power in powers if power > 0)


def router_weights(lists: Sequence[Sequence[float]], temperature: float, *, normalised: bool = True) -> list[float]:
    """The weight of each list of scores, adding up to one; ``normalised`` divides the entropy by its greatest.

    >>> flat, peaked = [0.5] * 30, [0.9, *[0.1] * 29]
    >>> [round(weight, 2) for weight in router_weights([flat, peaked], 0.1)]
    [0.0, 1.0]
    """
    shares = []
    for scores in lists:
        greatest = math.log(len(scores)) if len(scores) > 1 else 1.0
        shares.append(1.0 - entropy(scores, temperature) / (greatest if normalised else 1.0))
    total = sum(shares)
    return [share / total for share in shares] if abs(total) > 1e-9 else [1.0 / max(len(lists), 1) for _ in lists]


@dataclass(frozen=True)
class EntropyRouter(Combiner):
    """Adds the lists' scores, each list weighted by how decided it is on this question.

    Parameters: ``temperature``, as a share of a list's range; ``normalised``, whether the entropy is divided by
    its greatest (the published code does not). A hit keeps each list's weight as its part ``weight:<list>``.

    >>> from mnemic.core.list_view import ListView
    >>> undecided = [Hit("a", 0.8, "dense"), Hit("b", 0.7, "dense"), Hit("c", 0.1, "dense")]
    >>> decided = [Hit("b", 0.9, "dense"), Hit("a", 0.2, "dense"), Hit("c", 0.1, "dense")]
    >>> view = ListView([])
    >>> lists = [Ranked(undecided, "dense:whole"), Ranked(decided, "dense:summary")]
    >>> hits = EntropyRouter().combine(lists, Query(text="", asked_at=view.now), view)
    >>> [hit.id for hit in hits], round(hits[0].parts["weight:dense:summary"], 2)
    (['b', 'a', 'c'], 0.64)
    """

    name: ClassVar[str] = "entropy_router"
    completes: ClassVar[bool] = True

    temperature: float = 0.1
    normalised: bool = True

    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """One ranking; each hit keeps what every list gave it, and the lists' weights."""
        scores = [minmax([hit.score for hit in ranked.hits]) for ranked in lists]
        weights = router_weights(scores, self.temperature, normalised=self.normalised)
        fused = fuse(
            (ranked, [weight * ranked.weight * score for score in listed])
            for ranked, weight, listed in zip(lists, weights, scores, strict=True)
        )
        told = {f"weight:{ranked.channel}": weight for ranked, weight in zip(lists, weights, strict=True)}
        return [hit.with_score(hit.score, **told) for hit in fused]
