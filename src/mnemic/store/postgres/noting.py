"""Notes and the audit's chain as rows of the server's schema; each function works in the caller's session."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry, AuditLine, link
from mnemic.core.errors import NotFound
from mnemic.core.times import from_micros, to_micros
from mnemic.store.notes import WHOLE_STORE, Note
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.rows import home_of, not_resealed, number_of
from mnemic.store.postgres.schema import lock_key
from mnemic.store.rows import dumps
from mnemic.store.sealed_rows import notes_of
from mnemic.store.sealing import Seals


def write_note(session: Session, note: Note, seals: Seals) -> None:
    """Lay a note down, in place of the one it replaces."""
    not_resealed(session, note.bank)
    number, codec = home_of(session, note.bank, seals, note.kind)
    named, body = codec.seal("notes.id", note.id), codec.seal("notes.body", dumps(note.body))
    session.run(
        "INSERT INTO notes (bank, kind, id, at, body) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (bank, kind, id) DO UPDATE SET at = excluded.at, body = excluded.body",
        (number, note.kind, named, to_micros(note.at), body),
    )


def read_notes(
    session: Session,
    bank: str,
    kind: str | None,
    seals: Seals,
    note_id: str | None = None,
    *,
    begins: bool = False,
) -> list[Note]:
    """Notes of a kind, or of kinds that begin so, or of all, in order of their ids, or the one of an id."""
    number, codec = home_of(session, bank, seals, kind)
    of_kind = f"substr(kind, 1, {len(kind or '')})" if begins else "kind"
    named = [(of_kind, kind), ("id", codec.seal("notes.id", note_id))]
    wanted = "".join(f" AND {column} = %s" for column, value in named if value is not None)
    rows = session.rows(
        f"SELECT kind, id, at, body FROM notes WHERE bank = %s{wanted} ORDER BY kind, id",
        (number, *(value for _, value in named if value is not None)),
    )
    return notes_of(rows, bank, codec)


def delete_note(session: Session, bank: str, kind: str, note_id: str, seals: Seals) -> bool:
    """Take a note away; False when there is none."""
    not_resealed(session, bank)
    number, codec = home_of(session, bank, seals, kind)
    values = (number, kind, codec.seal("notes.id", note_id))
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
