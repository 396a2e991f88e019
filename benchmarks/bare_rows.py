"""The bare database doing the same rows: what each write of the engine left in every table, written again without it.

A bank is filled by the engine, write by write; the rows that a write added or changed are those in which the tables
differ before and after. A copy of the store as it was before then takes the very rows, by prepared statements, one
commit a write: the same schema, indexes and durability, and no engine.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import mnemic
from mnemic.memory import Memory

Rows = set[tuple[Any, ...]]
Tables = dict[str, Rows]
BANK, WARM, WARMER = "bare", 40, 10


def _said(n: int) -> str:
    return f"Client told in turn {n} of tea {n % 99} and of garden {n * 7 % 999}."


def _filled(memory: Memory, writes: int) -> Iterator[None]:
    """Fill a bank, halting before the first measured write and after each."""
    bank = memory.bank(BANK)
    bank.retain([{"role": "user", "content": f"Turn {i} told of tea {i} and of bees."} for i in range(WARM)])
    for n in range(writes + WARMER):
        if n >= WARMER:
            yield
        bank.retain([{"id": f"bare-{n}", "role": "user", "content": _said(n)}], session="s1")
    yield


def _differences(states: Iterator[Tables]) -> list[Tables]:
    """The rows that each write left, by table."""
    before, found = next(states), []
    for after in states:
        found.append({name: rows - before.get(name, set()) for name, rows in after.items() if rows - before[name]})
        before = after
    return found


def _summary(written: list[Tables], seconds: float) -> dict[str, float]:
    rows = sum(len(rows) for write in written for rows in write.values())
    return {"writes_per_s": round(len(written) / seconds, 1), "rows_per_write": round(rows / len(written), 1)}


def on_sqlite(folder: Path, writes: int) -> dict[str, float]:
    """Writes a second of a bare SQLite file."""
    path, copy = folder / "engine.db", folder / "bare.db"
    with mnemic.open(path, embedder="hashing", reranker="overlap") as memory, closing(sqlite3.connect(path)) as seen:

        def states() -> Iterator[Tables]:
            names = [row[0] for row in seen.execute(
                "SELECT m.name FROM sqlite_master m JOIN pragma_table_list t ON t.name = m.name"
                " WHERE t.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            )]  # fmt: skip
            for n, _ in enumerate(_filled(memory, writes)):
                if n == 0:
                    seen.execute("VACUUM INTO ?", (str(copy),))
                yield {name: set(seen.execute(f'SELECT * FROM "{name}"')) for name in names}

        written = _differences(states())
    with closing(sqlite3.connect(copy, isolation_level=None)) as bare:
        for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            bare.execute(f"PRAGMA {setting}")
        began = time.perf_counter()
        for write in written:
            bare.execute("BEGIN IMMEDIATE")
            for name, rows in write.items():
                marks = ", ".join("?" * len(next(iter(rows))))
                bare.executemany(f'INSERT OR REPLACE INTO "{name}" VALUES ({marks})', rows)
            bare.execute("COMMIT")
        return _summary(written, time.perf_counter() - began)


def on_postgres(dsn: str, writes: int) -> dict[str, float]:
    """Writes a second of bare tables on a PostgreSQL: copies of the engine's, with their indexes."""
    import psycopg
    from psycopg import sql

    engine, schema = "bare_engine", "bare_copy"
    at = f"{dsn}{'&' if '?' in dsn else '?'}schema={engine}"
    with mnemic.open(at, embedder="hashing", reranker="overlap") as memory, psycopg.connect(dsn, autocommit=True) as db:
        # Partitions are the engine's way to lay one table out; what is compared are the tables.
        names = [row[0] for row in db.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition", (engine,),
        )]  # fmt: skip

        def states() -> Iterator[Tables]:
            for n, _ in enumerate(_filled(memory, writes)):
                if n == 0:
                    db.execute(f"CREATE SCHEMA {schema}")
                    for name in names:
                        db.execute(f"CREATE TABLE {schema}.{name} (LIKE {engine}.{name} INCLUDING ALL)")
                        db.execute(f"INSERT INTO {schema}.{name} SELECT * FROM {engine}.{name}")
                read: Tables = {}
                for name in names:
                    cursor = db.cursor(binary=False)
                    read[name] = {tuple(row) for row in cursor.execute(f"SELECT {_as_text(db, engine, name)}")}
                yield read

        written = _differences(states())
        statements = {name: _insert(db, schema, name) for name in names}
        db.autocommit = False
        began = time.perf_counter()
        for write in written:
            for name, rows in write.items():
                db.cursor().executemany(statements[name], list(rows))
            db.commit()
        seconds = time.perf_counter() - began
        for name in (engine, schema):
            db.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
        db.commit()
    return _summary(written, seconds)


def _columns(db: Any, schema: str, table: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = db.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (f"{schema}.{table}",),
    ).fetchall()
    return found


def _as_text(db: Any, schema: str, table: str) -> str:
    return ", ".join(f'"{name}"::text' for name, _ in _columns(db, schema, table)) + f" FROM {schema}.{table}"


def _insert(db: Any, schema: str, table: str) -> str:
    columns = _columns(db, schema, table)
    names = [name for name, _ in columns]
    key = [row[0] for row in db.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indrelid = %s::regclass AND i.indisprimary", (f"{schema}.{table}",),
    )]  # fmt: skip
    marks = ", ".join(f"%s::{kind}" for _, kind in columns)
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in names if name not in key)
    clash = f"ON CONFLICT ({', '.join(key)}) DO " + (f"UPDATE SET {sets}" if sets else "NOTHING") if key else ""
    return f"INSERT INTO {schema}.{table} VALUES ({marks}) {clash}"
