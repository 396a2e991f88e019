"""Typed relations: a model names how a new memory relates to the most alike ones of earlier sessions.

    asked: pairs (older, newer) -> one of the named relations, or none;   (older, relation, newer)

Nothing is replaced: what changed stays, and the edge says that it changed.
Source: K. Ong et al., "Towards Lifelong Dialogue Agents via Timeline-based Memory Management" (THEANINE), arXiv
2406.10996, 2024; with other names, the relation detection of Z. Li et al., "MemOS", arXiv 2507.03724, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.stage import Linker
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of, vectors_of

#: Relations between an older and a newer memory of a conversation; the last one is never laid.
RELATIONS: tuple[tuple[str, str], ...] = (
    ("same_topic", "both are about one thing, without more"),
    ("changed", "what the older says has become what the newer says"),
    ("cause", "the older led to the newer"),
    ("reason", "the older is why somebody did the newer"),
    ("hindered_by", "the older stands in the way of the newer"),
    ("react", "the newer is how somebody felt or acted in answer to the older"),
    ("want", "the older is what made somebody wish for the newer"),
    ("none", "no clear evidence of any of these"),
)


@dataclass(frozen=True)
class TypedRelations(Linker):
    """Asks ``task`` with ``{pairs: [{alias, old, new}], verdicts, instruction}`` once for all new records.

    The answer is ``{verdicts: [{pair, verdict, strength, reason}]}``; a pair that was not shown is left out. The edge
    leads from the older to the newer record. Parameters: ``key``, the dense key; ``k``, records asked about;
    ``quantile`` of random pairs that they must lie above; ``relations``, (name, meaning) with the one for nothing last;
    ``kinds``, records that are related; ``earlier``, only to records of other sessions.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key
    >>> def note(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)}, session=i)
    >>> new = [note("n", "lives in Lisbon")]
    >>> answer = {"verdicts": [{"pair": "0", "verdict": "changed", "strength": 0.9}]}
    >>> view = ListView([note("r", "lives in Porto")], tools=ListTools(answers={"compare": lambda inputs: answer}))
    >>> [(op.edge.src, op.edge.rel, op.edge.dst) for op in TypedRelations(quantile=0.1).link(new, view)]
    [('r', 'changed', 'n')]
    """

    name: ClassVar[str] = "typed_relations"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "said"
    k: int = 3
    quantile: float = 0.9
    relations: tuple[tuple[str, str], ...] = RELATIONS
    kinds: tuple[str, ...] | None = None
    earlier: bool = True
    task: str = "compare"

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """LINK ops for every pair that has a relation."""
        pairs = self._pairs([record for record in new if self.kinds is None or record.kind in self.kinds], view)
        if not pairs:
            return []
        aliases = AliasMap.of(f"{older.id} {newer.id}" for older, newer in pairs)
        asked = [
            {"alias": aliases.alias(f"{older.id} {newer.id}"), "old": older.value, "new": newer.value}
            for older, newer in pairs
        ]
        verdicts = [{"name": name, "about": about} for name, about in self.relations]
        answer = view.tools.ask(self.task, {"pairs": asked, "verdicts": verdicts, "instruction": ""})
        of_alias = {pair["alias"]: both for pair, both in zip(asked, pairs, strict=True)}
        ops = []
        for told in answer["verdicts"]:
            both = of_alias.get(told["pair"])
            if both is None:
                ops.append(Op.noop(reason=f"refused: pair {told['pair']!r} was never shown", actor=self.name))
            elif told["verdict"] != self.relations[-1][0]:
                weight = 1.0 if told.get("strength") is None else float(told["strength"])
                note = str(told.get("reason") or "")
                edge = Edge(src=both[0].id, dst=both[1].id, rel=told["verdict"], weight=max(weight, 0.1), note=note)
                ops.append(Op.link(edge, actor=self.name))
        return ops

    def _pairs(self, new: Sequence[Record], view: View) -> list[tuple[Record, Record]]:
        limit = limit_of(view, self.quantile)
        vectors = vectors_of(new, self.key, view)
        pairs: list[tuple[Record, Record]] = []
        for record in new:
            if record.id not in vectors:
                continue
            hits = view.dense(vectors[record.id], key=self.key, k=10 * self.k, where=Where(kinds=self.kinds))
            near = view.get([hit.id for hit in hits if hit.score >= limit])
            others = [o for o in near.values() if not self.earlier or o.session != record.session]
            pairs.extend((older, record) for older in others[: self.k])
        return pairs
