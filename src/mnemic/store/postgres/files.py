"""The server's own files, read through the server where the role may: of tables and indexes, the write-ahead log, and
the server's log.

Who may not (superusers may, and members of ``pg_read_server_files`` who were granted ``pg_read_binary_file``) is told
what was not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from mnemic.store.pieces import Pieces
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.job_rows import jobs_schema

_CHUNK, _OVERLAP = 1 << 24, 64
_SEGMENT = 1 << 30
#: Plain tables and partitions; of partitions by hash only those that may hold the bank. Jobs of all banks are in any.
_TABLES = """
SELECT n.nspname::text, c.relname::text, pg_total_relation_size(c.oid)::bigint, c.oid::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_partitioned_table p ON p.partrelid = i.inhparent AND p.partstrat = 'h'
WHERE n.nspname IN (%(schema)s, %(jobs)s) AND c.relkind = 'r' AND (p.partrelid IS NULL OR %(bank)s::bigint IS NULL
  OR satisfies_hash_partition(i.inhparent,
      substring(pg_get_expr(c.relpartbound, c.oid) FROM 'modulus (\\d+)')::int,
      substring(pg_get_expr(c.relpartbound, c.oid) FROM 'remainder (\\d+)')::int, %(bank)s::bigint))
ORDER BY 1, 2"""
#: The files of a table, of what it keeps out of line, and of the indexes of both; and the statistics of columns.
_FILES = """
WITH heaps AS (
  SELECT oid, reltoastrelid FROM pg_class WHERE oid = ANY(%(tables)s) OR oid = 'pg_catalog.pg_statistic'::regclass
), kept AS (
  SELECT oid FROM heaps UNION SELECT reltoastrelid FROM heaps WHERE reltoastrelid <> 0
)
SELECT c.relname::text, pg_relation_filepath(c.oid), pg_relation_size(c.oid)::bigint
FROM pg_class c WHERE c.oid IN (SELECT oid FROM kept)
   OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM kept))
ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that rows lie in, with its bytes on disk."""

    schema: str
    name: str
    size: int
    oid: int


@dataclass(slots=True)
class Seen:
    """What was looked at: pieces by place, the places in words, bytes, and what could not be looked at."""

    hits: dict[str, dict[int, int]] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    bytes: int = 0
    unsearched: list[str] = field(default_factory=list)


def tables_of(session: Session, schema: str, bank: int | None) -> list[Table]:
    """The tables and partitions that may hold rows of a bank, and those of jobs; all of them for None."""
    given = {"schema": schema, "jobs": jobs_schema(schema), "bank": bank}
    found = session.connection.execute(_TABLES.encode(), given).fetchall()
    return [Table(str(where), str(name), int(size), int(oid)) for where, name, size, oid in found]


def search(session: Session, schema: str, bank: int | None, pieces: Pieces) -> Seen:
    """Look for pieces in the server's files, as far as the role may read them."""
    seen = Seen()
    if not _readable(session):
        seen.unsearched = [
            "the server's files, which this role may not read: those of tables, where free space may hold what was"
            " deleted until it is written over, the write-ahead log and the server's log; an administrator runs"
            " VACUUM (FULL) on tables that were only vacuumed, and 'mnemic erasures finish' as a superuser"
        ]
    else:
        tables = [table.oid for table in tables_of(session, schema, bank)]
        rows = session.connection.execute(_FILES.encode(), {"tables": tables}).fetchall()
        for name, path, size in rows:
            for part in range(-(-int(size) // _SEGMENT)):
                _look(session, f"{path}.{part}" if part else str(path), f"file of {name}", pieces, seen)
        seen.places.append("the files of its tables and indexes, and of pg_statistic")
        for folder, listing, told in (
            ("pg_wal", "SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'", "the write-ahead log"),
            (_log_folder(session), "SELECT name FROM pg_ls_logdir()", "the server's log folder"),
        ):
            for (name,) in session.rows(listing) if folder else ():
                _look(session, f"{folder}/{name}", f"{told}: {name}", pieces, seen)
            if folder:
                seen.places.append(told)
        if not _log_folder(session):
            seen.unsearched.append("the server's log, which it writes to another program")
    seen.unsearched += _copies(session)
    return seen


def _readable(session: Session) -> bool:
    row = session.row("SELECT has_function_privilege('pg_read_binary_file(text, bigint, bigint, boolean)', 'execute')")
    if row is None or not row[0]:
        return False
    try:
        session.row("SELECT pg_read_binary_file('PG_VERSION', 0, 2, true)")
        session.row("SELECT count(*) FROM pg_ls_waldir()")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _log_folder(session: Session) -> str:
    row = session.row("SELECT current_setting('logging_collector'), current_setting('log_directory')")
    return str(row[1]) if row is not None and row[0] == "on" else ""


def _look(session: Session, path: str, place: str, pieces: Pieces, seen: Seen) -> None:
    for data in _stretches(session, path):
        seen.bytes += len(data)
        for number, at in pieces.found(data).items():
            seen.hits.setdefault(place, {}).setdefault(number, at)


def _stretches(session: Session, path: str) -> Iterator[bytes]:
    start, before = 0, b""
    while True:
        row = session.row("SELECT pg_read_binary_file(%s, %s, %s, true)", (path, start, _CHUNK))
        # A file may go while it is read: what it held is elsewhere by then, or nowhere.
        data = bytes(row[0]) if row is not None and row[0] else b""
        if not data:
            return
        yield before + data
        start, before = start + len(data), data[-_OVERLAP:]


def _copies(session: Session) -> list[str]:
    """Where the server keeps or sends copies of its write-ahead log."""
    row = session.row(
        "SELECT current_setting('archive_mode'), (SELECT count(*) FROM pg_replication_slots),"
        " (SELECT count(*) FROM pg_stat_replication)"
    )
    archive, slots, senders = row if row is not None else ("off", 0, 0)
    out = []
    if archive != "off":
        out.append("the archive of the write-ahead log: delete what was archived before this erasure, with backups")
    if slots or senders:
        out.append("standby servers and replication slots: they hold what they have not yet been told to delete")
    return out
