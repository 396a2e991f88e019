"""Receipts of recalls as rows of the embedded schema; each function works on the caller's connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from mnemic.core.reading import Receipt
from mnemic.core.times import to_micros
from mnemic.store.erasing import ERASED
from mnemic.store.rows import dumps
from mnemic.store.sqlite.rows import select_in


def read_receipts(connection: sqlite3.Connection, bank: str, receipt_id: str | None, limit: int) -> list[Receipt]:
    """The newest receipts of a bank first, or the one of an id."""
    # Two statements, so that the one by id is answered by the key.
    chosen = "r.id = ?" if receipt_id is not None else "? IS NULL"
    rows = connection.execute(
        f"SELECT r.body FROM receipts r JOIN banks b ON b.bank = r.bank WHERE b.name = ? AND {chosen}"
        " ORDER BY r.at DESC, r.id DESC LIMIT ?",
        (bank, receipt_id, limit),
    ).fetchall()
    return [Receipt.from_json(json.loads(row[0])) for row in rows]


def write_receipts(connection: sqlite3.Connection, bundle: Iterable[Receipt]) -> None:
    """Keep receipts within a write, each once; what is of a bank that is gone is left out.

    So is one that waited in another process while what it shows was erased.
    """
    erased = dict(
        connection.execute(
            "SELECT b.name, r.at FROM rules r JOIN banks b ON b.bank = r.bank WHERE r.rule = ?", (ERASED,)
        ).fetchall()
    )
    for receipt in bundle:
        at = to_micros(receipt.at)
        if at < erased.get(receipt.bank, 0) and not _stands(connection, receipt):
            continue
        connection.execute(
            "INSERT OR IGNORE INTO receipts (bank, id, at, body) SELECT bank, ?, ?, ? FROM banks WHERE name = ?",
            (receipt.id, at, dumps(receipt.to_json()), receipt.bank),
        )


def _stands(connection: sqlite3.Connection, receipt: Receipt) -> bool:
    """Whether all that a receipt shows is still there."""
    shown = {str(line["record"]) for line in receipt.lines}
    found = select_in(
        connection,
        "SELECT r.id FROM records r JOIN banks b ON b.bank = r.bank WHERE b.name = ? AND r.id IN ({})",
        (receipt.bank,),
        sorted(shown),
    )
    return len(list(found)) == len(shown)
