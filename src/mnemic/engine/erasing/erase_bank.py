"""Erases a whole bank: its rows or its file, its keys, notes and jobs, and hidden banks that work for it."""

from __future__ import annotations

import json

from mnemic.core.erasure import ErasureReceipt, Selection
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
    """Erase a bank; the receipt is kept with the store. Branches and exports are told as out of reach."""
    switch_notes.give_up(engine, bank)
    engine.store.flush()
    chosen = Selection(everything=True)
    with engine.store.snapshot(bank) as snapshot:
        trace = Trace.of(snapshot.raw_log(), chosen)
        counts, head = snapshot.counters(), snapshot.seq
        some = list(trace.chosen)[:: max(1, len(trace.chosen) // _MOST)]
        pieces = pieces_of(text for i in some for text in trace.chosen[i]) + of_ids(some)
        # Without its key a sealed bank cannot be read, wherever a copy of it may lie.
        wrapped = snapshot.row.sealed.encode()
        pieces += cut(wrapped)
        records = snapshot.records(list(trace.histories)[:_MOST])
        pieces += pieces_of(unit.text for record in records.values() for unit in units_of(record))
    copies = [*exports_of(engine, bank, 1)]
    copies += [{"kind": "branch", "name": row.name} for row in branches_of(engine, bank, 1)]
    now = engine.clock.now()
    receipt = ErasureReceipt(
        id=engine.ids.new(now),
        bank=bank,
        who=who,
        reason=reason,
        at=now,
        selection={"by": ["everything"], "sha256": chosen.sha},
        head=head,
        events=len(trace.events),
        erased={name: count for name, count in counts.items() if count},
        how={
            "rows": "exact: the bank with all that hung on it",
            **(
                {"key": "destroyed: sealed rows left on disks cannot be read; a backup has its own copy"}
                if wrapped
                else {}
            ),
        },
        out_of_reach=tuple(json.loads(json.dumps(copies))),
    )
    engine.store.drop_bank(bank)
    engine.forget(bank)
    return cleaned(engine, receipt, pieces)
