"""Notes, the audit's chain and jobs as rows of the embedded schema; each function works on the caller's connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry, AuditLine, link
from mnemic.core.errors import NotFound
from mnemic.core.times import from_micros, to_micros
from mnemic.store.notes import WHOLE_STORE, Job, Note
from mnemic.store.rows import dumps
from mnemic.store.sealed_rows import notes_of
from mnemic.store.sealing import CLEAR, Codec, Seals
from mnemic.store.sqlite.rows import bank_of

_JOBS = "SELECT j.id, j.bank, j.kind, j.due, j.body, j.state, j.tries, j.worker, j.until, j.result FROM jobs j"


def number_of(connection: sqlite3.Connection, bank: str) -> int:
    """A bank's number, 0 for the store itself; raises NotFound."""
    if bank == WHOLE_STORE:
        return 0
    row = connection.execute("SELECT bank FROM banks WHERE name = ?", (bank,)).fetchone()
    if row is None:
        raise NotFound(f"bank: there is none called {bank!r}; 'mnemic banks' lists those of a store")
    return int(row[0])


def home_of(connection: sqlite3.Connection, bank: str, seals: Seals, kind: str | None) -> tuple[int, Codec]:
    """A bank's number, and how notes of a kind lie there; raises NotFound, and StoreError where the key is missing."""
    row = bank_of(connection, bank) if bank != WHOLE_STORE else None
    if row is None:
        return number_of(connection, bank), CLEAR
    return row.bank, seals.of_notes(row, kind)


def write_note(connection: sqlite3.Connection, note: Note, seals: Seals) -> None:
    """Lay a note down, in place of the one it replaces."""
    number, codec = home_of(connection, note.bank, seals, note.kind)
    named, body = codec.seal("notes.id", note.id), codec.seal("notes.body", dumps(note.body))
    connection.execute(
        "INSERT OR REPLACE INTO notes (bank, kind, id, at, body) VALUES (?, ?, ?, ?, ?)",
        (number, note.kind, named, to_micros(note.at), body),
    )


def read_notes(
    connection: sqlite3.Connection,
    bank: str,
    kind: str | None,
    seals: Seals,
    note_id: str | None = None,
    *,
    begins: bool = False,
) -> list[Note]:
    """Notes of a kind, or of kinds that begin so, or of all, in order of their ids, or the one of an id."""
    number, codec = home_of(connection, bank, seals, kind)
    of_kind = f"substr(kind, 1, {len(kind or '')})" if begins else "kind"
    named = [(of_kind, kind), ("id", codec.seal("notes.id", note_id))]
    wanted = "".join(f" AND {column} = ?" for column, value in named if value is not None)
    rows = connection.execute(
        f"SELECT kind, id, at, body FROM notes WHERE bank = ?{wanted} ORDER BY kind, id",
        (number, *(value for _, value in named if value is not None)),
    )
    return notes_of(rows, bank, codec)


def delete_note(connection: sqlite3.Connection, bank: str, kind: str, note_id: str, seals: Seals) -> bool:
    """Take a note away; False when there is none."""
    number, codec = home_of(connection, bank, seals, kind)
    named = codec.seal("notes.id", note_id)
    done = connection.execute("DELETE FROM notes WHERE bank = ? AND kind = ? AND id = ?", (number, kind, named))
    return done.rowcount > 0


def write_audit(
    connection: sqlite3.Connection, bank: str, at: datetime, who: str, verb: str, body: Mapping[str, Any]
) -> AuditEntry:
    """Add an entry to a bank's chain."""
    number = number_of(connection, bank)
    last = connection.execute("SELECT n, sha FROM audit WHERE bank = ? ORDER BY n DESC LIMIT 1", (number,)).fetchone()
    n, before = (last[0] + 1, last[1]) if last else (1, "")
    # What is hashed must be what is read back: instants are kept in microseconds.
    at = from_micros(to_micros(at))
    made = link(before, bank=bank, n=n, at=at, who=who, verb=verb, body=body)
    connection.execute(
        "INSERT INTO audit (bank, n, at, who, verb, body, sha) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, n, to_micros(at), who, verb, dumps(body), made),
    )
    return AuditEntry(bank=bank, n=n, at=at, who=who, verb=verb, body=dict(body), sha=made)


def write_line(connection: sqlite3.Connection, line: AuditLine) -> None:
    """Add a line to its bank's chain, or to the store's where that bank has gone meanwhile."""
    try:
        write_audit(connection, *line)
    except NotFound:
        write_audit(connection, *line._replace(bank=WHOLE_STORE, body={**line.body, "bank": line.bank}))


_AUDIT = "SELECT n, at, who, verb, body, sha FROM audit WHERE bank = ?"


def _entry_of(bank: str, row: Sequence[Any]) -> AuditEntry:
    n, at, who, verb, body, sha = row
    return AuditEntry(bank=bank, n=n, at=from_micros(at), who=who, verb=verb, body=json.loads(body), sha=sha)


def read_audit(connection: sqlite3.Connection, bank: str, after: int, limit: int | None) -> list[AuditEntry]:
    """Entries of a bank's chain behind the ``after``-th."""
    asked = (number_of(connection, bank), after, -1 if limit is None else limit)
    return [_entry_of(bank, row) for row in connection.execute(f"{_AUDIT} AND n > ? ORDER BY n LIMIT ?", asked)]


def read_audit_head(connection: sqlite3.Connection, bank: str) -> AuditEntry | None:
    """The last entry of a bank's chain."""
    row = connection.execute(f"{_AUDIT} ORDER BY n DESC LIMIT 1", (number_of(connection, bank),)).fetchone()
    return None if row is None else _entry_of(bank, row)


def _job_of(row: Sequence[Any]) -> Job:
    return Job(
        id=row[0], bank=row[1], kind=row[2], due=from_micros(row[3]), body=json.loads(row[4]), state=row[5],
        tries=row[6], worker=row[7], until=None if row[8] is None else from_micros(row[8]), result=json.loads(row[9]),
    )  # fmt: skip


def write_job(connection: sqlite3.Connection, job: Job) -> None:
    """Take a job in; one whose id is known is left as it is, so that to ask twice is to ask once."""
    connection.execute(
        "INSERT OR IGNORE INTO jobs (id, bank, kind, due, state, tries, worker, until, body, result)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.id, job.bank, job.kind, to_micros(job.due), job.state, job.tries, job.worker,
            None if job.until is None else to_micros(job.until), dumps(job.body), dumps(job.result),
        ),
    )  # fmt: skip


def take_job(connection: sqlite3.Connection, worker: str, now: datetime, until: datetime) -> Job | None:
    """Hand the job that is due longest to a worker; none of a bank that another job of is running."""
    moment = to_micros(now)
    row = connection.execute(
        f"{_JOBS} WHERE ((j.state = 'waiting' AND j.due <= ?) OR (j.state = 'running' AND j.until < ?))"
        " AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.bank = j.bank AND o.id <> j.id AND o.state = 'running'"
        " AND o.until >= ?) ORDER BY j.due, j.id LIMIT 1",
        (moment, moment, moment),
    ).fetchone()
    if row is None:
        return None
    connection.execute(
        "UPDATE jobs SET state = 'running', worker = ?, until = ?, tries = tries + 1 WHERE id = ?",
        (worker, to_micros(until), row[0]),
    )
    return _job_of(connection.execute(f"{_JOBS} WHERE j.id = ?", (row[0],)).fetchone())


def hold_job(connection: sqlite3.Connection, job_id: str, worker: str, until: datetime) -> bool:
    """Renew a worker's hold on its job; False when it is no longer his."""
    done = connection.execute(
        "UPDATE jobs SET until = ? WHERE id = ? AND worker = ? AND state = 'running'",
        (to_micros(until), job_id, worker),
    )
    return done.rowcount > 0


def end_job(connection: sqlite3.Connection, job: Job) -> bool:
    """Write how a worker leaves his job: done, failed, or waiting for another try; False when it is no longer his."""
    done = connection.execute(
        "UPDATE jobs SET state = ?, due = ?, until = NULL, body = ?, result = ?"
        " WHERE id = ? AND worker = ? AND state = 'running'",
        (job.state, to_micros(job.due), dumps(job.body), dumps(job.result), job.id, job.worker),
    )
    return done.rowcount > 0


def read_jobs(connection: sqlite3.Connection, bank: str | None, state: str | None) -> list[Job]:
    """Jobs of a bank, or of all, and in a state, or in any, in the order in which they are due."""
    named = [("bank", bank), ("state", state)]
    wanted = " AND ".join(f"j.{column} = ?" for column, value in named if value is not None) or "TRUE"
    values = [value for _, value in named if value is not None]
    return [_job_of(row) for row in connection.execute(f"{_JOBS} WHERE {wanted} ORDER BY j.due, j.id", values)]


def rewrite_jobs(connection: sqlite3.Connection, left: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Leave of each job the body that is given, or nothing of the job."""
    for job_id, body in left.items():
        if body is None:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
        else:
            connection.execute("UPDATE jobs SET body = ? WHERE id = ?", (dumps(body), job_id))


def delete_jobs(connection: sqlite3.Connection, state: str, before: datetime) -> int:
    """Forget jobs in a state, of those that were due before an instant; gives how many."""
    return connection.execute("DELETE FROM jobs WHERE state = ? AND due < ?", (state, to_micros(before))).rowcount
