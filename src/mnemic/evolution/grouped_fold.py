"""Grouped fold: records that belong together are folded into one, which grows with them.

    for each group g that new records fall into, if it has ≥ ``least``:   summary(g) = fold(summary(g), new of g)
                                                       or, refolding:     summary(g) = fold(nothing, all of g)

A group is a session, a day, a speaker, an entity, a tag, or everything; folding the folds of days gives the overall
summary. One mechanism for the session, daily and overall summaries of "MemoryBank" (arXiv 2305.10250), the rolling
memory of "Recursively Summarizing Enables Long-Term Dialogue Memory" (arXiv 2308.15022), the compact memory of
"Compress to Impress" (COMEDY, arXiv 2402.11975) and the observations of "Hindsight" (arXiv 2512.12818).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Consolidator, Fold
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive

GROUPS = ("session", "day", "actor", "entity", "tag", "all")
STEPS = ("all", "session", "record")


@dataclass(frozen=True)
class GroupedFold(Consolidator):
    """Writes or rewrites one record a group, an inference that names what it was made of.

    Parameters: ``group``, one of session, day, actor, entity, tag, all; ``of``, the kinds that are folded (all but
    ``kind`` when None), only those with a label of ``of_labels`` or of ``epistemic`` standing; ``kind`` of the
    result; ``fold``; ``refold``, fold all of a group anew instead of the new ones into what was; ``step``, whether
    all new ones are folded at once, a session or a record at a time, in order; ``least`` members before a group is
    folded; ``top``, only the groups with most new members; ``limit``, newest members folded; ``tokens``, budget of
    a result; ``key`` under which it is found. The result carries the labels ``fold:<group>`` and
    ``<group>=<name>``. Raises BadInput for an unknown group or step.

    >>> from mnemic.core.list_view import ListView
    >>> facts = [Record(id=f"r{i}", kind="semantic", value=t, entities=("Anna",), session="s")
    ...          for i, t in enumerate(["Anna rows.", "Anna paints."])]
    >>> op, = GroupedFold(group="entity", kind="profile").run(ListView(facts), since=0)
    >>> op.record.kind, op.record.labels, op.record.value.splitlines()
    ('profile', ('fold:entity', 'entity=anna'), ['Anna rows.', 'Anna paints.'])
    """

    name: ClassVar[str] = "grouped_fold"

    group: str = "session"
    of: tuple[str, ...] | None = None
    of_labels: tuple[str, ...] | None = None
    epistemic: tuple[str, ...] | None = None
    kind: str = "summary"
    fold: Fold = field(default_factory=Extractive)
    refold: bool = False
    step: str = "all"
    least: int = 1
    top: int | None = None
    limit: int = 1000
    tokens: int = 200
    key: str = "said"

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise BadInput(f"grouped_fold.group: {self.group!r} is none of {', '.join(GROUPS)}")
        if self.step not in STEPS:
            raise BadInput(f"grouped_fold.step: {self.step!r} is none of {', '.join(STEPS)}")

    def run(self, view: View, since: int) -> Iterable[Op]:
        """ADD and UPDATE ops of the groups' records."""
        scope = Where(kinds=self.of, labels=self.of_labels, epistemic=self.epistemic)
        fresh: dict[str, list[Record]] = {}
        for record in view.added(since, scope):
            for name in self._groups(record):
                fresh.setdefault(name, []).append(record)
        ranked = sorted(fresh, key=lambda name: (-len(fresh[name]), name)) if self.top else list(fresh)
        return [op for name in ranked[: self.top] for op in self._fold(name, fresh[name], scope, view)]

    def _groups(self, record: Record) -> Sequence[str]:
        if record.kind == self.kind and (self.of is None or f"fold:{self.group}" in record.labels):
            return ()
        when = when_of(record)
        if self.group == "day":
            return (f"{when:%Y-%m-%d}",) if when else ()
        if self.group in ("entity", "tag"):
            names = record.entities if self.group == "entity" else record.tags
            return tuple(dict.fromkeys(name.casefold() for name in names))
        if self.group == "all":
            return ("all",)
        name = str(getattr(record, self.group))
        return (name,) if name else ()

    def _fold(self, name: str, fresh: Sequence[Record], scope: Where, view: View) -> Iterable[Op]:
        labels = (f"fold:{self.group}", f"{self.group}={name}")
        known = view.scan(Where(kinds=(self.kind,), labels=labels[1:]), limit=1)
        state = known[0] if known else None
        members = fresh
        if self.refold or (state is None and self.least > 1):
            members = [record for record in self._scan(name, scope, view) if name in self._groups(record)]
        if state is None and len(members) < self.least:
            return
        made = self._folded(None if self.refold else state, members, view)
        session = members[0].session if self.group == "session" else ""
        entities = (members[0].actor,) if self.group == "actor" else (name,) if self.group == "entity" else ()
        made = made.with_(
            kind=self.kind,
            labels=labels,
            entities=entities,
            session=session,
            keys={self.key: Key(made.value)},
            epistemic="inference",
        )
        reason = f"fold of {self.group} {name}"
        if state is None:
            yield Op.add(made.with_(id=view.tools.new_id()), reason=reason, actor=self.name)
        elif state.value != made.value or state.derived_from != made.derived_from:
            yield Op.update(state, made, reason=reason, actor=self.name)

    def _folded(self, state: Record | None, members: Sequence[Record], view: View) -> Record:
        if self.step == "all":
            return self.fold.fold(state, members, self.tokens, view)
        made = state
        for _, some in groupby(members, key=lambda record: record.session if self.step == "session" else record.id):
            made = self.fold.fold(made, list(some), self.tokens, view)
        return made or self.fold.fold(state, members, self.tokens, view)

    def _scan(self, name: str, scope: Where, view: View) -> list[Record]:
        narrower = {
            "session": {"sessions": (name,)},
            "actor": {"actors": (name,)},
            "entity": {"entities": (name,)},
            "tag": {"tags": (name,)},
        }
        where = scope.and_(**narrower.get(self.group, {}))
        return view.scan(where, limit=self.limit, newest_first=True)[::-1]
