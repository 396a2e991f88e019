"""Add or merge: a new topic either stands for itself or goes into the known one that it continues.

    asked, for each draft with alike records: Add, or Merge(record, text of both)

What is merged keeps the evidence of both; a draft that is like nothing known is added without asking.
Source: the prospective reflection of Z. Tan et al., "In Prospect and Retrospect" (RMM), arXiv 2503.08026, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_records
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Resolver
from mnemic.core.times import Interval
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of, most_alike, vectors_of


@dataclass(frozen=True)
class AddOrMerge(Resolver):
    """Asks ``task`` with ``{new, known: [{alias, text, when}], instruction}``; the answer is ``{into, text}``.

    Drafts are taken one after the other, so that the second on a topic meets the first. A merge into something that was
    not shown is refused: the draft is added. Parameters: ``key``, the dense key compared; ``k``, records shown a draft;
    ``quantile`` of random pairs that they must be above; ``instruction``, wishes for the task.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key
    >>> def topic(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> answer = {"into": "0", "text": "Anna rows and now coaches rowing"}
    >>> view = ListView([topic("r1", "Anna rows")], tools=ListTools(answers={"merge_into": lambda inputs: answer}))
    >>> op, = AddOrMerge(quantile=0.5).resolve([topic("d1", "Anna coaches rowing")], view)
    >>> op.kind, op.targets, op.record.keys["said"].text
    ('UPDATE', ('r1',), 'Anna rows and now coaches rowing')
    """

    name: ClassVar[str] = "add_or_merge"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "said"
    k: int = 5
    quantile: float = 0.95
    task: str = "merge_into"
    instruction: str = ""

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """An ADD or an UPDATE for each draft."""
        limit = limit_of(view, self.quantile)
        standing: dict[str, Record] = {}
        ops: list[Op] = []
        for draft in drafts:
            known = self._known(draft, standing, limit, view)
            try:
                op = self._merge(draft, known, view) if known else None
            except Refused as refusal:
                ops.append(Op.noop(reason=f"refused: {refusal}", actor=self.name))
                op = None
            op = op or Op.add(draft, actor=self.name)
            ops.append(op)
            if op.record is not None:
                # An added draft stands as active: what changes it later is compared with that.
                standing[op.targets[0]] = op.record.with_(state="active")
        return ops

    def _known(self, draft: Record, standing: dict[str, Record], limit: float, view: View) -> list[Record]:
        vectors = vectors_of([draft, *(r for r in standing.values() if r.kind == draft.kind)], self.key, view)
        if draft.id not in vectors:
            return []
        alike = most_alike(draft.id, vectors, view, key=self.key, k=2 * self.k, where=Where(kinds=(draft.kind,)))
        # What this very segment changed is compared by its new text.
        near = [i for i, cosine in alike if cosine >= limit]
        records = {**view.get(near), **standing}
        return [records[i] for i in dict.fromkeys(near) if i in records][: self.k]

    def _merge(self, draft: Record, known: Sequence[Record], view: View) -> Op | None:
        aliases = AliasMap()
        asked = {"new": draft.value, "known": shown_records(known, aliases), "instruction": self.instruction}
        answer = view.tools.ask(self.task, asked)
        if not answer["into"] or not answer["text"]:
            return None
        into = aliases.id(answer["into"])
        old = next(record for record in known if record.id == into)
        return Op.update(old, merged(old, draft, answer["text"]), reason="goes on with it", actor=self.name)


def merged(old: Record, new: Record, text: str) -> Record:
    """The old record with a text that stands for both, and the evidence, names and time of both.

    >>> one, two = (Record(id=i, kind="semantic", value=i, entities=(i,)) for i in "ab")
    >>> merged(one, two, "a and b").entities
    ('a', 'b')
    """
    spans = [record.times.event for record in (old, new) if record.times.event]
    event = Interval(min(s.start for s in spans), max(s.end for s in spans)) if spans else None
    return reworded(old, text).with_(
        sources=tuple(dict.fromkeys((*old.sources, *new.sources))),
        derived_from=tuple(dict.fromkeys((*old.derived_from, *new.derived_from))),
        entities=tuple(dict.fromkeys((*old.entities, *new.entities))),
        tags=tuple(dict.fromkeys((*old.tags, *new.tags))),
        times=replace(old.times, event=event),
        session=old.session if old.session == new.session else "",
        actor=old.actor if old.actor == new.actor else "",
        epistemic="inference",
    )
