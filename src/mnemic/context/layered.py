"""Layered: named layers of memory, each with its own source, its share of the budget and its rank against the others.

    Σ tokens(layer) ≤ budget,   least(layer) reserved first, most(layer) never exceeded
    two records on one attribute of one subject, in two layers: the one in the layer that ranks higher holds,
    the other one is shown with a mark, or not at all

Layers are shown in their order; which of two wins is told by ``rank``, so that what is stable can stand first and yet
yield to what was said just now.
Source: S. Zeppieri, "MMAG: Mixed Memory-Augmented Generation for Large Language Models Applications", arXiv 2512.01710,
2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.context.fill import check_slots, fill
from mnemic.core.errors import BadInput
from mnemic.core.execute import search
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Context, Hit, Query
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Assembler, Stage
from mnemic.core.view import View


@dataclass(frozen=True)
class Layer(Stage):
    """One layer: its ``title``, the ``source`` that fills it, and how much of the budget it gets.

    Without a source it takes the hits of the recipe's own search whose kind is among ``kinds`` (all when None).
    ``least`` and ``most`` are shares of the budget; of two layers the one of the smaller ``rank`` holds (0: the
    strongest). Raises BadInput unless ``0 <= least <= most <= 1``.

    >>> print(Layer("profile", kinds=("profile",), least=0.2))
    layer(title='profile', kinds=('profile',), least=0.2)
    """

    name: ClassVar[str] = "layer"
    role: ClassVar[str] = "layer"

    title: str = "memory"
    source: Chain = field(default_factory=Chain)
    kinds: tuple[str, ...] | None = None
    least: float = 0.0
    most: float = 1.0
    rank: int = 0

    def __post_init__(self) -> None:
        check_slots("layer", [(self.title, (), self.least, self.most)])


@dataclass(frozen=True)
class Layered(Assembler):
    """Fills ``layers``, given as ``Layer(...) >> Layer(...)``, in the order of their ranks; shows them in theirs.

    A record that several layers have enters the one that ranks highest. ``conflicts`` is what becomes of a record that
    a higher layer contradicts (same ``subject`` and ``attribute`` among its fields, another ``value``): ``mark``,
    ``drop`` or ``keep``. Raises BadInput without layers, for two of one title, or another word for ``conflicts``.

    >>> from mnemic.core.list_view import ListView
    >>> def fact(i, kind, city):
    ...     fields = {"subject": "Anna", "attribute": "home", "value": city}
    ...     return Record(id=i, kind=kind, value=f"Anna lives in {city}.", fields=fields)
    >>> view = ListView([fact("r0", "profile", "Porto"), fact("r1", "episodic", "Lisbon")])
    >>> layers = Layer("profile", kinds=("profile",), rank=1) >> Layer("talk", kinds=("episodic",))
    >>> hits = [Hit("r0", 1.0, "dense"), Hit("r1", 0.9, "dense")]
    >>> context = Layered(layers).build(hits, Query(text="Where?", asked_at=view.now, tokens=60), view)
    >>> for block in context.blocks:
    ...     print(block.name, block.text)
    profile [1] Anna lives in Porto. (overruled: Lisbon, by talk)
    talk [2] Anna lives in Lisbon.
    """

    name: ClassVar[str] = "layered"

    layers: Chain = field(default_factory=Chain)
    conflicts: str = "mark"

    def __post_init__(self) -> None:
        titles = [layer.title for layer in self._layers()]
        if not titles or len(titles) != len(self.layers) or len(set(titles)) < len(titles):
            raise BadInput("layered.layers: give layers, each with a title of its own")
        if self.conflicts not in ("mark", "drop", "keep"):
            raise BadInput(f"layered.conflicts: {self.conflicts!r} is none of mark, drop, keep")
        check_slots(self.name, self._slots())

    def build(self, hits: list[Hit], query: Query, view: View) -> Context:
        """The context; each line cites its record."""
        ranked = sorted(self._layers(), key=lambda layer: layer.rank)
        chosen: dict[str, Hit] = {}
        layer_of: dict[str, str] = {}
        records: dict[str, Record] = {}
        for layer in ranked:
            found = search(layer.source, query, view) if layer.source.items else hits
            known = view.get([hit.id for hit in found])
            for hit in found:
                fits = hit.id in known and (layer.kinds is None or known[hit.id].kind in layer.kinds)
                if fits and hit.id not in chosen:
                    chosen[hit.id], layer_of[hit.id] = hit, layer.title
                    records[hit.id] = known[hit.id]
        preferred = list(chosen.values())
        if self.conflicts != "keep":
            preferred = self._settled(preferred, layer_of, records, {layer.title: layer.rank for layer in ranked})
        return fill(preferred, self._slots(), query, view, blocks=layer_of)

    def _layers(self) -> list[Layer]:
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def _slots(self) -> list[tuple[str, tuple[str, ...], float, float]]:
        return [(layer.title, layer.kinds or (), layer.least, layer.most) for layer in self._layers()]

    def _settled(
        self, hits: Sequence[Hit], layer_of: Mapping[str, str], records: Mapping[str, Record], ranks: Mapping[str, int]
    ) -> list[Hit]:
        holds: dict[tuple[str, str], Record] = {}

        def strength(record: Record) -> tuple[int, float]:
            when = when_of(record)
            return (-ranks[layer_of[record.id]], when.timestamp() if when else 0.0)

        for record in records.values():
            if (slot := _attribute(record)) and (slot not in holds or strength(record) > strength(holds[slot])):
                holds[slot] = record
        out = []
        for hit in hits:
            record = records[hit.id]
            winner = holds.get(_attribute(record) or ("", ""))
            if winner is None or str(winner.fields["value"]).casefold() == str(record.fields["value"]).casefold():
                out.append(hit)
            elif self.conflicts == "mark":
                mark = f"(overruled: {winner.fields['value']}, by {layer_of[winner.id]})"
                out.append(replace(hit, text=f"{hit.text or record.shown()} {mark}"))
        return out


def _attribute(record: Record) -> tuple[str, str] | None:
    told = [str(record.fields.get(name, "")).strip().casefold() for name in ("subject", "attribute", "value")]
    return (told[0], told[1]) if all(told) else None
