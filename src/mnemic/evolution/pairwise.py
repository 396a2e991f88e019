"""Pairwise: for each known record and new one a model says which of the two stays; a truth table of two booleans.

                  new stays    new goes
    old stays     APPEND       PASS        unrelated | known already
    old goes      REPLACE      DELETE      newer or more specific | it is over, and that need not be kept

A new record is left out when any pair says that it goes, an old one superseded when any pair says so; a record is never
set aside by one that was said before it. Only the nearest pairs are judged, all of them in few calls.
Source: S. Bae et al., "Keep Me Updated! Memory Management in Long-term Conversations", arXiv 2210.08750, 2022.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Resolver
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of, vectors_of

#: Verdict -> (what it means, whether the old record stays, whether the new one does); "the same" first, as rules ask.
VERDICTS: dict[str, tuple[str, bool, bool]] = {
    "REPLACE": ("the new text is newer or more specific: only it is kept", False, True),
    "PASS": ("the old text says what the new one says: only the old one is kept", True, False),
    "DELETE": ("the new text says that the old one is over, and that need not be kept: neither is", False, False),
    "APPEND": ("they are about different things, or both hold: both are kept", True, True),
}
#: Pairs put to the model in one call: the answer must stay short enough to be whole.
BATCH = 40


@dataclass(frozen=True)
class Pairwise(Resolver):
    """Asks ``task`` with ``{pairs: [{alias, old, new}], verdicts, instruction}``.

    The answer is ``{verdicts: [{pair, verdict, reason}]}``; a verdict on a pair that was not shown is refused on its
    own, a pair without verdict is kept on both sides. Parameters: ``key``, the dense key by which pairs are found;
    ``k``, known records a new one is compared with; ``quantile`` of random pairs that a pair must be above (0: any);
    ``instruction``, wishes for the task.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key
    >>> def said(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> answer = {"verdicts": [{"pair": "0", "verdict": "DELETE"}]}
    >>> view = ListView([said("r1", "Anna has a cold")], tools=ListTools(answers={"compare": lambda inputs: answer}))
    >>> [(op.kind, op.targets) for op in Pairwise().resolve([said("d1", "Anna's cold is gone")], view)]
    [('SUPERSEDE', ('r1',)), ('NOOP', ())]
    """

    name: ClassVar[str] = "pairwise"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "said"
    k: int = 10
    quantile: float = 0.0
    task: str = "compare"
    instruction: str = ""

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """ADD ops of the drafts that stay, SUPERSEDE ops of the records that go."""
        pairs = self._pairs(drafts, view)
        ops: list[Op] = []
        out: dict[str, str] = {}
        gone: dict[str, tuple[Record, Record, str]] = {}
        for start in range(0, len(pairs), BATCH):
            for old, new, verdict, reason in self._judged(pairs[start : start + BATCH], view, ops):
                _, old_stays, new_stays = VERDICTS[verdict]
                if not old_stays and not _before(new, old):
                    gone.setdefault(old.id, (old, new, reason or verdict))
                if not new_stays:
                    out.setdefault(new.id, f"{verdict} beside {old.id}: {reason}".rstrip(": "))
        for old, new, reason in gone.values():
            by = "" if new.id in out else new.id
            op = Op.supersede(old, by, valid_until=when_of(new), reason=reason, actor=self.name)
            ops.append(replace(op, evidence=new.sources))
        for draft in drafts:
            if draft.id in out:
                ops.append(Op.noop(reason=out[draft.id], evidence=draft.sources, actor=self.name))
            else:
                ops.append(Op.add(draft, actor=self.name))
        return ops

    def _pairs(self, drafts: Sequence[Record], view: View) -> list[tuple[Record, Record]]:
        limit = limit_of(view, self.quantile) if self.quantile else -1.0
        pairs = []
        for draft in drafts:
            vector = vectors_of([draft], self.key, view).get(draft.id)
            if vector is None:
                continue
            hits = view.dense(vector, key=self.key, k=self.k, where=Where(kinds=(draft.kind,)))
            near = view.get([hit.id for hit in hits if hit.score >= limit])
            pairs += [(old, draft) for old in near.values()]
        return pairs

    def _judged(
        self, pairs: Sequence[tuple[Record, Record]], view: View, ops: list[Op]
    ) -> Iterable[tuple[Record, Record, str, str]]:
        aliases = AliasMap.of(str(place) for place in range(len(pairs)))
        asked = [{"alias": str(i), "old": old.value, "new": new.value} for i, (old, new) in enumerate(pairs)]
        verdicts = [{"name": name, "about": about} for name, (about, _, _) in VERDICTS.items()]
        answer = view.tools.ask(self.task, {"pairs": asked, "verdicts": verdicts, "instruction": self.instruction})
        for verdict in answer["verdicts"]:
            try:
                old, new = pairs[int(aliases.id(verdict["pair"]))]
            except Refused as refusal:
                ops.append(Op.noop(reason=f"refused: {refusal}", actor=self.name))
                continue
            yield old, new, verdict["verdict"], verdict["reason"]


def _before(new: Record, old: Record) -> bool:
    said, known = when_of(new), when_of(old)
    return said is not None and known is not None and said < known
