"""Forms anew what shared evidence with what is erased: in a hidden bank that never had it, compared with what is there.

    kept    a record that the hidden bank has too
    changed one of the same origin that stands otherwise: superseded no more, or by another
    made    what only the hidden bank has;      gone   what only the bank has

The hidden bank takes in the events in the portions in which they came, and runs its rules where the bank ran them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from mnemic.core.evidence import canonical
from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Edge, Record
from mnemic.core.times import Times
from mnemic.engine.engine import Engine
from mnemic.engine.erasing.trace import Trace
from mnemic.engine.replay import UnitKey
from mnemic.store.protocol import HIDDEN, Snapshot, Unit

ACTOR = "erasure"
REASON = "formed anew from what is left"


def hidden_name(erasure: str) -> str:
    """The hidden bank in which an erasure forms anew."""
    return f"{HIDDEN}erase-{erasure}"


def tidy(engine: Engine) -> None:
    """Drop hidden banks of erasures that were killed."""
    for row in engine.store.banks():
        if row.name.startswith(f"{HIDDEN}erase-"):
            engine.store.drop_bank(row.name)


class Former(Engine):
    """The engine over one hidden bank; texts that ``bank`` has vectors of are not embedded again."""

    __slots__ = ("bank", "heard")

    def __init__(self, engine: Engine, bank: str) -> None:
        self.heard: set[bytes] = set()
        super().__init__(_Hearing(engine.store, self.heard), engine.models, engine.clock, engine.seed)
        self.ids = engine.ids
        self.bank = bank

    def embed_units(self, units: Sequence[Unit]) -> dict[UnitKey, bytes]:
        """Vectors of units: those of the bank, and new ones of the rest."""
        with self.store.snapshot(self.bank) as snapshot:
            numbers = snapshot.unit_ids(units)
            blobs = snapshot.vectors(list(numbers.values()))
        known = {key: blobs[number] for key, number in numbers.items() if number in blobs}
        missing = [unit for unit in units if (unit.name, unit.mode, unit.sha) not in known]
        return {**known, **(Engine.embed_units(self, missing) if missing else {})}


class _Hearing:
    """A store that notes which known answers of models were asked for."""

    def __init__(self, store: Any, heard: set[bytes]) -> None:
        self._store = store
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._store.answer(bank, key)
        self._heard.add(key)
        return found


def form_anew(former: Former, hidden: str, recipe: Recipe, trace: Trace, events: set[str], *, rules: bool) -> None:
    """Take the events into the hidden bank; with ``rules`` scheduled ones run where they ran before."""
    order = sorted(events, key=lambda i: trace.events[i].seq)
    ran = sorted(set(trace.ran))
    runs = [list(run) for _, run in groupby(order, key=lambda i: trace.events[i].batch)]
    for place, run in enumerate(runs):
        begins = trace.events[run[0]].batch
        follows = trace.events[runs[place + 1][0]].batch if place + 1 < len(runs) else None
        after = rules and any(begins < batch and (follows is None or batch < follows) for batch in ran)
        with former.store.snapshot(former.bank) as snapshot:
            found = snapshot.events(run)
        # Its seq and times of record are the hidden bank's business.
        told = [replace(found[i], seq=0, recorded_at=None) for i in run if i in found]
        written = former.retain(hidden, recipe, told, close=after)
        if after:
            written += former.run_due(hidden, recipe, closed=True, idle=True)
        _checked(written)
    with former.store.snapshot(hidden) as made:
        waiting = list(dict.fromkeys(event.session for event in made.unformed(None)))
    _checked(former.form_sessions(hidden, recipe, waiting, closed=True))


def _checked(written: Any) -> None:
    if written.pending_reason:
        from mnemic.core.errors import ModelFailure

        raise ModelFailure(written.pending_reason)


@dataclass(slots=True)
class Compared:
    """What becomes of a bank's records beside those of the hidden bank; ``ops`` bring it there."""

    ops: list[Op] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    made: int = 0
    changed: int = 0


def compare(
    there: Mapping[str, Record], wished: set[str], made: Snapshot, edges: Sequence[Edge], *, strict: bool
) -> Compared:
    """Compare records of the bank with those of the hidden bank; ``strict`` keeps only what is the same in all.

    ``wished`` are records that a user changed: they stay as he wanted them. ``edges`` are those between the bank's.
    """
    out = Compared()
    new = {i: r for i, r in made.records(made.index().ids).items() if r.state != "erased"}
    same = _same(there, new)
    if not strict:
        origins: dict[str, list[str]] = {}
        for i in there:
            if i not in same.values():
                origins.setdefault(_origin(there[i]), []).append(i)
        for i, record in new.items():
            if i not in same and (found := origins.get(_origin(record))):
                same[i] = found.pop(0)
    named = {**{i: i for i in new}, **same}
    kept = set(same.values())
    out.gone = [i for i in there if i not in kept and i not in wished]
    for i, record in new.items():
        stands = _renamed(record, named)
        if i not in same:
            out.ops.append(Op.add(stands, reason=REASON, actor=ACTOR))
            out.made += 1
        elif (old := there[same[i]]) is not None and same[i] not in wished and _signed(old, {}) != _signed(stands, {}):
            back = stands.with_(stats=old.stats, version=old.version)
            out.ops.append(replace(Op.restore(old, back, reason=REASON, actor=ACTOR), before_sha={}))
            out.changed += 1
    laid = {(e.src, e.rel, e.dst): e for e in edges if e.src in kept and e.dst in kept}
    wanted = {
        (named[e.src], e.rel, named[e.dst]): replace(e, src=named[e.src], dst=named[e.dst])
        for e in made.edges(list(new), None, "out")
        if e.src in named and e.dst in named
    }
    out.ops += [Op.unlink(e, reason=REASON, actor=ACTOR) for one, e in laid.items() if one not in wanted]
    out.ops += [
        Op.link(e, reason=REASON, actor=ACTOR)
        for one, e in wanted.items()
        if one not in laid or (laid[one].weight, laid[one].note) != (e.weight, e.note)
    ]
    return out


def _same(there: Mapping[str, Record], new: Mapping[str, Record]) -> dict[str, str]:
    """Records of the hidden bank with those of the bank that are the same, those before what rests on them."""
    same: dict[str, str] = {}
    # Which ids a record names is compared once those are known to be the same, layer by layer.
    while True:
        free: dict[str, list[str]] = {}
        taken = set(same.values())
        for i, record in there.items():
            if i not in taken:
                free.setdefault(_signed(record, {}), []).append(i)
        found = {}
        for i, record in new.items():
            if i not in same and (match := free.get(_signed(record, same))):
                found[i] = match.pop(0)
        if not found:
            return same
        same |= found


def _renamed(record: Record, named: Mapping[str, str]) -> Record:
    fields = dict(record.fields)
    if "superseded_by" in fields:
        fields["superseded_by"] = named.get(str(fields["superseded_by"]), fields["superseded_by"])
    above = tuple(named.get(i, i) for i in record.derived_from)
    sources = tuple(replace(span, source=named.get(span.source, span.source)) for span in record.sources)
    return record.with_(fields=fields, derived_from=above, sources=sources, bank="")


def _signed(record: Record, named: Mapping[str, str]) -> str:
    body = _renamed(record, named).to_json()
    for name in ("id", "stats", "version", "bank"):
        body.pop(name, None)
    body["times"] = Times.to_json(replace(record.times, recorded_at=None, superseded_at=None))
    return canonical(body)


def _origin(record: Record) -> str:
    return canonical([record.kind, record.value, sorted(span.to_json()[:3] for span in record.sources)])
