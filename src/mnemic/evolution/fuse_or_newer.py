"""Fuse or newer: a draft that repeats or contradicts what is known is made one text with it, and both are archived.

    verdict(known, draft) ∈ {redundant, contradictory, independent};   the first two: fused text, or else the newer wins

What is fused inherits the edges of what it was made of; a ``merged_to`` edge leads there from each.
Source: Z. Li et al., "MemOS: A Memory OS for AI System", arXiv 2507.03724, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_records
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.record_times import when_of
from mnemic.core.rewording import reworded
from mnemic.core.stage import Resolver
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of, vectors_of

VERDICTS = (
    ("redundant", "the newer says what the older says, in other words or with a little more"),
    ("contradictory", "both cannot hold at one time"),
    ("independent", "they are about different things"),
)


@dataclass(frozen=True)
class FuseOrNewer(Resolver):
    """Compares each draft with its ``k`` nearest records of its kind, by ``task``, and fuses by ``fuse_task``.

    A draft is fused with one record, the first that is not independent of it; a record with one draft of a segment.
    Parameters: ``key``, the dense key; ``quantile`` of random pairs, and ``strictness`` from there to identical, that
    a record must lie above; ``kinds``, drafts that are compared (None: all).

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key
    >>> def fact(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> answers = {"compare": lambda inputs: {"verdicts": [{"pair": "0", "verdict": "contradictory"}]},
    ...            "fuse": lambda inputs: {"possible": True, "text": "moved from Porto to Lisbon"}}
    >>> view = ListView([fact("r", "lives in Porto")], tools=ListTools(answers=answers))
    >>> for op in FuseOrNewer(quantile=0.1).resolve([fact("d", "lives in Lisbon")], view):
    ...     print(op.kind, op.targets)
    ADD ('d',)
    ADD ('n1',)
    LINK ('r', 'n1')
    LINK ('d', 'n1')
    DEMOTE ('r',)
    """

    name: ClassVar[str] = "fuse_or_newer"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "said"
    k: int = 5
    quantile: float = 0.99
    strictness: float = 0.3
    kinds: tuple[str, ...] | None = None
    task: str = "compare"
    fuse_task: str = "fuse"

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """The drafts' ADD ops, and what follows where one meets its like."""
        wanted = [draft for draft in drafts if self.kinds is None or draft.kind in self.kinds]
        met = self._met(wanted, view)
        ops: list[Op] = []
        taken: set[str] = set()
        for draft in drafts:
            known, verdict = next(((o, v) for o, v in met.get(draft.id, ()) if o.id not in taken), (None, ""))
            if known is None:
                ops.append(Op.add(draft, actor=self.name))
            else:
                taken.add(known.id)
                ops.extend(self._joined(known, draft, verdict, view))
        return ops

    def _met(self, drafts: Sequence[Record], view: View) -> dict[str, list[tuple[Record, str]]]:
        limit = limit_of(view, self.quantile, self.strictness)
        vectors = vectors_of(drafts, self.key, view)
        pairs: list[tuple[Record, Record]] = []
        for draft in drafts:
            if draft.id in vectors:
                hits = view.dense(vectors[draft.id], key=self.key, k=self.k, where=Where(kinds=(draft.kind,)))
                near = view.get([hit.id for hit in hits if hit.score >= limit])
                pairs.extend((known, draft) for known in near.values())
        if not pairs:
            return {}
        asked = [{"alias": str(n), "old": old.value, "new": new.value} for n, (old, new) in enumerate(pairs)]
        verdicts = [{"name": name, "about": about} for name, about in VERDICTS]
        answer = view.tools.ask(self.task, {"pairs": asked, "verdicts": verdicts, "instruction": ""})
        told = {verdict["pair"]: verdict["verdict"] for verdict in answer["verdicts"]}
        met: dict[str, list[tuple[Record, str]]] = {}
        for number, (known, draft) in enumerate(pairs):
            verdict = told.get(str(number), VERDICTS[-1][0])
            if verdict != VERDICTS[-1][0]:
                met.setdefault(draft.id, []).append((known, verdict))
        return met

    def _joined(self, known: Record, draft: Record, verdict: str, view: View) -> Iterable[Op]:
        texts = shown_records((known, draft), AliasMap())
        answer = view.tools.ask(self.fuse_task, {"texts": texts, "instruction": f"they are {verdict}"})
        if not answer["possible"] or not answer["text"]:
            yield Op.add(draft, actor=self.name)
            yield Op.supersede(known, draft.id, valid_until=when_of(draft), reason=verdict, actor=self.name)
            return
        made = reworded(draft, answer["text"]).with_(
            id=view.tools.new_id(),
            epistemic="inference",
            sources=tuple(dict.fromkeys((*known.sources, *draft.sources))),
            derived_from=(known.id, draft.id),
            entities=tuple(dict.fromkeys((*known.entities, *draft.entities))),
            tags=tuple(dict.fromkeys((*known.tags, *draft.tags))),
        )
        # It enters as what it will be, so that nothing is linked to what has been replaced already.
        yield Op.add(draft.with_(state="archived"), reason=f"fused: {verdict}", actor=self.name)
        yield Op.add(made, reason=f"fused: {verdict}", actor=self.name)
        for edge in view.edges([known.id], direction="both"):
            src, dst = (made.id if end == known.id else end for end in (edge.src, edge.dst))
            if src != dst:
                yield Op.link(replace(edge, src=src, dst=dst), reason="inherited", actor=self.name)
        for parent in (known, draft):
            yield Op.link(Edge(src=parent.id, dst=made.id, rel="merged_to"), actor=self.name)
        yield Op.demote(known, reason=f"fused: {verdict}", actor=self.name)
