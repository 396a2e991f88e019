"""Which queue a store has: procrastinate on PostgreSQL, its own table of jobs elsewhere."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from mnemic.core.chance import Clock
from mnemic.jobs.embedded import EmbeddedQueue
from mnemic.jobs.queue import Queue
from mnemic.store.protocol import Store

_queues: WeakKeyDictionary[Store, Queue] = WeakKeyDictionary()
_opening = threading.Lock()


def queue_of(store: Store, clock: Clock) -> Queue:
    """The queue of a store; one a store and process."""
    with _opening:
        found = _queues.get(store)
        if found is None:
            found = _queues[store] = EmbeddedQueue(store, clock)
        return found
