"""Erases a whole bank: its rows or its file, its keys, notes and jobs, and hidden banks that work for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mnemic.core.erasure import ErasureReceipt, Selection
from mnemic.core.errors import StoreError
from mnemic.engine import switch_notes
from mnemic.engine.engine import Engine
from mnemic.engine.erasing.copies import branches_of, exports_of
from mnemic.engine.erasing.leaks import of_ids, pieces_of
from mnemic.engine.erasing.trace import Trace
from mnemic.engine.erasing.verifying import cleaned
from mnemic.store.pieces import cut
from mnemic.store.protocol import units_of

#: Of very many texts so many are looked for afterwards.
_MOST = 20_000


def erase_bank(engine: Engine, bank: str, *, who: str, reason: str = "") -> ErasureReceipt:
    """Erase a bank; the receipt is kept with the store. Branches and exports are told as out of reach.

    A sealed bank can be erased without its key too; what it held is then not looked for.
    """
    engine.store.flush()
    chosen = Selection(everything=True)
    row = engine.store.bank(bank)
    how = {"rows": "exact: the bank with all that hung on it"}
    if row is not None and row.sealed:
        how["key"] = "destroyed: sealed rows left on disks cannot be read; a backup has its own copy"
    try:
        switch_notes.give_up(engine, bank)
        held = _held(engine, bank, chosen)
        copies = [*exports_of(engine, bank, 1)]
    except StoreError:
        if row is None or not row.sealed:
            raise
        switch_notes.tidy(engine, bank)
        held, copies = _Held(row.seq), []
        how["search"] = "for the key alone: without it nobody knows what the bank held, and where it was exported to"
    pieces = [*held.pieces, *cut(row.sealed.encode() if row is not None else b"")]
    copies += [{"kind": "branch", "name": row.name} for row in branches_of(engine, bank, 1)]
    now = engine.clock.now()
    receipt = ErasureReceipt(
        id=engine.ids.new(now),
        bank=bank,
        who=who,
        reason=reason,
        at=now,
        selection={"by": ["everything"], "sha256": chosen.sha},
        head=held.head,
        events=held.events,
        erased={name: count for name, count in held.counts.items() if count},
        how=how,
        out_of_reach=tuple(json.loads(json.dumps(copies))),
    )
    engine.store.drop_bank(bank)
    engine.forget(bank)
    return cleaned(engine, receipt, pieces)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a bank held: up to which seq, how much, and pieces of its words."""

    head: int
    events: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    pieces: Sequence[bytes] = ()


def _held(engine: Engine, bank: str, chosen: Selection) -> _Held:
    with engine.store.snapshot(bank) as snapshot:
        trace = Trace.of(snapshot.raw_log(), chosen)
        some = list(trace.chosen)[:: max(1, len(trace.chosen) // _MOST)]
        pieces = pieces_of(text for i in some for text in trace.chosen[i]) + of_ids(some)
        records = snapshot.records(list(trace.histories)[:_MOST])
        pieces += pieces_of(unit.text for record in records.values() for unit in units_of(record))
        return _Held(snapshot.seq, len(trace.events), snapshot.counters(), pieces)
