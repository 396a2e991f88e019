"""A trial: what a recipe would make of a bank's last events, read once and given up; the bank stays as it is.

A hidden bank of the same store takes the events in under the recipe. What it holds never leaves the store's custody,
and what its stages ask of a language model is paid by the bank. It is dropped whatever happens; a process that was
killed meanwhile leaves it to be tidied up by the next switch or erasure, as it is named like the hidden banks of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mnemic.core.evidence import Event
from mnemic.core.pipeline import Recipe
from mnemic.engine.engine import Engine
from mnemic.engine.quarantining import withheld
from mnemic.engine.switch_notes import hidden_name


@contextmanager
def tried(engine: Engine, bank: str, recipe: Recipe, recorded: str, events: list[Event]) -> Iterator[str]:
    """The name of a hidden bank in which a recipe has formed events of a bank, as sessions that are over."""
    engine.models.require(recipe)
    now = engine.clock.now()
    hidden = f"{hidden_name(bank, 0)[:-1]}trial-{engine.ids.new(now)}"
    engine.store.create_bank(hidden, recorded, now, bank)
    try:
        engine.retain(hidden, recipe, events, close=True)
        engine.run_due(hidden, recipe, closed=True, idle=True)
        yield hidden
    finally:
        engine.store.drop_bank(hidden)
        engine.forget(hidden)


def last_events(engine: Engine, bank: str, number: int) -> list[Event]:
    """The last events of a bank that are not kept back, in their order."""
    with engine.store.snapshot(bank) as snapshot:
        stretch = 4 * number
        while True:
            after = max(0, snapshot.seq - stretch)
            kept = withheld(snapshot.log(after, None))
            found = [event for event in snapshot.event_page(None, after, stretch) if event.id not in kept]
            if len(found) >= number or not after:
                return found[-number:]
            stretch *= 4
