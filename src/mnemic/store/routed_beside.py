"""What several servers keep beside the logs of banks, and the jobs that wait for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from mnemic.core.chain import AuditEntry, AuditLine
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Receipt
from mnemic.store.asked import Asked, Spent
from mnemic.store.notes import Job, JobState, Note
from mnemic.store.protocol import Store

Result = TypeVar("Result")


def _put_audits(lines: Sequence[AuditLine], store: Store) -> None:
    store.put_audits(lines)


class BesideLog:
    """That part of the store; ``_common`` keeps what belongs to no bank."""

    _common: Store

    def _on(self, bank: str, call: Callable[[Store], Result]) -> Result:
        raise NotImplementedError

    def put_receipt(self, receipt: Receipt) -> None:
        """Take a receipt to be written soon."""
        self._on(receipt.bank, lambda store: store.put_receipt(receipt))

    def receipt(self, bank: str, receipt_id: str) -> Receipt | None:
        """A receipt by id, or None."""
        return self._on(bank, lambda store: store.receipt(bank, receipt_id))

    def receipts(self, bank: str, limit: int) -> Sequence[Receipt]:
        """The newest receipts first."""
        return self._on(bank, lambda store: store.receipts(bank, limit))

    def answer(self, bank: str, key: bytes) -> Mapping[str, Any] | None:
        """What a model answered in this bank to a question of that key, or None."""
        return self._on(bank, lambda store: store.answer(bank, key))

    def answers(self, bank: str) -> Sequence[Asked]:
        """All that models answered in a bank."""
        return self._on(bank, lambda store: store.answers(bank))

    def put_asked(self, asked: Asked, *, at_once: bool = False) -> None:
        """Keep a question with its answer and cost."""
        self._on(asked.bank, lambda store: store.put_asked(asked, at_once=at_once))

    def spent(self, bank: str, day: str | None = None) -> Sequence[Spent]:
        """What asking models has cost a bank."""
        return self._on(bank, lambda store: store.spent(bank, day))

    def put_note(self, note: Note) -> None:
        """Keep a note on its bank's server."""
        self._on(note.bank, lambda store: store.put_note(note))

    def note(self, bank: str, kind: str, note_id: str) -> Note | None:
        """A note, or None."""
        return self._on(bank, lambda store: store.note(bank, kind, note_id))

    def notes(self, bank: str, kind: str | None) -> Sequence[Note]:
        """Notes of a kind, or of all."""
        return self._on(bank, lambda store: store.notes(bank, kind))

    def drop_note(self, bank: str, kind: str, note_id: str) -> bool:
        """Take a note away."""
        return self._on(bank, lambda store: store.drop_note(bank, kind, note_id))

    def put_audit(self, bank: str, at: datetime, who: str, verb: str, body: Mapping[str, Any]) -> AuditEntry:
        """Add an entry to a bank's chain."""
        return self._on(bank, lambda store: store.put_audit(bank, at, who, verb, body))

    def put_audits(self, lines: Sequence[AuditLine]) -> None:
        """Add entries in their order, each bank's in one commit."""
        for bank in dict.fromkeys(line.bank for line in lines):
            mine = [line for line in lines if line.bank == bank]
            try:
                self._on(bank, partial(_put_audits, mine))
            except MnemicError:
                # The bank is gone, or its server is down: what was done is told where everything is told.
                self._common.put_audits([line._replace(bank="", body={**line.body, "bank": bank}) for line in mine])

    def audit(self, bank: str, after: int = 0, limit: int | None = None) -> Sequence[AuditEntry]:
        """Entries of a bank's chain."""
        return self._on(bank, lambda store: store.audit(bank, after, limit))

    # Jobs of all banks wait in the directory's database, so that a server that is down keeps no worker.

    def put_job(self, job: Job) -> None:
        """Take a job in, once."""
        self._common.put_job(job)

    def take_job(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """Hand a job that is due to a worker, or None."""
        return self._common.take_job(worker, now, until)

    def hold_job(self, job_id: str, worker: str, until: datetime) -> bool:
        """Renew a worker's hold on its job."""
        return self._common.hold_job(job_id, worker, until)

    def end_job(self, job: Job) -> bool:
        """Write how a worker leaves his job."""
        return self._common.end_job(job)

    def jobs(self, bank: str | None = None, state: JobState | None = None) -> Sequence[Job]:
        """Jobs of a bank, or of all, and in a state, or in any."""
        return self._common.jobs(bank, state)

    def erase_jobs(self, ids: Sequence[str]) -> int:
        """Take jobs away in whatever state they are, since they name what was erased; gives how many."""
        return self._common.erase_jobs(ids)

    def drop_jobs(self, state: JobState, before: datetime) -> int:
        """Forget jobs in a state, of those that were due before an instant."""
        return self._common.drop_jobs(state, before)
