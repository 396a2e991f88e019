"""Hidden banks: what is formed for a bank beside it, sealed as that bank is."""

from __future__ import annotations

from mnemic.engine.engine import Engine


def make_hidden(engine: Engine, hidden: str, recipe: str, bank: str) -> None:
    """Make a bank that works for another one in hiding; raises BadInput when it is there already."""
    store = engine.store
    row = store.bank(bank)
    sealed = row is not None and bool(row.sealed)
    store.create_bank(hidden, recipe, engine.clock.now(), bank, sealed=sealed)
    now = store.bank(bank)
    if now is not None and now.sealed and not sealed:
        # Its bank was sealed at this very moment: whoever did that looked for hidden banks before or after it was made.
        store.reseal(hidden, sealed=True)
