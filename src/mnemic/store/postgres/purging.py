"""Makes erased bytes leave the server's files as far as a client can, and looks for what is left: in every table, and
in the server's own files where the role may read them.

VACUUM only marks the place of dead rows as free; their bytes stay in the page until others are written over them. So
what may hold a bank is written anew (VACUUM FULL) as long as that is no great matter. The write-ahead log is written
over in turn; see :mod:`mnemic.store.postgres.washing`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from psycopg import errors

from mnemic.store.erasing import Purged, Searched
from mnemic.store.pieces import Pieces
from mnemic.store.postgres import files, washing
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.job_rows import jobs_schema, laid

#: What stays may say it too: tables that are looked at only for that.
_LIVE = ("log", "units", "vectors", "sketches", "term_stats", "audit")
_WIDE = ("text", "bytea", "character varying", "vector", "USER-DEFINED", "jsonb")
#: Tables up to so many bytes, with their indexes, are written anew at once; nobody can use one meanwhile.
REWRITTEN = 2 << 30
#: What a lock is waited for at least, in milliseconds.
_LEAST = 100


def purge(session: Session, schema: str, bank: int | None, *, thorough: bool, patience: float) -> Purged:
    """Write anew what may hold a bank (all of the schema where it is None) and the jobs, then the write-ahead log.

    Large tables are only vacuumed, unless ``thorough``. ``patience``: seconds to wait for readers, of all tables.
    """
    steps: list[str] = []
    waits: list[str] = []
    session.run("SET statement_timeout = 0")
    until = time.monotonic() + patience
    try:
        for table in files.tables_of(session, schema, bank):
            session.run(f"SET lock_timeout = {max(_LEAST, int(1000 * (until - time.monotonic())))}")
            full = thorough or table.size <= REWRITTEN
            # Of few dead rows the server would leave the entries in its indexes, which hold words and vectors.
            how = "FULL, ANALYZE" if full else "INDEX_CLEANUP ON, ANALYZE"
            try:
                session.run(f'VACUUM ({how}) "{table.schema}"."{table.name}"')
            except Exception as error:
                if not _held(error):
                    raise
                waits.append(f"table {table.name}: is held by another transaction")
                continue
            steps.append("tables written anew, with their indexes and statistics" if full else "large tables vacuumed")
        try:
            steps.append(_statistics(session, schema))
        except Exception as error:
            if not _held(error):
                raise
            waits.append("pg_statistic: is held by another transaction")
        steps += washing.wash(session)
    finally:
        session.run("RESET statement_timeout")
        session.run("RESET lock_timeout")
    return Purged(tuple(dict.fromkeys(steps)), tuple(waits))


def _statistics(session: Session, schema: str) -> str:
    """Write anew the table of statistics: its rows, also dead ones, hold samples of columns, such as ids."""
    # Those of a whole partitioned table are made by nobody but who asks for them, and stay until he asks again.
    both = [schema, jobs_schema(schema)]
    for where, table in session.rows(
        "SELECT DISTINCT schemaname::text, tablename::text FROM pg_stats WHERE schemaname = ANY(%s) AND inherited",
        (both,),
    ):
        session.run(f'ANALYZE "{where}"."{table}"')
    # ANALYZE leaves those of a table that has become empty as they were.
    stale = (
        "FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname JOIN pg_class c ON c.relnamespace = n.oid"
        " AND c.relname = s.tablename WHERE s.schemaname = ANY(%s) AND c.reltuples <= 0"
    )
    superuser = session.row("SELECT current_setting('is_superuser') = 'on'") == (True,)
    if superuser:
        session.run(f"DELETE FROM pg_catalog.pg_statistic WHERE starelid IN (SELECT c.oid {stale})", (both,))
    elif session.row("SELECT 1 FROM pg_proc WHERE proname = 'pg_clear_attribute_stats'"):
        session.rows(
            "SELECT pg_clear_attribute_stats(s.schemaname::text, s.tablename::text, s.attname::text, s.inherited)::text"
            f" {stale}",
            (both,),
        )
    elif session.row(f"SELECT 1 {stale} LIMIT 1", (both,)):
        return "pg_statistic keeps samples of tables that are empty now: a superuser deletes them from it"
    row = session.row("SELECT pg_has_role(datdba, 'usage') FROM pg_database WHERE datname = current_database()")
    if not superuser and row != (True,):
        return "pg_statistic left to the owner of the database: VACUUM (FULL) pg_catalog.pg_statistic"
    session.run("VACUUM (FULL) pg_catalog.pg_statistic")
    return "pg_statistic written anew"


def _held(error: Exception) -> bool:
    return isinstance(error, (errors.LockNotAvailable, errors.DeadlockDetected))


def search(session: Session, schema: str, bank: int | None, pieces: Pieces) -> Searched:
    """Look for pieces in all columns of text and bytes of what may hold a bank, and in files that the role may read.

    What survivors say themselves is no finding.
    """
    hits: dict[str, dict[int, int]] = {}
    total = [0]
    said: set[int] = set()
    for table in files.tables_of(session, schema, bank):
        found = pieces.found_in(_values(session, table, total))
        if table.name.rstrip("0123456789").rstrip("_") in _LIVE:
            said.update(found)
        else:
            hits.setdefault(f"table {table.name}", {}).update(found)
    seen = files.search(session, schema, bank, pieces)
    hits.update(seen.hits)
    findings = [
        f"{place}: a piece of what was erased"
        for place, found in hits.items()
        if any(number not in said for number in found)
    ]
    places = (
        f"every table of schema {schema} that may hold the bank",
        *([f"the jobs in {jobs_schema(schema)}"] if laid(session, schema) else []),
        *seen.places,
    )
    return Searched(places, total[0] + seen.bytes, tuple(findings), tuple(seen.unsearched))


def _values(session: Session, table: files.Table, total: list[int]) -> Iterator[bytes]:
    columns = session.rows(
        "SELECT column_name::text, data_type::text FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND data_type = ANY(%s)",
        (table.schema, table.name, list(_WIDE)),
    )
    if not columns:
        return
    named = ", ".join(f'"{column}"{"::text" if kind == "jsonb" else ""}' for column, kind in columns)
    name = f"mnemic_search_{table.name}"
    with session.connection.transaction(), session.connection.cursor(name, binary=True) as cursor:
        cursor.itersize = 2_000
        cursor.execute(f'SELECT {named} FROM "{table.schema}"."{table.name}"'.encode())
        for row in cursor:
            for value in row:
                raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else _bytes(value)
                total[0] += len(raw)
                yield raw


def _bytes(value: object) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    tobytes = getattr(value, "tobytes", None)
    return bytes(tobytes()) if tobytes is not None else b""
