"""Four operations: a model reads new facts beside the nearest known ones and says what each means for them.

    asked: facts, memories (aliased) -> per fact one of ADD | UPDATE memory | DELETE memory | NONE

One call for all facts of a segment. DELETE supersedes: what was believed stays in the history. The neighbours may be
sought in a fact's own bucket alone, which is how thoughts are kept up that are stored by hash.
Source: P. Chhikara et al., "Mem0", arXiv 2504.19413, 2025; buckets: L. Liu et al., "Think-in-Memory",
arXiv 2311.08719, 2023.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.buckets import Buckets
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Hit, Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.rewording import reworded
from mnemic.core.stage import Resolver
from mnemic.core.view import View
from mnemic.evolution.likeness import vectors_of

if TYPE_CHECKING:
    from mnemic.core.view import Vector


@dataclass(frozen=True)
class FourOperations(Resolver):
    """Asks ``task`` with ``{facts: [{alias, text}], memories: [{alias, text}]}``.

    The answer is ``{operations: [{event, fact, memory, text, reason}]}``: ``fact`` is the alias of the fact that it
    comes from, ``memory`` that of the memory it changes, ``text`` the wording after an UPDATE. Several operations
    may come from one fact (DELETE a memory, then ADD). An operation with an alias that was not shown, or a second
    one on the same memory, is refused on its own and leaves a NOOP that says so.
    Parameters: ``key``, the dense key searched; ``k``, neighbours a fact; ``buckets``, how many buckets the memory is
    hashed into (0: none, every record may be a neighbour), ``probes``, how many of them are looked into, and ``seed``
    of the hash. Raises BadInput for an odd number of buckets.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key
    >>> def fact(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> answer = {"operations": [{"event": "DELETE", "fact": "0", "memory": "0"}, {"event": "ADD", "fact": "0"}]}
    >>> view = ListView([fact("r1", "Anna lives in Porto")],
    ...                 tools=ListTools(answers={"memory_operations": lambda inputs: answer}))
    >>> [(op.kind, op.targets) for op in FourOperations().resolve([fact("d1", "Anna lives in Lisbon")], view)]
    [('SUPERSEDE', ('r1',)), ('ADD', ('d1',))]
    """

    name: ClassVar[str] = "four_operations"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "said"
    k: int = 10
    task: str = "memory_operations"
    buckets: int = 0
    probes: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.buckets:
            Buckets(self.buckets, self.probes, self.seed)

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """The answer's operations as ops."""
        if not drafts:
            return []
        known = self._neighbours(drafts, view)
        facts, memories = AliasMap.of(draft.id for draft in drafts), AliasMap.of(known)
        answer = view.tools.ask(
            self.task,
            {
                "facts": [{"alias": facts.alias(draft.id), "text": draft.value} for draft in drafts],
                "memories": [{"alias": memories.alias(i), "text": record.value} for i, record in known.items()],
            },
        )
        of_id = {draft.id: draft for draft in drafts}
        wanted = list(answer.get("operations", ()))
        ops: list[Op] = []
        added: set[str] = set()
        for operation in wanted:
            try:
                draft = of_id[facts.id(operation.get("fact", ""))]
                op = self._op(operation, draft, memories, known, wanted)
                if op.kind == "ADD" and draft.id in added:
                    raise Refused(f"fact {operation['fact']!r} is added twice")
            except Refused as refusal:
                op = Op.noop(reason=f"refused: {refusal}", actor=self.name)
            added.update(op.targets if op.kind == "ADD" else ())
            ops.append(op)
        return ops

    def _neighbours(self, drafts: Sequence[Record], view: View) -> dict[str, Record]:
        found: dict[str, None] = {}
        for draft in drafts:
            vector = vectors_of([draft], self.key, view).get(draft.id)
            if vector is not None:
                found.update((hit.id, None) for hit in self._near(vector, Where(kinds=(draft.kind,)), view))
        return view.get(found)

    def _near(self, vector: Vector, where: Where, view: View) -> list[Hit]:
        if not self.buckets:
            return view.dense(vector, key=self.key, k=self.k, where=where)
        within = Buckets(self.buckets, self.probes, self.seed)
        return within.nearest(vector, view, key=self.key, k=self.k, where=where)

    def _op(
        self,
        operation: Mapping[str, Any],
        draft: Record,
        memories: AliasMap,
        known: dict[str, Record],
        wanted: Sequence[Mapping[str, Any]],
    ) -> Op:
        event, reason = str(operation.get("event", "")).upper(), str(operation.get("reason", ""))
        if event == "ADD":
            return Op.add(draft, reason=reason, actor=self.name)
        if event == "NONE":
            return Op.noop(reason=reason or "known already", evidence=draft.sources, actor=self.name)
        if event not in ("UPDATE", "DELETE"):
            raise Refused(f"operation {event!r} is none of ADD, UPDATE, DELETE, NONE")
        memory = memories.id(operation.get("memory", ""))
        if memory not in known:
            raise Refused(f"memory {operation['memory']!r} was changed by another operation of this answer")
        shown = known.pop(memory)
        if event == "UPDATE":
            text = str(operation.get("text") or draft.value)
            sources = tuple(dict.fromkeys((*shown.sources, *draft.sources)))
            times = replace(shown.times, event=draft.times.event or shown.times.event)
            new = reworded(shown, text).with_(sources=sources, times=times, epistemic="inference")
            return Op.update(shown, new, reason=reason, actor=self.name)
        added = any(str(o.get("event")).upper() == "ADD" and o.get("fact") == operation["fact"] for o in wanted)
        op = Op.supersede(shown, draft.id if added else "", valid_until=when_of(draft), reason=reason, actor=self.name)
        return replace(op, evidence=draft.sources)
