"""Copies of a bank that an erasure does not reach by itself: branches, archives that were exported, and backups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mnemic.engine.engine import Engine
from mnemic.store.notes import WHOLE_STORE, Note
from mnemic.store.protocol import BankRow

#: The kinds of the notes that say where a bank was exported to, and where the whole store was copied to.
EXPORT, BACKUP = "export", "backup"


def note_export(engine: Engine, bank: str, path: str, seq: int, at: datetime) -> None:
    """Keep in mind that a bank was written to an archive, as it was at ``seq``."""
    body = {"path": path, "seq": seq}
    engine.store.put_note(Note(bank=bank, kind=EXPORT, id=engine.ids.new(at), at=at, body=body))


def note_backup(engine: Engine, path: str, at: datetime) -> None:
    """Keep in mind that the whole store was copied."""
    engine.store.put_note(Note(bank=WHOLE_STORE, kind=BACKUP, id=engine.ids.new(at), at=at, body={"path": path}))


def exports_of(engine: Engine, bank: str, first: int) -> list[dict[str, Any]]:
    """Archives that were written when the bank held entry ``first`` of its log already, and backups since then."""
    notes = engine.store.notes(bank, EXPORT)
    archives = [
        {"kind": "export", "path": note.body["path"], "at": note.at.isoformat(), "seq": note.body["seq"]}
        for note in notes
        if first and int(note.body["seq"]) >= first
    ]
    if not first or not (copied := engine.store.notes(WHOLE_STORE, BACKUP)):
        return archives
    with engine.store.snapshot(bank) as snapshot:
        since = min((entry.at for entry in snapshot.log(first - 1, first)), default=None)
    return archives + [
        {"kind": "backup", "path": note.body["path"], "at": note.at.isoformat()}
        for note in copied
        if since is None or note.at >= since
    ]


def branches_of(engine: Engine, bank: str, first: int) -> list[BankRow]:
    """Banks that branched off when the bank held entry ``first`` of its log already."""
    out = []
    for row in engine.store.banks():
        origin, _, seq = row.origin.rpartition("@")
        if first and not row.hidden and origin == bank and seq.isdecimal() and int(seq) >= first:
            out.append(row)
    return out
