"""Which queue a store has: procrastinate on PostgreSQL, its own table of jobs elsewhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from mnemic.core.chance import Clock
from mnemic.jobs.embedded import EmbeddedQueue
from mnemic.jobs.queue import Queue
from mnemic.models.extras import require
from mnemic.store.protocol import JobTable, Store

if TYPE_CHECKING:
    from mnemic.store.postgres.store import PostgresStore

_queues: dict[int, Queue] = {}
_opening = threading.Lock()


def queue_of(store: Store, clock: Clock) -> Queue:
    """The queue of a store; one a store and process. Banks on several servers have that of their directory."""
    home = store.jobs_home()
    with _opening:
        found = _queues.get(id(home))
        if found is None:
            found = _queues[id(home)] = _opened(home, clock)
        return found


def _opened(home: Store, clock: Clock) -> Queue:
    if isinstance(home, JobTable):
        return EmbeddedQueue(home, clock)
    require("procrastinate", "postgres")
    from mnemic.jobs.procrastinating import ProcrastinateQueue

    return ProcrastinateQueue(cast("PostgresStore", home), clock)


def close_queue(store: Store) -> None:
    """Let go of the queue of a store that is to be closed, if it was opened."""
    with _opening:
        found = _queues.pop(id(store.jobs_home()), None)
    if found is not None:
        found.close()
