"""The tick: looks through the banks now and then, and asks for what has to be done though nobody calls for it.

A bank that nobody has changed for a while is consolidated when sessions wait in it or rules are due; so is one whose
asked-for forming was lost with its process. One that has grown large is tuned. Jobs that ended long ago are forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mnemic.core.errors import MnemicError
from mnemic.engine.wanting import last_change, wants
from mnemic.jobs.asking import enqueue
from mnemic.jobs.queue import Queue
from mnemic.recipes import kept_recipe
from mnemic.store.protocol import BankRow

if TYPE_CHECKING:
    from mnemic.memory import Memory

#: A bank that has not changed for so long is taken to be idle: its sessions are over.
IDLE = timedelta(minutes=10)
#: After so long a bank that wanted nothing is looked at again though it has not changed: rules are due by time too.
LOOK_AGAIN = timedelta(hours=1)
KEPT_DONE, KEPT_FAILED = timedelta(hours=1), timedelta(days=7)


@dataclass(slots=True)
class Tick:
    """Looks at all banks of a memory; remembers those that wanted nothing."""

    memory: Memory
    queue: Queue
    idle: timedelta = IDLE
    _settled: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def __call__(self) -> int:
        """Ask for what is wanted; gives for how many banks."""
        engine = self.memory.engine
        now = engine.clock.now()
        busy = {job.bank for state in ("waiting", "running") for job in self.queue.jobs(state=state)}
        failed = {job.bank for job in self.queue.jobs(state="failed") if job.due > now - LOOK_AGAIN}
        asked = 0
        for row in self.memory.banks():
            seen = self._settled.get(row.name)
            if row.name in busy or row.name in failed or (seen and seen[0] == row.seq and now < seen[1] + LOOK_AGAIN):
                continue
            try:
                asked += self._look(row, now)
            except MnemicError:
                # A server that is down, or a recipe that is not installed here, is no reason to leave the others.
                self._settled[row.name] = (row.seq, now)
        for name in engine.store.untuned():
            if name not in busy and name not in failed:
                enqueue(engine, "tune", name)
                asked += 1
        self.queue.forget("done", now - KEPT_DONE)
        self.queue.forget("failed", now - KEPT_FAILED)
        return asked

    def _look(self, row: BankRow, now: datetime) -> bool:
        engine = self.memory.engine
        with engine.store.snapshot(row.name) as snapshot:
            if now - last_change(snapshot) < self.idle:
                return False
        if wants(engine, row.name, kept_recipe(row.recipe)):
            enqueue(engine, "consolidate", row.name)
            return True
        self._settled[row.name] = (row.seq, now)
        return False
