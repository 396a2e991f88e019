"""What a PostgreSQL store keeps beside the log: receipts, answers of models, notes, the audit's chain, and jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry, AuditLine
from mnemic.core.reading import Receipt
from mnemic.core.times import to_micros
from mnemic.store.asked import Asked, Spent
from mnemic.store.erasing import ERASED
from mnemic.store.notes import Job, JobState, Note
from mnemic.store.postgres import noting
from mnemic.store.postgres.asking import read_answer, read_answers, read_spent, write_asked
from mnemic.store.postgres.connections import Connections, Session
from mnemic.store.rows import dumps
from mnemic.store.write_behind import WriteBehind


class BesideLog:
    """A part of :class:`mnemic.store.postgres.store.PostgresStore`, which has the connections."""

    connections: Connections
    _behind: WriteBehind[Receipt]
    _asked: WriteBehind[Asked]

    def flush(self) -> None:
        """Write what is waiting to be written behind."""
        self._behind.flush()
        self._asked.flush()

    def put_receipt(self, receipt: Receipt) -> None:
        """Take a receipt; it is written soon, and a read never waits for it."""
        self._behind.put(receipt)

    def receipt(self, bank: str, receipt_id: str) -> Receipt | None:
        """A receipt by id, or None."""
        found = self._receipts(bank, "AND r.id = %s LIMIT 1", receipt_id)
        return found[0] if found else None

    def receipts(self, bank: str, limit: int) -> list[Receipt]:
        """The newest receipts first."""
        return self._receipts(bank, "ORDER BY r.at DESC, r.id DESC LIMIT %s", limit)

    def _receipts(self, bank: str, rest: str, value: str | int) -> list[Receipt]:
        self.flush()
        with self.connections.connection() as session:
            rows = session.rows(
                f"SELECT r.body FROM receipts r JOIN banks b ON b.bank = r.bank WHERE b.name = %s {rest}", (bank, value)
            )
        return [Receipt.from_json(json.loads(row[0])) for row in rows]

    def _write_receipts(self, bundle: list[Receipt]) -> None:
        with self.connections.writing(reserved=True) as session:
            erased: dict[str, int] = dict(
                session.rows("SELECT b.name, r.at FROM rules r JOIN banks b USING (bank) WHERE r.rule = %s", (ERASED,))
            )
            for receipt in bundle:
                at = to_micros(receipt.at)
                # It waited here while another process erased what it shows.
                if at < erased.get(receipt.bank, 0) and not _stands(session, receipt):
                    continue
                session.run(
                    "INSERT INTO receipts (bank, id, at, body) SELECT bank, %s, %s, %s FROM banks WHERE name = %s"
                    " ON CONFLICT (bank, id) DO NOTHING",
                    (receipt.id, at, dumps(receipt.to_json()), receipt.bank),
                )

    # Answers of language models: not part of the log, and of no other bank's business.

    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None:
        """What a model answered in this bank to a question of that key, or None."""
        with self.connections.connection() as session:
            return read_answer(session, self._asked.waiting(), bank, key)

    def answers(self, bank: str) -> list[Asked]:
        """All that models answered in a bank."""
        self._asked.flush()
        with self.connections.connection() as session:
            return read_answers(session, bank)

    def put_asked(self, asked: Asked, *, at_once: bool = False) -> None:
        """Keep a question with its answer and cost: soon, or ``at_once``, for which a reader would have to wait."""
        self._asked.put(asked)
        if at_once:
            self._asked.flush()

    def spent(self, bank: str, day: str | None = None) -> list[Spent]:
        """What asking models has cost a bank, on one day or in all."""
        with self.connections.connection() as session:
            return read_spent(session, self._asked.waiting(), bank, day)

    def _write_asked(self, bundle: list[Asked]) -> None:
        with self.connections.writing(reserved=True) as session:
            write_asked(session, bundle)

    # Beside the log: notes of governance, the audit, and jobs.

    def put_note(self, note: Note) -> None:
        """Keep a note, in place of the one of its name."""
        with self.connections.writing() as session:
            noting.write_note(session, note)

    def note(self, bank: str, kind: str, note_id: str) -> Note | None:
        """A note, or None."""
        with self.connections.connection() as session:
            return next(iter(noting.read_notes(session, bank, kind, note_id)), None)

    def notes(self, bank: str, kind: str | None) -> list[Note]:
        """Notes of a kind, or of all, in order of their ids."""
        with self.connections.connection() as session:
            return noting.read_notes(session, bank, kind)

    def drop_note(self, bank: str, kind: str, note_id: str) -> bool:
        """Take a note away; False when there is none."""
        with self.connections.writing() as session:
            return noting.delete_note(session, bank, kind, note_id)

    def put_audit(self, bank: str, at: datetime, who: str, verb: str, body: Mapping[str, Any]) -> AuditEntry:
        """Add an entry to the chain of a bank, or to that of the store."""
        with self.connections.writing() as session:
            return noting.write_audit(session, bank, at, who, verb, body)

    def put_audits(self, lines: Sequence[AuditLine]) -> None:
        """Add entries in their order, in one commit; those of banks that are gone go to the store's chain."""
        with self.connections.writing() as session:
            noting.write_lines(session, lines)

    def audit(self, bank: str, after: int = 0, limit: int | None = None) -> list[AuditEntry]:
        """Entries of a chain behind the ``after``-th."""
        with self.connections.connection() as session:
            return noting.read_audit(session, bank, after, limit)

    def put_job(self, job: Job) -> None:
        """Take a job in, once."""
        with self.connections.writing() as session:
            noting.write_job(session, job)

    def take_job(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """Hand a job that is due to a worker until an instant, or None."""
        with self.connections.writing() as session:
            return noting.take_job(session, worker, now, until)

    def hold_job(self, job_id: str, worker: str, until: datetime) -> bool:
        """Renew a worker's hold on its job; False when it is no longer his."""
        with self.connections.writing() as session:
            return noting.hold_job(session, job_id, worker, until)

    def end_job(self, job: Job) -> bool:
        """Write how a worker leaves his job; False when it is no longer his."""
        with self.connections.writing() as session:
            return noting.end_job(session, job)

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> list[Job]:
        """Jobs of a bank, or of all, and in a state, or in any."""
        with self.connections.connection() as session:
            return noting.read_jobs(session, bank, state)

    def erase_jobs(self, ids: Sequence[str]) -> int:
        """Take jobs away in whatever state they are, since they name what was erased; gives how many."""
        with self.connections.writing() as session:
            return session.run("DELETE FROM jobs WHERE id = ANY(%s)", (list(ids),))

    def drop_jobs(self, state: JobState, before: datetime) -> int:
        """Forget jobs in a state, of those that were due before an instant; gives how many."""
        with self.connections.writing() as session:
            return noting.delete_jobs(session, state, before)


def _stands(session: Session, receipt: Receipt) -> bool:
    """Whether all that a receipt shows is still there."""
    shown = {str(line["record"]) for line in receipt.lines}
    found = session.rows(
        "SELECT 1 FROM records r JOIN banks b USING (bank) WHERE b.name = %s AND r.id = ANY(%s)",
        (receipt.bank, sorted(shown)),
    )
    return len(found) == len(shown)
