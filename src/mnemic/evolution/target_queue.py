"""Target queue: in a quiet hour every older record is looked at once, beside all newer ones that may change it.

    queue(e)  = the ``keep`` records nearest to e that are older than e      for each e added since the last run
    later(t)  = { e : t in queue(e), cos(e, t) ≥ θ }                   newer changes older, never the reverse
    asked, for each t with later ones: update | delete | ignore

Newer targets come first and what is deleted changes nothing any more, so that no record acts that is not believed.
Source: the sleep-time update of J. Fang et al., "LightMem", arXiv 2510.18866, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of, shown_records
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.rewording import reworded
from mnemic.core.stage import Consolidator
from mnemic.core.view import View
from mnemic.evolution.likeness import limit_of


@dataclass(frozen=True)
class TargetQueue(Consolidator):
    """Asks ``task``, once a target, with ``{text, later: [{alias, text, when}]}``; the answer is ``{action, text,
    because}``.

    Parameters: ``key``, the dense key compared; ``kinds``, which records are kept up; ``k``, neighbours looked at, and
    ``keep``, how many of the older ones among them enter a queue; ``quantile`` of random pairs and ``strictness``, how
    far from there to identical, that a pair must reach; ``most``, later records shown for one target.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key
    >>> def fact(i, text):
    ...     return Record(id=i, kind="semantic", value=text, keys={"said": Key(text)})
    >>> answers = {"revise": lambda inputs: {"action": "delete"} if "Porto" in inputs["text"] else {"action": "ignore"}}
    >>> view = ListView([fact("r1", "Anna lives in Porto"), fact("r2", "Anna lives in Lisbon")],
    ...                 tools=ListTools(answers=answers))
    >>> [(op.kind, op.targets) for op in TargetQueue(quantile=0.5).run(view, since=1)]
    [('SUPERSEDE', ('r1',))]
    """

    name: ClassVar[str] = "target_queue"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "said"
    kinds: tuple[str, ...] = ("semantic",)
    k: int = 20
    keep: int = 10
    quantile: float = 0.99
    strictness: float = 0.0
    most: int = 20
    task: str = "revise"

    def run(self, view: View, since: int) -> Iterable[Op]:
        """UPDATE and SUPERSEDE ops of the targets."""
        targets, later = self._queues(view, since)
        walk = _Walk(self, view)
        for target in sorted(targets.values(), key=_moment, reverse=True):
            walk.revise(target, sorted(later[target.id], key=_moment))
        return walk.ops

    def _queues(self, view: View, since: int) -> tuple[dict[str, Record], dict[str, list[Record]]]:
        limit = limit_of(view, self.quantile, self.strictness)
        where = Where(kinds=self.kinds)
        fresh = view.added(since, where)
        vectors = view.vectors([record.id for record in fresh], key=self.key)
        targets: dict[str, Record] = {}
        later: dict[str, list[Record]] = {}
        for record in fresh:
            if record.id not in vectors:
                continue
            hits = view.dense(vectors[record.id], key=self.key, k=self.k + 1, where=where)
            near = [hit for hit in hits if hit.id != record.id and hit.score >= limit][: self.k]
            found = view.get([hit.id for hit in near])
            older = [other for other in found.values() if _moment(other) < _moment(record)]
            for target in older[: self.keep]:
                targets[target.id] = target
                later.setdefault(target.id, []).append(record)
        return targets, later


def _moment(record: Record) -> tuple[float, str]:
    when = when_of(record)
    # Ids are made in the order of arrival, which tells records of one instant apart.
    return (when.timestamp() if when else float("-inf"), record.id)


@dataclass(slots=True)
class _Walk:
    """The records as they stand while targets are revised one after the other."""

    stage: TargetQueue
    view: View
    ops: list[Op] = field(default_factory=list)
    changed: dict[str, Record] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def revise(self, shown: Record, later: list[Record]) -> None:
        """Ask what the later records that still hold make of the one shown."""
        sources = [self.changed.get(r.id, r) for r in later if r.id not in self.gone][-self.stage.most :]
        if not sources:
            return
        aliases, name = AliasMap(), self.stage.name
        answer = self.view.tools.ask(self.stage.task, {"text": shown.value, "later": shown_records(sources, aliases)})
        named = ids_of([answer["because"]], aliases)
        last = next((record for record in sources if record.id in named), sources[-1])
        if answer["action"] == "delete":
            self.gone.add(shown.id)
            op = Op.supersede(
                shown, last.id, valid_until=when_of(last), reason="a later record takes its place", actor=name
            )
            self.ops.append(replace(op, evidence=last.sources))
        elif answer["action"] == "update" and answer["text"]:
            spans = tuple(dict.fromkeys(span for record in (shown, *sources) for span in record.sources))
            new = reworded(shown, answer["text"]).with_(sources=spans, epistemic="inference")
            self.changed[shown.id] = new
            self.ops.append(Op.update(shown, new, reason="later records change it", actor=name))
