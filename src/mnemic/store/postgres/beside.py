"""What a PostgreSQL store keeps beside the log: receipts, answers of models, notes, the audit's chain, and jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry, AuditLine
from mnemic.core.reading import Receipt
from mnemic.core.times import to_micros
from mnemic.store.asked import Asked, Spent
from mnemic.store.notes import Job, JobState, Note
from mnemic.store.postgres import job_rows, noting
from mnemic.store.postgres.asking import read_answer, read_answers, read_spent, write_asked
from mnemic.store.postgres.connections import Connections, Session
from mnemic.store.postgres.rows import find_bank, held_still
from mnemic.store.rows import dumps
from mnemic.store.sealing import Codec, Seals
from mnemic.store.write_behind import WriteBehind


class BesideLog:
    """A part of :class:`mnemic.store.postgres.store.PostgresStore`, which has the connections."""

    connections: Connections
    _behind: WriteBehind[Receipt]
    _asked: WriteBehind[Asked]
    seals: Seals

    def flush(self) -> None:
        """Write what is waiting to be written behind."""
        self._behind.flush()
        self._asked.flush()

    def put_receipt(self, receipt: Receipt) -> None:
        """Take a receipt; it is written soon, and a read never waits for it."""
        self._behind.put(receipt)

    def receipt(self, bank: str, receipt_id: str) -> Receipt | None:
        """A receipt by id, or None."""
        found = self._receipts(bank, "AND id = %s LIMIT 1", receipt_id)
        return found[0] if found else None

    def receipts(self, bank: str, limit: int) -> list[Receipt]:
        """The newest receipts first."""
        return self._receipts(bank, "ORDER BY at DESC, id DESC LIMIT %s", limit)

    def _receipts(self, bank: str, rest: str, value: str | int) -> list[Receipt]:
        self.flush()
        with self.connections.reading() as session:
            if (row := find_bank(session, bank)) is None:
                return []
            rows = session.rows(f"SELECT body FROM receipts WHERE bank = %s {rest}", (row.bank, value))
        return [Receipt.from_json(json.loads(body)) for (body,) in self.seals.codec(row).opened(rows, "receipts.body")]

    def _write_receipts(self, bundle: list[Receipt]) -> None:
        with self.connections.writing(reserved=True) as session:
            rows, erased = held_still(session, (receipt.bank for receipt in bundle))
            for receipt in bundle:
                row = rows.get(receipt.bank)
                # A bank that was sealed meanwhile takes nothing in clear from who has no key.
                if row is None or (codec := self.seals.or_none(row)) is None:
                    continue
                at = to_micros(receipt.at)
                # It waited here while another process erased what it shows.
                if at < erased.get(row.bank, 0) and not _stands(session, row.bank, receipt, codec):
                    continue
                body = codec.seal("receipts.body", dumps(receipt.to_json()))
                session.run(
                    "INSERT INTO receipts (bank, id, at, body) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT (bank, id) DO NOTHING",
                    (row.bank, receipt.id, at, body),
                )

    # Answers of language models: not part of the log, and of no other bank's business.

    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None:
        """What a model answered in this bank to a question of that key, or None."""
        with self.connections.reading() as session:
            return read_answer(session, self._asked.waiting(), bank, key, self.seals)

    def answers(self, bank: str) -> list[Asked]:
        """All that models answered in a bank."""
        self._asked.flush()
        with self.connections.reading() as session:
            return read_answers(session, bank, self.seals)

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
            write_asked(session, bundle, self.seals)

    # Beside the log: notes of governance, the audit, and jobs.

    def put_note(self, note: Note) -> None:
        """Keep a note, in place of the one of its name."""
        with self.connections.writing() as session:
            noting.write_note(session, note, self.seals)

    def _reading_notes(self, bank: str, kind: str | None) -> AbstractContextManager[Session]:
        # How notes lie and the notes themselves are of one moment, unless they lie in clear in any case.
        return self.connections.connection() if Seals.of_doors(bank, kind) else self.connections.reading()

    def note(self, bank: str, kind: str, note_id: str) -> Note | None:
        """A note, or None."""
        with self._reading_notes(bank, kind) as session:
            return next(iter(noting.read_notes(session, bank, kind, self.seals, note_id)), None)

    def notes(self, bank: str, kind: str | None, *, begins: bool = False) -> list[Note]:
        """Notes of a kind, or of kinds that begin so, or of all, in order of their ids."""
        with self._reading_notes(bank, kind) as session:
            return noting.read_notes(session, bank, kind, self.seals, begins=begins)

    def drop_note(self, bank: str, kind: str, note_id: str) -> bool:
        """Take a note away; False when there is none."""
        with self.connections.writing() as session:
            return noting.delete_note(session, bank, kind, note_id, self.seals)

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

    def audit_head(self, bank: str) -> AuditEntry | None:
        """The last entry of a chain."""
        with self.connections.connection() as session:
            return noting.read_audit_head(session, bank)

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> list[Job]:
        """Jobs of a bank, or of all, and in a state, or in any."""
        with self.connections.connection() as session:
            schema = self.connections.schema
            return job_rows.read_jobs(session, schema, bank, state) if job_rows.laid(session, schema) else []

    def rewrite_jobs(self, left: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Leave of each job, by id, the body that is given, or nothing of the job."""
        if left:
            with self.connections.writing() as session:
                job_rows.rewrite_jobs(session, self.connections.schema, left)


def _stands(session: Session, bank: int, receipt: Receipt, codec: Codec) -> bool:
    """Whether all that a receipt shows is still there."""
    shown = codec.sealed_all("records.id", sorted({str(line["record"]) for line in receipt.lines}))
    found = session.rows("SELECT 1 FROM records WHERE bank = %s AND id = ANY(%s)", (bank, list(shown)))
    return len(found) == len(shown)
