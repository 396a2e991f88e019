"""Overflow: records that are always in the context are folded into one when they grow too large.

    Σ tokens(kind) > at · limit   →   of one attribute of one subject only the latest stays;
                                      still above: all are merged into one of to · limit tokens

The former records stay as superseded, and the fold names what it was made of.
Source: the core memory of Y. Wang and X. Chen, "MIRIX", arXiv 2507.07957, 2025, whose blocks are rewritten to half
their limit at nine tenths of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.core.stage import Consolidator, Fold
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive


@dataclass(frozen=True)
class Overflow(Consolidator):
    """Keeps the records of ``kind`` below ``at`` times ``limit`` tokens in all.

    Parameters: ``fold``, how they are made one; ``to``, the share of the limit that this one may take; ``key`` under
    which it is found. Raises BadInput unless ``0 < to < at <= 1``.

    >>> from mnemic.core.list_view import ListView
    >>> def home(i, city):
    ...     fields = {"subject": "Anna", "attribute": "home", "value": city}
    ...     return Record(id=f"r{i}", kind="core", value=f"Anna lives in {city}.", fields=fields)
    >>> ops = Overflow(limit=12).run(ListView([home(0, "Porto"), home(1, "Lisbon")]), since=0)
    >>> [(op.kind, op.targets, op.changes["by"]) for op in ops]
    [('SUPERSEDE', ('r0',), 'r1')]
    """

    name: ClassVar[str] = "overflow"

    kind: str = "core"
    limit: int = 1200
    at: float = 0.9
    to: float = 0.5
    fold: Fold = field(default_factory=Extractive)
    key: str = "said"

    def __post_init__(self) -> None:
        if not 0.0 < self.to < self.at <= 1.0:
            raise BadInput(f"overflow: 0 < to < at <= 1 must hold, got to={self.to} and at={self.at}")

    def run(self, view: View, since: int) -> Iterable[Op]:
        """SUPERSEDE ops of overtaken records, then a MERGE of the rest if that is not enough."""
        records = view.scan(Where(kinds=(self.kind,)))
        if self._size(records, view) <= self.at * self.limit:
            return
        latest: dict[tuple[str, str], Record] = {}
        for record in records:
            if slot := _attribute(record):
                latest[slot] = record
        overtaken = {r.id: latest[slot] for r in records if (slot := _attribute(r)) and latest[slot] is not r}
        kept = [record for record in records if record.id not in overtaken]
        for record in records:
            if record.id in overtaken:
                by = overtaken[record.id].id
                yield Op.supersede(record, by, reason="overtaken by a later value", actor=self.name)
        if self._size(kept, view) <= self.at * self.limit or len(kept) < 2:
            return
        made = self.fold.fold(None, kept, int(self.to * self.limit), view)
        new = made.with_(
            id=view.tools.new_id(), kind=self.kind, keys={self.key: Key(made.value)}, epistemic="inference"
        )
        yield Op.merge(tuple(kept), new, reason=f"{self.kind} overflowed", actor=self.name)

    def _size(self, records: Iterable[Record], view: View) -> int:
        return sum(view.tools.count_tokens(record.shown()) for record in records)


def _attribute(record: Record) -> tuple[str, str] | None:
    subject, attribute = (str(record.fields.get(name, "")).strip().casefold() for name in ("subject", "attribute"))
    return (subject, attribute) if subject and attribute else None
