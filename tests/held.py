"""All bytes that a store holds: of its files, or of every row of every table of its database."""

from __future__ import annotations

from pathlib import Path

import psycopg

from mnemic.store.postgres.store import parted


def bytes_at(address: str) -> bytes:
    """The bytes of a file with its log, of a folder, or of a database, whatever its schema."""
    if "://" in address:
        return _rows(parted(address)[0]).encode()
    path = Path(address)
    files = path.rglob("*") if path.is_dir() else path.parent.glob(path.name + "*")
    return b"".join(file.read_bytes() for file in files if file.is_file())


def _rows(dsn: str) -> str:
    told: list[str] = []
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            told += [row[0] for row in connection.execute(f"SELECT t::text FROM {table} t".encode())]
    return "\n".join(told)
