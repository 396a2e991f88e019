"""Receipts of recalls as rows of the embedded schema; each function works on the caller's connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from mnemic.core.reading import Receipt
from mnemic.core.times import to_micros
from mnemic.store.erasing import ERASED
from mnemic.store.protocol import BankRow
from mnemic.store.rows import dumps
from mnemic.store.sealing import Codec, Seals
from mnemic.store.sqlite.rows import bank_of, select_in


def read_receipts(
    connection: sqlite3.Connection, bank: str, receipt_id: str | None, limit: int, seals: Seals
) -> list[Receipt]:
    """The newest receipts of a bank first, or the one of an id."""
    if (row := bank_of(connection, bank)) is None:
        return []
    # Two statements, so that the one by id is answered by the key.
    chosen = "r.id = ?" if receipt_id is not None else "? IS NULL"
    rows = connection.execute(
        f"SELECT r.body FROM receipts r WHERE r.bank = ? AND {chosen} ORDER BY r.at DESC, r.id DESC LIMIT ?",
        (row.bank, receipt_id, limit),
    ).fetchall()
    return [Receipt.from_json(json.loads(body)) for (body,) in seals.codec(row).opened(rows, "receipts.body")]


def write_receipts(connection: sqlite3.Connection, bundle: Iterable[Receipt], seals: Seals) -> None:
    """Keep receipts within a write, each once; what is of a bank that is gone is left out.

    So is one that waited in another process while what it shows was erased.
    """
    rows: dict[str, BankRow | None] = {}
    erased = dict(connection.execute("SELECT bank, at FROM rules WHERE rule = ?", (ERASED,)).fetchall())
    for receipt in bundle:
        if receipt.bank not in rows:
            rows[receipt.bank] = bank_of(connection, receipt.bank)
        row = rows[receipt.bank]
        # A bank that was sealed meanwhile takes nothing in clear from who has no key.
        if row is None or (codec := seals.or_none(row)) is None:
            continue
        at = to_micros(receipt.at)
        if at < erased.get(row.bank, 0) and not _stands(connection, row.bank, receipt, codec):
            continue
        body = codec.seal("receipts.body", dumps(receipt.to_json()))
        connection.execute(
            "INSERT OR IGNORE INTO receipts (bank, id, at, body) VALUES (?, ?, ?, ?)",
            (row.bank, receipt.id, at, body),
        )


def _stands(connection: sqlite3.Connection, bank: int, receipt: Receipt, codec: Codec) -> bool:
    """Whether all that a receipt shows is still there."""
    shown = codec.sealed_all("records.id", sorted({str(line["record"]) for line in receipt.lines}))
    found = select_in(connection, "SELECT id FROM records WHERE bank = ? AND id IN ({})", (bank,), list(shown))
    return len(list(found)) == len(shown)
