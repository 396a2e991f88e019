"""Notes, the audit's chain and jobs as rows of the server's schema; each function works in the caller's session."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry, AuditLine, link
from mnemic.core.errors import NotFound
from mnemic.core.times import from_micros, to_micros
from mnemic.store.notes import WHOLE_STORE, Job, Note
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.rows import number_of
from mnemic.store.postgres.schema import lock_key
from mnemic.store.rows import dumps

_JOBS = "SELECT j.id, j.bank, j.kind, j.due, j.body, j.state, j.tries, j.worker, j.until, j.result FROM jobs j"


def write_note(session: Session, note: Note) -> None:
    """Lay a note down, in place of the one it replaces."""
    session.run(
        "INSERT INTO notes (bank, kind, id, at, body) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (bank, kind, id) DO UPDATE SET at = excluded.at, body = excluded.body",
        (number_of(session, note.bank), note.kind, note.id, to_micros(note.at), dumps(note.body)),
    )


def read_notes(session: Session, bank: str, kind: str | None, note_id: str | None = None) -> list[Note]:
    """Notes of a kind, or of all kinds, in order of their ids, or the one of an id."""
    named = [("kind", kind), ("id", note_id)]
    wanted = "".join(f" AND {column} = %s" for column, value in named if value is not None)
    rows = session.rows(
        f"SELECT kind, id, at, body FROM notes WHERE bank = %s{wanted} ORDER BY kind, id",
        (number_of(session, bank), *(value for _, value in named if value is not None)),
    )
    return [Note(bank=bank, kind=k, id=i, at=from_micros(at), body=json.loads(body)) for k, i, at, body in rows]


def delete_note(session: Session, bank: str, kind: str, note_id: str) -> bool:
    """Take a note away; False when there is none."""
    values = (number_of(session, bank), kind, note_id)
    return session.run("DELETE FROM notes WHERE bank = %s AND kind = %s AND id = %s", values) > 0


def write_audit(session: Session, bank: str, at: datetime, who: str, verb: str, body: Mapping[str, Any]) -> AuditEntry:
    """Add an entry to a bank's chain."""
    number = number_of(session, bank)
    # Who reads is audited too: a chain has a lock of its own, and does not wait for the bank's writers.
    session.rows("SELECT pg_advisory_xact_lock(%s)", (lock_key(session.label, "audit", number),))
    last = session.row("SELECT n, sha FROM audit WHERE bank = %s ORDER BY n DESC LIMIT 1", (number,))
    n, before = (last[0] + 1, last[1]) if last else (1, "")
    # What is hashed must be what is read back: instants are kept in microseconds.
    at = from_micros(to_micros(at))
    made = link(before, bank=bank, n=n, at=at, who=who, verb=verb, body=body)
    session.run(
        "INSERT INTO audit (bank, n, at, who, verb, body, sha) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (number, n, to_micros(at), who, verb, dumps(body), made),
    )
    return AuditEntry(bank=bank, n=n, at=at, who=who, verb=verb, body=dict(body), sha=made)


def write_lines(session: Session, lines: Sequence[AuditLine]) -> None:
    """Add lines to their chains in their order; those of banks that are gone go to the store's."""
    # Locks are taken in one order everywhere, so that two processes never wait for each other.
    for line in sorted(lines, key=lambda line: line.bank):
        try:
            write_audit(session, *line)
        except NotFound:
            write_audit(session, *line._replace(bank=WHOLE_STORE, body={**line.body, "bank": line.bank}))


_AUDIT = "SELECT n, at, who, verb, body, sha FROM audit WHERE bank = %s"


def _entry_of(bank: str, row: Sequence[Any]) -> AuditEntry:
    n, at, who, verb, body, sha = row
    return AuditEntry(bank=bank, n=n, at=from_micros(at), who=who, verb=verb, body=json.loads(body), sha=sha)


def read_audit(session: Session, bank: str, after: int, limit: int | None) -> list[AuditEntry]:
    """Entries of a bank's chain behind the ``after``-th."""
    asked = (number_of(session, bank), after, limit)
    return [_entry_of(bank, row) for row in session.rows(f"{_AUDIT} AND n > %s ORDER BY n LIMIT %s", asked)]


def read_audit_head(session: Session, bank: str) -> AuditEntry | None:
    """The last entry of a bank's chain."""
    row = session.row(f"{_AUDIT} ORDER BY n DESC LIMIT 1", (number_of(session, bank),))
    return None if row is None else _entry_of(bank, row)


def _job_of(row: Sequence[Any]) -> Job:
    return Job(
        id=row[0], bank=row[1], kind=row[2], due=from_micros(row[3]), body=json.loads(row[4]), state=row[5],
        tries=row[6], worker=row[7], until=None if row[8] is None else from_micros(row[8]), result=json.loads(row[9]),
    )  # fmt: skip


def write_job(session: Session, job: Job) -> None:
    """Take a job in; one whose id is known is left as it is, so that to ask twice is to ask once."""
    session.run(
        "INSERT INTO jobs (id, bank, kind, due, state, tries, worker, until, body, result)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
        (
            job.id, job.bank, job.kind, to_micros(job.due), job.state, job.tries, job.worker,
            None if job.until is None else to_micros(job.until), dumps(job.body), dumps(job.result),
        ),
    )  # fmt: skip


def take_job(session: Session, worker: str, now: datetime, until: datetime) -> Job | None:
    """Hand the job that is due longest to a worker; none of a bank that another job of is running."""
    # Workers choose one after another: two that look at once could each take a job of one bank.
    session.rows("SELECT pg_advisory_xact_lock(%s)", (lock_key(session.label, "jobs"),))
    moment = to_micros(now)
    row = session.row(
        f"{_JOBS} WHERE ((j.state = 'waiting' AND j.due <= %s) OR (j.state = 'running' AND j.until < %s))"
        " AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.bank = j.bank AND o.id <> j.id AND o.state = 'running'"
        " AND o.until >= %s) ORDER BY j.due, j.id LIMIT 1",
        (moment, moment, moment),
    )
    if row is None:
        return None
    session.run(
        "UPDATE jobs SET state = 'running', worker = %s, until = %s, tries = tries + 1 WHERE id = %s",
        (worker, to_micros(until), row[0]),
    )
    taken = session.row(f"{_JOBS} WHERE j.id = %s", (row[0],))
    return _job_of(taken) if taken else None


def hold_job(session: Session, job_id: str, worker: str, until: datetime) -> bool:
    """Renew a worker's hold on its job; False when it is no longer his."""
    statement = "UPDATE jobs SET until = %s WHERE id = %s AND worker = %s AND state = 'running'"
    return session.run(statement, (to_micros(until), job_id, worker)) > 0


def end_job(session: Session, job: Job) -> bool:
    """Write how a worker leaves his job: done, failed, or waiting for another try; False when it is no longer his."""
    done = session.run(
        "UPDATE jobs SET state = %s, due = %s, until = NULL, result = %s"
        " WHERE id = %s AND worker = %s AND state = 'running'",
        (job.state, to_micros(job.due), dumps(job.result), job.id, job.worker),
    )
    return done > 0


def read_jobs(session: Session, bank: str | None, state: str | None) -> list[Job]:
    """Jobs of a bank, or of all, and in a state, or in any, in the order in which they are due."""
    named = [("bank", bank), ("state", state)]
    wanted = " AND ".join(f"j.{column} = %s" for column, value in named if value is not None) or "TRUE"
    values = [value for _, value in named if value is not None]
    return [_job_of(row) for row in session.rows(f"{_JOBS} WHERE {wanted} ORDER BY j.due, j.id", values)]


def delete_jobs(session: Session, state: str, before: datetime) -> int:
    """Forget jobs in a state, of those that were due before an instant; gives how many."""
    return session.run("DELETE FROM jobs WHERE state = %s AND due < %s", (state, to_micros(before)))
