"""Deletes a bank's rows from every table, so that nothing of it is left in the file.

A bank's number is never given out again: another process may still hold an index of it. The highest number that was
dropped keeps an empty row for that.
"""

from __future__ import annotations

import sqlite3

from mnemic.store.sqlite.packing import bounds, vector_bounds

#: No bank of a user can be called so: control characters are refused in names.
DROPPED = "\x1fdropped"
_BY_BANK = (
    "events", "records", "versions", "units", "keys", "term_stats", "length_stats", "marks", "intervals", "edges",
    "rules", "receipts", "answers", "usage", "notes", "audit",
)  # fmt: skip


def drop_rows(connection: sqlite3.Connection, bank: int) -> None:
    """Delete the rows of a bank within a transaction."""
    low, high = bounds(bank)
    # The full text index holds no copy of its texts: it is told what to forget before they go.
    connection.execute(
        "INSERT INTO fts (fts, rowid, scope, terms) SELECT 'delete', pk, scope, terms FROM lexical_units"
        " WHERE pk BETWEEN ? AND ?",
        (low, high),
    )
    for table in ("log", "bodies"):
        connection.execute(f"DELETE FROM {table} WHERE pk BETWEEN ? AND ?", (low, high))
    for (space,) in connection.execute("SELECT space FROM spaces").fetchall():
        for table in ("vectors", "sketches"):
            connection.execute(f"DELETE FROM {table} WHERE pk BETWEEN ? AND ?", vector_bounds(space, bank))
    connection.execute("DELETE FROM jobs WHERE bank = (SELECT name FROM banks WHERE bank = ?)", (bank,))
    for table in _BY_BANK:
        connection.execute(f"DELETE FROM {table} WHERE bank = ?", (bank,))
    kept = connection.execute("SELECT bank FROM banks WHERE name = ?", (DROPPED,)).fetchone()
    if kept is not None and kept[0] > bank:
        connection.execute("DELETE FROM banks WHERE bank = ?", (bank,))
        return
    connection.execute("DELETE FROM banks WHERE name = ?", (DROPPED,))
    connection.execute(
        "UPDATE banks SET name = ?, recipe = '', origin = '', sealed = '', space = NULL, seq = 0, batch = 0,"
        " next_n = 1, next_key = 1, next_unit = 1 WHERE bank = ?",
        (DROPPED, bank),
    )
