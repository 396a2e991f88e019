"""One file a bank: the strictest wall between banks, and deletion by unlinking a file.

Every bank has an SQLite file of its own in a folder; the file's name is the bank's, percent-encoded.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from mnemic.core.chain import AuditEntry, AuditLine
from mnemic.core.errors import BadInput, MnemicError, NotFound, StoreError
from mnemic.core.reading import Receipt
from mnemic.store.asked import Asked, Spent
from mnemic.store.erasing import Purged, Searched
from mnemic.store.index.cache import IndexCache
from mnemic.store.notes import WHOLE_STORE, Job, JobState, Note
from mnemic.store.pieces import Pieces
from mnemic.store.protocol import HIDDEN, BankRow, SpaceRow, Store
from mnemic.store.sealing import Seals
from mnemic.store.sqlite.snapshot import SqliteSnapshot
from mnemic.store.sqlite.store import CACHE_BYTES, SqliteStore
from mnemic.store.sqlite.transaction import SqliteTransaction

SUFFIX = ".db"
#: The file of what belongs to no bank: keys, grants to all banks.
_COMMON = HIDDEN + "store"
#: Most file systems take names of 255 bytes; a percent-encoded letter takes three.
_LONGEST = 240
#: Files held open at a time; each takes a few of the process's file handles.
MOST_OPEN = 64


@dataclass(slots=True)
class _Held:
    store: SqliteStore
    users: int = 0


class FolderStore:
    """See :class:`mnemic.store.protocol.Store`; routes each call to the file of its bank.

    >>> import datetime, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = FolderStore(Path(folder))
    ...     row = store.create_bank("anna", "", datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    ...     files = [path.name for path in Path(folder).glob("*.db")]
    ...     store.close()
    >>> files
    ['anna.db']
    """

    def __init__(self, path: Path, *, cache_bytes: int = CACHE_BYTES, seals: Seals | None = None) -> None:
        self.path = path
        self._cache = IndexCache(cache_bytes)
        self.seals = Seals() if seals is None else seals
        self._open: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._closed = False
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path}: cannot be made a folder ({error.strerror})") from None

    def _file(self, bank: str) -> Path:
        try:
            # A leading dot would hide the file, and "." and ".." are folders.
            name = quote(bank, safe=" ").replace(".", "%2E")
        except UnicodeEncodeError:
            raise BadInput("bank: holds a lone surrogate; it is no valid text") from None
        if len(name) > _LONGEST:
            raise BadInput(f"bank: {bank!r} is too long for the name of a file; use a shorter one")
        return self.path / (name + SUFFIX)

    @contextlib.contextmanager
    def _store(self, bank: str, *, create: bool = False) -> Iterator[SqliteStore]:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self.path}: the store is closed")
            held = self._open.pop(bank, None)
            if held is None:
                file = self._file(bank)
                if not create and not file.exists():
                    raise NotFound(f"bank: there is none called {bank!r} in {self.path}")
                held = _Held(SqliteStore(file, cache=self._cache, seals=self.seals))
            # Re-inserting keeps the dict in order of last use.
            self._open[bank] = held
            held.users += 1
            unused = [name for name, other in self._open.items() if not other.users]
            surplus = [self._open.pop(name) for name in unused[: max(0, len(self._open) - MOST_OPEN)]]
        try:
            for other in surplus:
                # That another file cannot take its receipts is no matter of this call.
                with contextlib.suppress(MnemicError):
                    other.store.close()
            yield held.store
        finally:
            with self._lock:
                held.users -= 1

    def _names(self) -> list[str]:
        return sorted(unquote(file.name.removesuffix(SUFFIX)) for file in self.path.glob("*" + SUFFIX))

    def banks(self) -> list[BankRow]:
        """All banks by name."""
        rows = (self.bank(name) for name in self._names())
        return [row for row in rows if row is not None]

    def bank(self, name: str) -> BankRow | None:
        """A bank by name, or None."""
        if not self._file(name).exists():
            return None
        with self._store(name) as store:
            return store.bank(name)

    def create_bank(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> BankRow:
        """Make a bank in a file of its own."""
        with self._store(name, create=True) as store:
            return store.create_bank(name, recipe, created_at, origin, sealed=sealed)

    @contextlib.contextmanager
    def creating(
        self, name: str, recipe: str, created_at: datetime, origin: str = "", *, sealed: bool = False
    ) -> Iterator[SqliteTransaction]:
        """A write that makes a bank and fills it, whole or not at all."""
        with (
            self._store(name, create=True) as store,
            store.creating(name, recipe, created_at, origin, sealed=sealed) as transaction,
        ):
            yield transaction

    def reseal(self, bank: str, *, sealed: bool) -> None:
        """Lay a bank down anew under a fresh key, or in clear."""
        with self._store(bank) as store:
            store.reseal(bank, sealed=sealed)

    def rewrap(self, bank: str) -> bool:
        """Wrap a bank's key anew; False when it lies in clear."""
        with self._store(bank) as store:
            return store.rewrap(bank)

    def drop_bank(self, name: str) -> None:
        """Unlink the file of a bank that nobody uses, and forget its jobs; nothing happens when there is none."""
        if self._file(_COMMON).exists() and (jobs := self.jobs(name)):
            self.rewrite_jobs({job.id: None for job in jobs})
        with self._lock:
            held = self._open.pop(name, None)
        if held is not None:
            held.store.close()
        file = self._file(name)
        for suffix in ("", "-wal", "-shm"):
            _overwrite(file.with_name(file.name + suffix))
            file.with_name(file.name + suffix).unlink(missing_ok=True)

    @contextlib.contextmanager
    def snapshot(self, bank: str, at: int | None = None) -> Iterator[SqliteSnapshot]:
        """A bank at one point of its log."""
        with self._store(bank) as store, store.snapshot(bank, at) as snapshot:
            yield snapshot

    @contextlib.contextmanager
    def transaction(self, bank: str) -> Iterator[SqliteTransaction]:
        """A write to one bank."""
        with self._store(bank) as store, store.transaction(bank) as transaction:
            yield transaction

    def space(self, bank: str, fingerprint: str) -> SpaceRow | None:
        """The embedding space of an embedder in a bank's file, or None."""
        with self._store(bank, create=True) as store:
            return store.space(bank, fingerprint)

    def space_by_id(self, bank: str, space: int) -> SpaceRow | None:
        """An embedding space by its number in a bank's file, or None."""
        with self._store(bank) as store:
            return store.space_by_id(bank, space)

    def add_space(self, bank: str, fingerprint: str, name: str, dim: int, calibration: Mapping[str, Any]) -> SpaceRow:
        """Make an embedding space in a bank's file."""
        with self._store(bank, create=True) as store:
            return store.add_space(bank, fingerprint, name, dim, calibration)

    def set_calibration(self, bank: str, space: int, calibration: Mapping[str, Any]) -> None:
        """Keep the calibration of a space's embedder."""
        with self._store(bank) as store:
            store.set_calibration(bank, space, calibration)

    def unembedded(self, bank: str, space: int, limit: int) -> tuple[dict[int, str], int]:
        """Dense texts that lack a vector in a space."""
        with self._store(bank) as store:
            return store.unembedded(bank, space, limit)

    def put_vectors(self, bank: str, space: int, vectors: Mapping[int, np.ndarray[Any, Any]]) -> None:
        """Lay vectors down in a space."""
        with self._store(bank) as store:
            store.put_vectors(bank, space, vectors)

    def switch_space(self, bank: str, space: int) -> bool:
        """Make a bank use another space when all its texts have a vector there."""
        with self._store(bank) as store:
            return store.switch_space(bank, space)

    def put_receipt(self, receipt: Receipt) -> None:
        """Take a receipt to be written soon."""
        with self._store(receipt.bank) as store:
            store.put_receipt(receipt)

    def receipt(self, bank: str, receipt_id: str) -> Receipt | None:
        """A receipt by id, or None."""
        with self._store(bank) as store:
            return store.receipt(bank, receipt_id)

    def receipts(self, bank: str, limit: int) -> Sequence[Receipt]:
        """The newest receipts first."""
        with self._store(bank) as store:
            return store.receipts(bank, limit)

    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None:
        """What a model answered in this bank to a question of that key, or None."""
        with self._store(bank) as store:
            return store.answer(bank, key)

    def answers(self, bank: str) -> Sequence[Asked]:
        """All that models answered in a bank."""
        with self._store(bank) as store:
            return store.answers(bank)

    def put_asked(self, asked: Asked, *, at_once: bool = False) -> None:
        """Keep a question with its answer and cost."""
        with self._store(asked.bank) as store:
            store.put_asked(asked, at_once=at_once)

    def spent(self, bank: str, day: str | None = None) -> Sequence[Spent]:
        """What asking models has cost a bank, on one day or in all."""
        with self._store(bank) as store:
            return store.spent(bank, day)

    @contextlib.contextmanager
    def _beside(self, bank: str) -> Iterator[SqliteStore]:
        # What belongs to the store as a whole has a file of its own, which holds no bank.
        with self._store(_COMMON if bank == WHOLE_STORE else bank, create=bank == WHOLE_STORE) as store:
            yield store

    def put_note(self, note: Note) -> None:
        """Keep a note in its bank's file."""
        with self._beside(note.bank) as store:
            store.put_note(note)

    def note(self, bank: str, kind: str, note_id: str) -> Note | None:
        """A note, or None."""
        with self._beside(bank) as store:
            return store.note(bank, kind, note_id)

    def notes(self, bank: str, kind: str | None, *, begins: bool = False) -> Sequence[Note]:
        """Notes of a kind, or of kinds that begin so, or of all."""
        with self._beside(bank) as store:
            return store.notes(bank, kind, begins=begins)

    def drop_note(self, bank: str, kind: str, note_id: str) -> bool:
        """Take a note away."""
        with self._beside(bank) as store:
            return store.drop_note(bank, kind, note_id)

    def put_audit(self, bank: str, at: datetime, who: str, verb: str, body: Mapping[str, Any]) -> AuditEntry:
        """Add an entry to a bank's chain, in its file."""
        with self._beside(bank) as store:
            return store.put_audit(bank, at, who, verb, body)

    def put_audits(self, lines: Sequence[AuditLine]) -> None:
        """Add entries in their order, each bank's in one commit."""
        for bank in dict.fromkeys(line.bank for line in lines):
            mine = [line for line in lines if line.bank == bank]
            try:
                with self._beside(bank) as store:
                    store.put_audits(mine)
            except NotFound:
                with self._beside(WHOLE_STORE) as store:
                    store.put_audits([line._replace(bank="", body={**line.body, "bank": bank}) for line in mine])

    def audit(self, bank: str, after: int = 0, limit: int | None = None) -> Sequence[AuditEntry]:
        """Entries of a bank's chain."""
        with self._beside(bank) as store:
            return store.audit(bank, after, limit)

    def audit_head(self, bank: str) -> AuditEntry | None:
        """The last entry of a bank's chain."""
        with self._beside(bank) as store:
            return store.audit_head(bank)

    # Jobs of all banks wait in one place, where a worker need not open every file to find one.

    def jobs_home(self) -> Store:
        """Itself: it keeps the jobs of its banks."""
        return self

    def put_job(self, job: Job, alike: Callable[[Job], bool] | None = None) -> Job:
        """Take a job in, unless one that is alike waits in its bank; gives the one that waits then."""
        with self._beside(WHOLE_STORE) as store:
            return store.put_job(job, alike)

    def take_job(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """Hand a job that is due to a worker, or None."""
        with self._beside(WHOLE_STORE) as store:
            return store.take_job(worker, now, until)

    def hold_job(self, job_id: str, worker: str, until: datetime) -> bool:
        """Renew a worker's hold on its job."""
        with self._beside(WHOLE_STORE) as store:
            return store.hold_job(job_id, worker, until)

    def end_job(self, job: Job) -> bool:
        """Write how a worker leaves his job."""
        with self._beside(WHOLE_STORE) as store:
            return store.end_job(job)

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> Sequence[Job]:
        """Jobs of a bank, or of all, and in a state, or in any."""
        with self._beside(WHOLE_STORE) as store:
            return store.jobs(bank, state)

    def rewrite_jobs(self, left: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Leave of each job, by id, the body that is given, or nothing of the job."""
        if left:
            with self._beside(WHOLE_STORE) as store:
                store.rewrite_jobs(left)

    def drop_jobs(self, state: JobState, before: datetime) -> int:
        """Forget jobs in a state, of those that were due before an instant."""
        with self._beside(WHOLE_STORE) as store:
            return store.drop_jobs(state, before)

    def untuned(self) -> list[str]:
        """None: a bank in a file is searched in memory."""
        return []

    def tune(self, bank: str) -> bool:
        """Nothing to make: see ``untuned``."""
        return False

    def purge(self, bank: str, *, thorough: bool = False, patience: float = 5.0) -> Purged:
        """Drive erased bytes out of a bank's file; one that is gone holds none."""
        done = []
        # Jobs of all banks lie in the file that belongs to none.
        for name in (bank, _COMMON):
            if self._file(name).exists():
                with self._store(name) as store:
                    done.append(store.purge(name, thorough=thorough, patience=patience))
            elif name == bank:
                done.append(Purged(("file overwritten and unlinked",)))
        steps = dict.fromkeys(step for one in done for step in one.steps)
        return Purged(tuple(steps), tuple(dict.fromkeys(wait for one in done for wait in one.waits)))

    def search(self, bank: str, pieces: Pieces) -> Searched:
        """Look for pieces in every file of the folder."""
        found: list[Searched] = []
        for name in self._names():
            with self._store(name) as store:
                found.append(store.search(name, pieces))
        return Searched(
            tuple(place for one in found for place in one.places),
            sum(one.bytes for one in found),
            tuple(finding for one in found for finding in one.findings),
            tuple(dict.fromkeys(place for one in found for place in one.unsearched)),
        )

    def check(self) -> list[str]:
        """What is wrong with any of the files, in words."""
        out: list[str] = []
        for name in self._names():
            with self._store(name) as store:
                out.extend(f"{name}: {finding}" for finding in store.check())
        return out

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.path.iterdir() if file.is_file())

    def flush(self) -> None:
        """Write what is waiting to be written behind."""
        with self._lock:
            stores = [held.store for held in self._open.values()]
        for store in stores:
            store.flush()

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            self._closed = True
            stores = [held.store for held in self._open.values()]
            self._open.clear()
        for store in stores:
            store.close()


def _overwrite(file: Path) -> None:
    """Put zeros in the place of a file's bytes, so that the disk does not keep them once it is unlinked."""
    with contextlib.suppress(FileNotFoundError), file.open("r+b") as old:
        left = file.stat().st_size
        while left > 0:
            left -= old.write(bytes(min(left, 1 << 20)))
        old.flush()
        os.fsync(old.fileno())
