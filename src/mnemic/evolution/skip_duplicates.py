"""Skip duplicates: a draft that says nearly what a record says already is noted and not taken in.

    skip d  if  max_r cos(d, r) ≥ θ(quantile) + strictness · (1 - θ(quantile))  and  |t_d - t_r| ≤ hours

Source: the duplicate checks of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025, and of Z. Cao et al.,
"ReMe", arXiv 2512.10696, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Resolver
from mnemic.core.view import View
from mnemic.evolution.insert_only import InsertOnly
from mnemic.evolution.likeness import limit_of, most_alike, vectors_of


@dataclass(frozen=True)
class SkipDuplicates(Resolver):
    """Hands the drafts that are new on to ``then``; the others become a NOOP with their evidence.

    Parameters: ``key``, the dense key compared; ``quantile`` of random pairs, 0..1; ``strictness``, how far from
    there to identical, 0..1; ``hours``, how far apart in time duplicates may be (0: any time).

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key
    >>> def fact(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> view = ListView([fact("r1", "Anna likes green tea")])
    >>> drafts = [fact("d1", "Anna likes green tea"), fact("d2", "Ben rows")]
    >>> [(op.kind, op.reason) for op in SkipDuplicates().resolve(drafts, view)]
    [('NOOP', 'says what r1 says'), ('ADD', '')]
    """

    name: ClassVar[str] = "skip_duplicates"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "said"
    quantile: float = 0.99
    strictness: float = 0.8
    hours: float = 0.0
    then: Resolver = field(default_factory=InsertOnly)

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """NOOPs for duplicates, and what ``then`` makes of the rest."""
        limit = limit_of(view, self.quantile, self.strictness)
        vectors = vectors_of(drafts, self.key, view)
        ops: list[Op] = []
        kept: dict[str, Record] = {}
        for draft in drafts:
            twin = self._twin(draft, kept, vectors, limit, view) if draft.id in vectors else None
            if twin is None:
                kept[draft.id] = draft
            else:
                ops.append(Op.noop(reason=f"says what {twin} says", evidence=draft.sources, actor=self.name))
        return [*ops, *self.then.resolve(list(kept.values()), view)]

    def _twin(self, draft: Record, kept: dict[str, Record], vectors: dict, limit: float, view: View) -> str | None:  # type: ignore[type-arg]
        seen = {i: vectors[i] for i in (*kept, draft.id) if i in vectors}
        alike = most_alike(draft.id, seen, view, key=self.key, k=5, where=Where(kinds=(draft.kind,)))
        near = [record_id for record_id, cosine in alike if cosine >= limit]
        known = {**view.get(near), **kept}
        return next((i for i in near if self._same_time(draft, known[i])), None)

    def _same_time(self, one: Record, other: Record) -> bool:
        first, second = when_of(one), when_of(other)
        if not self.hours or first is None or second is None:
            return True
        return abs((first - second).total_seconds()) <= 3600 * self.hours
