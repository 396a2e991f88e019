"""Banks on several servers: each call goes to the store of its bank, which a shared directory names.

A server that is down takes only its own banks with it. A bank that is moved carries a fence in its log: who finds it
reads the directory again and goes to the new place.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

import numpy as np

from mnemic.core.errors import NotFound, StoreError
from mnemic.store.directory import Directory, Placement, Server
from mnemic.store.erasing import Purged, Searched
from mnemic.store.notes import WHOLE_STORE
from mnemic.store.pieces import Pieces
from mnemic.store.protocol import HIDDEN, BankRow, Batch, Snapshot, SpaceRow, Store, Transaction
from mnemic.store.routed_beside import BesideLog

#: For so long a placement is taken as read; the rows of a moved bank stay longer than that where they were.
FRESH_S = 1.0
#: A server that did not answer is not asked again for so long.
DOWN_S = 3.0
#: A writer waits so long for a bank that is being moved.
WAIT_S = 30.0
#: Numbers of embedding spaces: those of a server, beginning at its number times this.
_SPACES = 1 << 20

Result = TypeVar("Result")
Opened = TypeVar("Opened")


@dataclass(slots=True)
class _Seen:
    """A snapshot or a write whose row has the space's number as seen from outside."""

    inner: Any
    row: BankRow

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@dataclass(slots=True)
class _Written(_Seen):
    base: int = 0

    def apply(self, batch: Batch) -> None:
        """Apply a batch, with the space's number as the server knows it."""
        inside = batch if batch.space is None else replace(batch, space=batch.space - self.base)
        self.inner.apply(inside)


class RoutedStore(BesideLog):
    """See :class:`mnemic.store.protocol.Store`.

    ``directory`` tells where banks live; ``open_server`` opens the store at a server's address. What belongs to no bank
    is kept in the directory's own database.
    """

    def __init__(self, directory: Directory, open_server: Callable[[str], Store]) -> None:
        self.directory = directory
        self._common: Store = directory.common
        self._open_server = open_server
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._stores: dict[str, Store] = {}
        self._servers: dict[str, Server] = {}
        self._down: dict[str, tuple[float, str]] = {}
        self._places: dict[str, tuple[float, Placement]] = {}
        self._closed = False

    # Where things are.

    def _server(self, name: str) -> Server:
        if name not in self._servers:
            self._servers = {server.name: server for server in self.directory.servers()}
        if name not in self._servers:
            raise NotFound(f"server: there is none called {name!r}; 'mnemic servers list' shows them")
        return self._servers[name]

    def store_of(self, name: str) -> Store:
        """The store of a server; raises StoreError naming the server when it is down."""
        with self._lock:
            if self._closed:
                raise StoreError("the store is closed")
            turn = self._turns.setdefault(name, threading.Lock())
        with turn:
            if name not in self._stores:
                self._raise_if_down(name)
                with self._named(name):
                    self._stores[name] = self._open_server(self._server(name).dsn)
            return self._stores[name]

    def _raise_if_down(self, name: str) -> None:
        since, why = self._down.get(name, (-DOWN_S, ""))
        if time.monotonic() < since + DOWN_S:
            raise StoreError(why)

    @contextlib.contextmanager
    def _named(self, name: str) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            said = str(error) if str(error).startswith("server ") else f"server {name!r}: {error}"
            self._down[name] = (time.monotonic(), said)
            raise StoreError(said) from error

    def _placement(self, bank: str, *, anew: bool = False) -> Placement | None:
        read, known = self._places.get(bank, (0.0, None))
        if known is not None and not anew and time.monotonic() < read + FRESH_S:
            return known
        try:
            found = self.directory.placement(bank)
        except StoreError:
            # Banks whose place is known are used on while the directory is down.
            if known is None or anew:
                raise
            return known
        if found is None:
            self._places.pop(bank, None)
        else:
            self._places[bank] = (time.monotonic(), found)
        return found

    def _at(self, bank: str, *, anew: bool = False) -> Placement:
        found = self._placement(bank, anew=anew)
        if found is None:
            raise NotFound(f"bank: there is none called {bank!r}; 'mnemic banks' lists the banks of all servers")
        return found

    def answering(self, name: str) -> bool:
        """Whether a server answers now."""
        try:
            with self._named(name):
                self.store_of(name).bank("")
        except StoreError:
            return False
        return True

    def place_of(self, bank: str) -> Placement:
        """Where a bank lives, as the directory says now; raises NotFound."""
        return self._at(bank, anew=True)

    def _on(self, bank: str, call: Callable[[Store], Result]) -> Result:
        """Make a call on the store of a bank, once more where the bank has moved to."""
        if bank == WHOLE_STORE:
            return call(self._common)
        place = self._at(bank)
        try:
            with self._named(place.server):
                return call(self.store_of(place.server))
        except NotFound:
            now = self._at(bank, anew=True)
            if now.moves == place.moves:
                raise
            with self._named(now.server):
                return call(self.store_of(now.server))

    def _base(self, server: str) -> int:
        return self._server(server).number * _SPACES

    def _row(self, server: str, row: BankRow) -> BankRow:
        return row if row.space is None else replace(row, space=row.space + self._base(server))

    # Banks.

    def banks(self) -> list[BankRow]:
        """All banks by name; of a server that is down they come as they were when they were placed."""
        places = self.directory.placements()
        rows: dict[tuple[str, str], BankRow] = {}
        down = set()
        for server in {place.server for place in places}:
            try:
                self._raise_if_down(server)
                with self._named(server):
                    rows |= {(server, row.name): self._row(server, row) for row in self.store_of(server).banks()}
            except StoreError:
                down.add(server)
        found = [p.row if p.server in down else rows.get((p.server, p.bank)) for p in places]
        return sorted((row for row in found if row is not None), key=lambda row: row.name)

    def bank(self, name: str) -> BankRow | None:
        """A bank by name, or None; raises StoreError when its server is down."""
        for anew in (False, True):
            place = self._placement(name, anew=anew)
            if place is not None:
                with self._named(place.server):
                    row = self.store_of(place.server).bank(name)
                if row is not None:
                    return self._row(place.server, row)
        return None

    def create_bank(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> BankRow:
        """Make a bank on the open server with the fewest banks."""
        with self.creating(name, recipe, created_at, origin, sealed=sealed) as transaction:
            return transaction.row

    @contextlib.contextmanager
    def creating(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> Iterator[Transaction]:
        """A write that makes a bank and fills it, whole or not at all."""
        place = self._placement(name, anew=True)
        if place is None:
            # What works for a bank stays beside it.
            server = self._at(origin).server if name.startswith(HIDDEN) and origin else self._emptiest()
            place = self.directory.place(name, server, recipe, created_at, origin)
        with self.store_of(place.server).creating(name, recipe, created_at, origin, sealed=sealed) as transaction:
            yield self._written(place, transaction)

    def _emptiest(self) -> str:
        servers = [server for server in self.directory.servers() if server.open]
        if not servers:
            raise StoreError("no server takes new banks; 'mnemic servers add NAME ADDRESS' adds one")
        counts = dict.fromkeys((server.name for server in servers), 0)
        for place in self.directory.placements():
            counts[place.server] = counts.get(place.server, 0) + 1
        why = ""
        for server in sorted(servers, key=lambda server: (counts[server.name], server.name)):
            try:
                self._raise_if_down(server.name)
                with self._named(server.name):
                    self.store_of(server.name).bank("")
            except StoreError as error:
                why = str(error)
            else:
                return server.name
        raise StoreError(why)

    def reseal(self, bank: str, *, sealed: bool) -> None:
        """Lay a bank down anew under a fresh key, or in clear."""
        self._on(bank, lambda store: store.reseal(bank, sealed=sealed))

    def rewrap(self, bank: str) -> bool:
        """Wrap a bank's key anew; False when it lies in clear."""
        return self._on(bank, lambda store: store.rewrap(bank))

    def drop_bank(self, name: str) -> None:
        """Delete all rows of a bank, and its place."""
        place = self._placement(name, anew=True)
        if place is None:
            return
        for server in filter(None, (place.server, place.former, place.target)):
            with self._named(server):
                self.store_of(server).drop_bank(name)
        self.rewrite_jobs({job.id: None for job in self.jobs(name)})
        self.directory.forget(name)
        self._places.pop(name, None)

    # Reading and writing a bank.

    @contextlib.contextmanager
    def snapshot(self, bank: str, at: int | None = None) -> Iterator[Snapshot]:
        """A bank at one point of its log; while it is being moved, where it was."""
        with ExitStack() as stack:
            place, now = self._begun(stack, bank, lambda store: store.snapshot(bank), self._left)
            if at is not None and at < now.row.seq:
                now = stack.enter_context(self.store_of(place.server).snapshot(bank, at))
            yield cast(Snapshot, _Seen(now, self._row(place.server, now.row)))

    def _left(self, place: Placement, now: Snapshot) -> bool:
        return place.fence in now.rules() and self._at(place.bank, anew=True).moves != place.moves

    @contextlib.contextmanager
    def transaction(self, bank: str) -> Iterator[Transaction]:
        """A write to one bank; it waits while the bank is being moved."""
        with ExitStack() as stack:
            place, transaction = self._begun(
                stack, bank, lambda store: store.transaction(bank), lambda place, write: bool(write.ran(place.fence))
            )
            yield self._written(place, transaction)

    def _written(self, place: Placement, transaction: Transaction) -> Transaction:
        row = self._row(place.server, transaction.row)
        return cast(Transaction, _Written(transaction, row, self._base(place.server)))

    def _begun(
        self,
        stack: ExitStack,
        bank: str,
        begin: Callable[[Store], AbstractContextManager[Opened]],
        fenced: Callable[[Placement, Opened], bool],
    ) -> tuple[Placement, Opened]:
        until, place = time.monotonic() + WAIT_S, self._at(bank)
        while True:
            with ExitStack() as trying:
                try:
                    with self._named(place.server):
                        opened = trying.enter_context(begin(self.store_of(place.server)))
                    gone = fenced(place, opened)
                except NotFound:
                    if self._at(bank, anew=True).moves == place.moves:
                        raise
                    gone = True
                if not gone:
                    stack.push(trying.pop_all())
                    return place, opened
            place = self._at(bank, anew=True)
            if time.monotonic() > until:
                raise StoreError(f"bank: {bank!r} is being moved to another server; try again when that is done")
            time.sleep(0.02)

    # Embedding spaces, numbered per server.

    def _space(self, bank: str, found: SpaceRow) -> SpaceRow:
        return replace(found, space=found.space + self._base(self._at(bank).server))

    def space(self, bank: str, fingerprint: str) -> SpaceRow | None:
        """The embedding space of an embedder's fingerprint on the bank's server, or None."""
        found = self._on(bank, lambda store: store.space(bank, fingerprint))
        return None if found is None else self._space(bank, found)

    def space_by_id(self, bank: str, space: int) -> SpaceRow | None:
        """An embedding space by its number, or None."""
        number, inside = divmod(space, _SPACES)
        for server in self.directory.servers() if number not in self._numbers() else self._servers.values():
            if server.number == number:
                with self._named(server.name):
                    found = self.store_of(server.name).space_by_id(bank, inside)
                return None if found is None else replace(found, space=space)
        return None

    def _numbers(self) -> set[int]:
        return {server.number for server in self._servers.values()}

    def add_space(self, bank: str, fingerprint: str, name: str, dim: int, calibration: Mapping[str, Any]) -> SpaceRow:
        """Make an embedding space on the bank's server."""
        return self._space(bank, self._on(bank, lambda s: s.add_space(bank, fingerprint, name, dim, calibration)))

    def set_calibration(self, bank: str, space: int, calibration: Mapping[str, Any]) -> None:
        """Keep the calibration of a space's embedder."""
        self._on(bank, lambda store: store.set_calibration(bank, space % _SPACES, calibration))

    def unembedded(self, bank: str, space: int, limit: int) -> tuple[dict[int, str], int]:
        """Dense texts that lack a vector in a space."""
        return self._on(bank, lambda store: store.unembedded(bank, space % _SPACES, limit))

    def put_vectors(self, bank: str, space: int, vectors: Mapping[int, np.ndarray[Any, Any]]) -> None:
        """Lay vectors down in a space."""
        self._on(bank, lambda store: store.put_vectors(bank, space % _SPACES, vectors))

    def switch_space(self, bank: str, space: int) -> bool:
        """Make a bank use another space when all its texts have a vector there."""
        return self._on(bank, lambda store: store.switch_space(bank, space % _SPACES))

    def untuned(self) -> list[str]:
        """Banks of the servers that answer which are searched faster once they are tuned."""
        found: set[str] = set()
        for server in self.directory.servers():
            with contextlib.suppress(StoreError), self._named(server.name):
                found.update(self.store_of(server.name).untuned())
        return sorted(name for name in found if self._placement(name) is not None)

    def tune(self, bank: str) -> bool:
        """Make what a large bank is searched faster by, where it lives."""
        return self._on(bank, lambda store: store.tune(bank))

    # All servers.

    def _all(self) -> list[tuple[str, Store]]:
        return [("", self._common), *((s.name, self.store_of(s.name)) for s in self.directory.servers())]

    def purge(self, bank: str, *, thorough: bool = False, patience: float = 5.0) -> Purged:
        """Drive erased bytes out of every server's files, since a bank that is gone has no place any more."""
        done = [store.purge(bank, thorough=thorough, patience=patience) for _, store in self._all()]
        steps = dict.fromkeys(step for one in done for step in one.steps)
        return Purged(tuple(steps), tuple(wait for one in done for wait in one.waits))

    def search(self, bank: str, pieces: Pieces) -> Searched:
        """Look for pieces on every server."""
        found = [store.search(bank, pieces) for _, store in self._all()]
        return Searched(
            tuple(place for one in found for place in one.places),
            sum(one.bytes for one in found),
            tuple(finding for one in found for finding in one.findings),
            tuple(dict.fromkeys(place for one in found for place in one.unsearched)),
        )

    def check(self) -> list[str]:
        """What is wrong on any of the servers, in words."""
        return [f"{name or 'directory'}: {finding}" for name, store in self._all() for finding in store.check()]

    def size(self) -> int:
        """Bytes on disk, of all servers."""
        return sum(store.size() for _, store in self._all())

    def flush(self) -> None:
        """Write what is waiting to be written behind."""
        for store in [*self._stores.values(), self._common]:
            store.flush()

    def close(self) -> None:
        """Close every store; one whose server is down keeps no other open."""
        with self._lock:
            self._closed = True
        for store in [*self._stores.values(), self._common]:
            with contextlib.suppress(StoreError):
                store.close()
