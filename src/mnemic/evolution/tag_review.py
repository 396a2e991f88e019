"""Tag review: records that share a tag are compared; what repeats is joined, and of a state only the latest stays.

    for each new r and the k records before it with a tag in common:
        repeats  →  one record with the evidence of both      changed  →  r supersedes it      different  →  both stay

Source: the memory review of R. Westhäußer et al., "CAIM", arXiv 2505.13044, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Consolidator
from mnemic.core.view import View

REPEATS, CHANGED, DIFFERENT = "repeats", "changed", "different"
VERDICTS = (
    (REPEATS, "the newer text says what the older says"),
    (CHANGED, "both tell the state of one thing, and the newer tells a later state"),
    (DIFFERENT, "they are about different things, or both hold"),
)


@dataclass(frozen=True)
class TagReview(Consolidator):
    """Asks ``task`` with ``{pairs, verdicts, instruction}``; the answer is ``{verdicts: [{pair, verdict}]}``.

    Looks at records of ``kinds`` that came since the last run. Parameters: ``k``, earlier ones that each is compared
    with, those with the rarest tags in common first; ``batch``, pairs a call; ``instruction``, wishes.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> answer = {"verdicts": [{"pair": "0", "verdict": "changed"}]}
    >>> facts = [Record(id=f"r{i}", kind="semantic", value=f"lives in {city}", tags=("home",))
    ...          for i, city in enumerate(["Porto", "Lisbon"])]
    >>> view = ListView(facts, tools=ListTools(answers={"compare": lambda asked: answer}))
    >>> [(op.kind, op.targets, op.changes["by"]) for op in TagReview().run(view, since=1)]
    [('SUPERSEDE', ('r0',), 'r1')]
    """

    name: ClassVar[str] = "tag_review"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    kinds: tuple[str, ...] = ("semantic",)
    k: int = 5
    batch: int = 40
    instruction: str = ""
    task: str = "compare"

    def run(self, view: View, since: int) -> Iterable[Op]:
        """MERGE and SUPERSEDE ops; each record is a target of one op at most."""
        pairs = self._pairs(view, since)
        repeats: dict[str, list[Record]] = {}
        changed: dict[str, tuple[Record, Record]] = {}
        gone: set[str] = set()
        newer = {new.id: new for _, new in pairs}
        for start in range(0, len(pairs), self.batch):
            for old, new, verdict in self._judged(pairs[start : start + self.batch], view):
                # What has itself been set aside takes nothing else's place.
                if verdict == DIFFERENT or old.id in gone or new.id in gone or old.id in repeats:
                    continue
                gone.add(old.id)
                if verdict == REPEATS:
                    repeats.setdefault(new.id, []).append(old)
                else:
                    changed[old.id] = (old, new)
        for old, new in changed.values():
            yield Op.supersede(old, new.id, valid_until=when_of(new), reason="a later state", actor=self.name)
        for new_id, olds in repeats.items():
            new = newer[new_id]
            made = new.with_(
                sources=tuple(dict.fromkeys(span for one in (*olds, new) for span in one.sources)),
                tags=tuple(dict.fromkeys(tag for one in (new, *olds) for tag in one.tags)),
            )
            yield Op.merge((*olds, new), made, reason="says it again", actor=self.name)

    def _pairs(self, view: View, since: int) -> list[tuple[Record, Record]]:
        pairs = []
        fresh = view.added(since, Where(kinds=self.kinds))
        for new in reversed(fresh):
            if not new.tags:
                continue
            hits = view.tagged("tag", new.tags, k=2 * self.k + 1, where=Where(kinds=self.kinds))
            near = view.get([hit.id for hit in hits if hit.id != new.id])
            earlier = [near[hit.id] for hit in hits if hit.id in near and _before(near[hit.id], new)]
            pairs += [(old, new) for old in earlier[: self.k]]
        return pairs

    def _judged(self, pairs: Sequence[tuple[Record, Record]], view: View) -> Iterable[tuple[Record, Record, str]]:
        aliases = AliasMap.of(str(place) for place in range(len(pairs)))
        asked = [{"alias": str(i), "old": old.value, "new": new.value} for i, (old, new) in enumerate(pairs)]
        verdicts = [{"name": name, "about": about} for name, about in VERDICTS]
        answer = view.tools.ask(self.task, {"pairs": asked, "verdicts": verdicts, "instruction": self.instruction})
        for told in answer["verdicts"]:
            try:
                old, new = pairs[int(aliases.id(told["pair"]))]
            except Refused:
                continue
            yield old, new, told["verdict"]


def _before(old: Record, new: Record) -> bool:
    first, second = when_of(old), when_of(new)
    if first is None or second is None or first == second:
        return old.id < new.id
    return first < second
