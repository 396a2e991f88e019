"""Copies whole banks of a store under new names, row by row in SQL, until there are as many as asked for.

Only for sizes whose writing would take longer than the measurement is worth: the copies hold the rows that
``retain`` wrote, with the bank's number changed. ``python benchmarks/multiply.py STORE BANKS``.
"""

from __future__ import annotations

import sqlite3
import sys

from mnemic.store.sqlite.packing import bounds, pack, pack_vector, vector_bounds


def copy_bank(connection: sqlite3.Connection, old: int, new: int, space: int) -> None:
    """Lay down every row of bank ``old`` again as bank ``new``."""
    connection.execute("BEGIN IMMEDIATE")
    for table in [row[0] for row in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'fts%' AND name NOT LIKE 'sqlite%'"
    )]:  # fmt: skip
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        if table in ("banks", "receipts") or not {"pk", "bank"} & set(names):
            continue
        shown = dict(zip(names, names, strict=True))
        vectors = table in ("vectors", "sketches")
        if "pk" in shown:
            shown["pk"] = (
                f"pk + {pack_vector(0, new, 0) - pack_vector(0, old, 0) if vectors else pack(new, 0) - pack(old, 0)}"
            )
        if "bank" in shown:
            shown["bank"] = str(new)
        if "scope" in shown:
            shown["scope"] = f"'b{new}_' || name"
        low, high = vector_bounds(space, old) if vectors else bounds(old)
        where = f"pk BETWEEN {low} AND {high}" if "pk" in shown else f"bank = {old}"
        taken = ", ".join(shown[name] for name in names)
        connection.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM {table} WHERE {where}")
    low, high = bounds(new)
    connection.execute(
        "INSERT INTO fts (rowid, scope, terms) SELECT pk, scope, terms FROM lexical_units WHERE pk BETWEEN ? AND ?",
        (low, high),
    )
    names = [row[1] for row in connection.execute("PRAGMA table_info(banks)")]
    shown = {name: name for name in names} | {"bank": str(new), "name": f"'b' || {1000 + new}"}
    taken = ", ".join(shown[name] for name in names)
    connection.execute(f"INSERT INTO banks ({', '.join(names)}) SELECT {taken} FROM banks WHERE bank = {old}")
    connection.commit()


def main() -> None:
    """Copy banks until there are enough."""
    connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -131072")
    full = [
        row[0] for row in connection.execute("SELECT bank FROM banks WHERE next_n > 10000 AND name NOT LIKE 'b1___'")
    ]
    have = connection.execute("SELECT COUNT(*), MAX(bank) FROM banks WHERE next_n > 10000").fetchone()
    space = connection.execute("SELECT MAX(space) FROM banks").fetchone()[0]
    highest = connection.execute("SELECT MAX(bank) FROM banks").fetchone()[0]
    for place in range(int(sys.argv[2]) - have[0]):
        highest += 1
        copy_bank(connection, full[place % len(full)], highest, space)
        print(highest, flush=True)
    connection.close()


if __name__ == "__main__":
    main()
