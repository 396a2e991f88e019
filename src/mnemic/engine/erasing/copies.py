"""Copies of a bank that an erasure does not reach by itself: branches, and archives that were exported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mnemic.engine.engine import Engine
from mnemic.store.notes import Note
from mnemic.store.protocol import BankRow

#: The kind of the notes that say where a bank was exported to.
EXPORT = "export"


def note_export(engine: Engine, bank: str, path: str, seq: int, at: datetime) -> None:
    """Keep in mind that a bank was written to an archive, as it was at ``seq``."""
    body = {"path": path, "seq": seq}
    engine.store.put_note(Note(bank=bank, kind=EXPORT, id=engine.ids.new(at), at=at, body=body))


def exports_of(engine: Engine, bank: str, first: int) -> list[dict[str, Any]]:
    """Archives that were written when the bank held entry ``first`` of its log already."""
    notes = engine.store.notes(bank, EXPORT)
    return [
        {"kind": "export", "path": note.body["path"], "at": note.at.isoformat(), "seq": note.body["seq"]}
        for note in notes
        if first and int(note.body["seq"]) >= first
    ]


def branches_of(engine: Engine, bank: str, first: int) -> list[BankRow]:
    """Banks that branched off when the bank held entry ``first`` of its log already."""
    out = []
    for row in engine.store.banks():
        origin, _, seq = row.origin.rpartition("@")
        if first and not row.hidden and origin == bank and seq.isdecimal() and int(seq) >= first:
            out.append(row)
    return out
