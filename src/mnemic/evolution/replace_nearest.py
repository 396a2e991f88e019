"""Replace nearest: what was learnt from a correction takes the place of the record that is most like it.

    nearest n of draft d:   cos(d, n) ≥ limit  →  ADD d, SUPERSEDE n by d;   else  →  ADD d
    limit = θ(quantile) + strictness · (1 - θ(quantile))

Without a limit a correction of something unknown would push out whatever happens to be nearest; ``floor`` switches
it off to show that. What was replaced stays in the history.
Source: J. Li et al., "RAM: Towards an Ever-Improving Memory System by Learning from Communications",
arXiv 2404.12045, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Resolver
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of, vectors_of


@dataclass(frozen=True)
class ReplaceNearest(Resolver):
    """Drafts of ``kinds`` replace; all others are added.

    Parameters: ``among``, kinds of record that may be replaced (None: any); ``key``, the dense key compared;
    ``quantile``, ``strictness`` of the limit; ``floor``, whether there is one.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key
    >>> def said(i, kind, text):
    ...     return Record(id=i, kind=kind, value=text, keys={"said": Key(text)})
    >>> view = ListView([said("r1", "episodic", "Anna lives in Porto")])
    >>> drafts = [said("d1", "correction", "Anna lives in Lisbon"), said("d2", "correction", "Tea is a plant")]
    >>> [(op.kind, op.targets) for op in ReplaceNearest(quantile=0.5, strictness=0.2).resolve(drafts, view)]
    [('ADD', ('d1',)), ('SUPERSEDE', ('r1',)), ('ADD', ('d2',))]
    """

    name: ClassVar[str] = "replace_nearest"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    kinds: tuple[str, ...] = ("correction",)
    among: tuple[str, ...] | None = None
    key: str = "said"
    quantile: float = 0.99
    strictness: float = 0.2
    floor: bool = True

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """ADD for each draft, and SUPERSEDE for what it replaces."""
        replacing = [draft for draft in drafts if draft.kind in self.kinds]
        vectors = vectors_of(replacing, self.key, view)
        limit = limit_of(view, self.quantile, self.strictness) if replacing and self.floor else -1.0
        gone: set[str] = set()
        ops = []
        for draft in drafts:
            ops.append(Op.add(draft, actor=self.name))
            if draft.id not in vectors:
                continue
            hits = view.dense(vectors[draft.id], key=self.key, k=1 + len(gone), where=Where(kinds=self.among))
            nearest = next((hit for hit in hits if hit.id not in gone), None)
            if nearest is not None and nearest.score >= limit:
                gone.add(nearest.id)
                shown = view.get([nearest.id])[nearest.id]
                reason = f"corrected, cosine {nearest.score:.2f}"
                ops.append(Op.supersede(shown, draft.id, valid_until=when_of(draft), reason=reason, actor=self.name))
        return ops
