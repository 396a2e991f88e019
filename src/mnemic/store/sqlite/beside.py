"""What an SQLite store keeps beside the log: receipts, answers of models, notes, the audit's chain, and jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry, AuditLine
from mnemic.core.reading import Receipt
from mnemic.store.asked import Asked, Spent
from mnemic.store.notes import Job, JobState, Note
from mnemic.store.sqlite import noting
from mnemic.store.sqlite.asking import read_answer, read_answers, read_spent, write_asked
from mnemic.store.sqlite.receipts import read_receipts, write_receipts
from mnemic.store.write_behind import WriteBehind


class BesideLog:
    """A part of :class:`mnemic.store.sqlite.store.SqliteStore`, which has the connections."""

    _behind: WriteBehind[Receipt]
    _asked: WriteBehind[Asked]

    def connection(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection for reading."""
        raise NotImplementedError

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection within a transaction."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what is waiting to be written behind."""
        self._behind.flush()
        self._asked.flush()

    def put_receipt(self, receipt: Receipt) -> None:
        """Take a receipt; it is written soon, and a read never waits for it."""
        self._behind.put(receipt)

    def receipt(self, bank: str, receipt_id: str) -> Receipt | None:
        """A receipt by id, or None."""
        found = self._receipts(bank, receipt_id, 1)
        return found[0] if found else None

    def receipts(self, bank: str, limit: int) -> list[Receipt]:
        """The newest receipts first."""
        return self._receipts(bank, None, limit)

    def _receipts(self, bank: str, receipt_id: str | None, limit: int) -> list[Receipt]:
        self.flush()
        with self.connection() as connection:
            return read_receipts(connection, bank, receipt_id, limit)

    def _write_receipts(self, bundle: list[Receipt]) -> None:
        with self.write() as connection:
            write_receipts(connection, bundle)

    # Answers of language models: not part of the log, and of no other bank's business.

    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None:
        """What a model answered in this bank to a question of that key, or None."""
        with self.connection() as connection:
            return read_answer(connection, self._asked.waiting(), bank, key)

    def answers(self, bank: str) -> list[Asked]:
        """All that models answered in a bank."""
        self._asked.flush()
        with self.connection() as connection:
            return read_answers(connection, bank)

    def put_asked(self, asked: Asked, *, at_once: bool = False) -> None:
        """Keep a question with its answer and cost: soon, or ``at_once``, for which a reader would have to wait."""
        self._asked.put(asked)
        if at_once:
            self._asked.flush()

    def spent(self, bank: str, day: str | None = None) -> list[Spent]:
        """What asking models has cost a bank, on one day or in all."""
        with self.connection() as connection:
            return read_spent(connection, self._asked.waiting(), bank, day)

    def _write_asked(self, bundle: list[Asked]) -> None:
        with self.write() as connection:
            write_asked(connection, bundle)

    # Beside the log: notes of governance, the audit, and jobs.

    def put_note(self, note: Note) -> None:
        """Keep a note, in place of the one of its name."""
        with self.write() as connection:
            noting.write_note(connection, note)

    def note(self, bank: str, kind: str, note_id: str) -> Note | None:
        """A note, or None."""
        with self.connection() as connection:
            return next(iter(noting.read_notes(connection, bank, kind, note_id)), None)

    def notes(self, bank: str, kind: str | None) -> list[Note]:
        """Notes of a kind, or of all, in order of their ids."""
        with self.connection() as connection:
            return noting.read_notes(connection, bank, kind)

    def drop_note(self, bank: str, kind: str, note_id: str) -> bool:
        """Take a note away; False when there is none."""
        with self.write() as connection:
            return noting.delete_note(connection, bank, kind, note_id)

    def put_audit(self, bank: str, at: datetime, who: str, verb: str, body: Mapping[str, Any]) -> AuditEntry:
        """Add an entry to the chain of a bank, or to that of the store."""
        with self.write() as connection:
            return noting.write_audit(connection, bank, at, who, verb, body)

    def put_audits(self, lines: Sequence[AuditLine]) -> None:
        """Add entries in their order, in one commit; those of banks that are gone go to the store's chain."""
        with self.write() as connection:
            for line in lines:
                noting.write_line(connection, line)

    def audit(self, bank: str, after: int = 0, limit: int | None = None) -> list[AuditEntry]:
        """Entries of a chain behind the ``after``-th."""
        with self.connection() as connection:
            return noting.read_audit(connection, bank, after, limit)

    def put_job(self, job: Job) -> None:
        """Take a job in, once."""
        with self.write() as connection:
            noting.write_job(connection, job)

    def take_job(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """Hand a job that is due to a worker until an instant, or None."""
        with self.write() as connection:
            return noting.take_job(connection, worker, now, until)

    def hold_job(self, job_id: str, worker: str, until: datetime) -> bool:
        """Renew a worker's hold on its job; False when it is no longer his."""
        with self.write() as connection:
            return noting.hold_job(connection, job_id, worker, until)

    def end_job(self, job: Job) -> bool:
        """Write how a worker leaves his job; False when it is no longer his."""
        with self.write() as connection:
            return noting.end_job(connection, job)

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> list[Job]:
        """Jobs of a bank, or of all, and in a state, or in any."""
        with self.connection() as connection:
            return noting.read_jobs(connection, bank, state)

    def erase_jobs(self, ids: Sequence[str]) -> int:
        """Take jobs away in whatever state they are, since they name what was erased; gives how many."""
        with self.write() as connection:
            return sum(connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,)).rowcount for job_id in ids)

    def drop_jobs(self, state: JobState, before: datetime) -> int:
        """Forget jobs in a state, of those that were due before an instant; gives how many."""
        with self.write() as connection:
            return noting.delete_jobs(connection, state, before)
