"""Re-embedding: moves a bank to another embedder while reads go on with the former one (law 16).

New vectors are laid beside the old ones, in commits of their own; when none is missing, one transaction
makes the bank point to them. Killed in the middle, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable

from mnemic.core.outcomes import Reembedded as Reembedded
from mnemic.engine.engine import Engine

STEP = 128


def reembed(engine: Engine, bank: str, *, on_progress: Callable[[int, int], None] | None = None) -> Reembedded:
    """Give every dense text of a bank a vector of the configured embedder, then switch the bank over."""
    spec = engine.models.load_embedder().spec
    space = engine.store.space(bank, spec.fingerprint)
    if space is None:
        space = engine.store.add_space(bank, spec.fingerprint, spec.name, spec.dim, {})
    with engine.store.snapshot(bank) as snapshot:
        if snapshot.row.space == space.space:
            return Reembedded(spec.name, 0, already=True)
    done = 0
    while True:
        texts, left = engine.store.unembedded(bank, space.space, STEP)
        if not texts:
            # A write with the former embedder may come between; then there is again something to embed.
            if engine.store.switch_space(bank, space.space):
                return Reembedded(spec.name, done, already=False)
            continue
        rows = engine.models.embed(list(texts.values()))
        engine.store.put_vectors(bank, space.space, dict(zip(texts, rows, strict=True)))
        done += len(texts)
        if on_progress is not None:
            on_progress(done, done + left - len(texts))
