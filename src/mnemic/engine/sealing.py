"""Sealing a bank that is there: its rows are laid down anew under a key of its own, and the clear bytes driven out.

    1. a note that bytes are to be driven out
    2. one transaction: every row anew, compared by fingerprint with what was there
    3. hidden banks that work for it, each the same way
    4. the files are written anew, and the note is taken away

Killed before the end of 2 the bank is as it was; killed later the same call goes on.
"""

from __future__ import annotations

from mnemic.core.errors import BadInput, NotFound
from mnemic.core.outcomes import Sealing
from mnemic.engine.engine import Engine
from mnemic.store.notes import Note
from mnemic.store.protocol import BankRow

#: The kind of the note that says that a bank's former bytes are still to be driven out of the files.
DUE = "sealing"
#: How long a reader of an older state is waited for, in seconds.
PATIENCE = 5.0


def seal(engine: Engine, bank: str, *, renew: bool = False) -> Sealing:
    """Seal a bank under a fresh key; goes on where an earlier call was broken off. See the module.

    Raises BadInput when it is sealed already, unless ``renew`` asks for another key; StoreError without a key service.
    """
    store = engine.store
    store.flush()
    row = _there(engine, bank)
    due = store.note(bank, DUE, DUE) is not None
    if row.sealed and not due and not renew:
        raise BadInput(f"bank: {bank!r} is sealed already; ask for a new key (--renew) to have it sealed anew")
    if not row.sealed or renew:
        store.put_note(Note(bank=bank, kind=DUE, id=DUE, at=engine.clock.now(), body={}))
        store.reseal(bank, sealed=True)
    for hidden in store.banks():
        if hidden.hidden and hidden.origin == bank and (renew or not hidden.sealed):
            store.reseal(hidden.name, sealed=True)
    # Indexes first: to write the files anew copies them as they are.
    steps = store.purge(bank, patience=PATIENCE).steps
    purged = store.purge(bank, thorough=True, patience=PATIENCE)
    if not purged.waits:
        store.drop_note(bank, DUE, DUE)
    return Sealing(bank, True, tuple(dict.fromkeys((*steps, *purged.steps))), purged.waits)


def unseal(engine: Engine, bank: str) -> Sealing:
    """Lay a sealed bank down in clear, and its key away; raises BadInput when it lies in clear already."""
    row = _there(engine, bank)
    if not row.sealed:
        raise BadInput(f"bank: {bank!r} lies in clear already")
    engine.store.reseal(bank, sealed=False)
    engine.store.drop_note(bank, DUE, DUE)
    return Sealing(bank, False)


def _there(engine: Engine, bank: str) -> BankRow:
    row = engine.store.bank(bank)
    if row is None:
        raise NotFound(f"bank: there is none called {bank!r}; 'mnemic banks' lists those of a store")
    return row
