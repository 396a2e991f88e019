"""Makes erased bytes leave the server's files as far as a client can, and looks through every table for what is left.

VACUUM takes dead rows out of tables and indexes, and FULL writes the tables anew; a checkpoint writes pages to disk.
The server's write-ahead log and its backups are its owner's, and are kept as long as he says.
"""

from __future__ import annotations

from collections.abc import Iterator

from mnemic.core.errors import MnemicError
from mnemic.store.erasing import Purged, Searched
from mnemic.store.pieces import Pieces
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.job_rows import jobs_schema, laid

#: Tables that are looked at only where something was found: what they hold is what stays.
_LIVE = ("log", "units", "vectors", "sketches", "term_stats", "audit")
_WIDE = ("text", "bytea", "character varying", "vector", "USER-DEFINED", "jsonb")


def purge(session: Session, schema: str, *, thorough: bool) -> Purged:
    """VACUUM every table of the store and of its jobs, ANALYZE it, and write a checkpoint where the role may."""
    session.run("SET statement_timeout = 0")
    try:
        # Of few dead rows the server would leave the entries in its indexes, which hold words and vectors.
        how = "FULL, ANALYZE" if thorough else "INDEX_CLEANUP ON, ANALYZE"
        for where in (schema, jobs_schema(schema)):
            for table in _tables(session, where):
                session.run(f'VACUUM ({how}) "{where}"."{table}"')
    finally:
        session.run("RESET statement_timeout")
    steps = ["tables written anew" if thorough else "dead rows taken out of tables and indexes", "statistics made anew"]
    try:
        session.run("CHECKPOINT")
        steps.append("checkpoint written")
    except MnemicError:
        steps.append("checkpoint left to the server: this role may not ask for one")
    except Exception as error:
        if "permission" not in str(error) and "privilege" not in str(error) and "superuser" not in str(error):
            raise
        steps.append("checkpoint left to the server: this role may not ask for one")
    return Purged(tuple(steps))


def search(session: Session, schema: str, pieces: Pieces) -> Searched:
    """Look for pieces in every column of text and bytes of every table; what survivors say themselves is no finding."""
    hits: dict[str, dict[int, int]] = {}
    total = [0]
    said: dict[int, int] = {}
    for where in (schema, jobs_schema(schema)):
        for table in _tables(session, where):
            found = pieces.found_in(_values(session, where, table, total))
            (said if table in _LIVE else hits.setdefault(table, {})).update(found)
    findings = [
        f"table {table}: a piece of what was erased"
        for table, found in hits.items()
        if any(number not in said for number in found)
    ]
    places = (
        f"every table of schema {schema}",
        *([f"the jobs in {jobs_schema(schema)}"] if laid(session, schema) else []),
    )
    return Searched(places, total[0], tuple(findings))


def _tables(session: Session, schema: str) -> list[str]:
    rows = session.rows(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
        (schema,),
    )
    return [str(row[0]) for row in rows]


def _values(session: Session, schema: str, table: str, total: list[int]) -> Iterator[bytes]:
    columns = session.rows(
        "SELECT column_name::text, data_type::text FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND data_type = ANY(%s)",
        (schema, table, list(_WIDE)),
    )
    if not columns:
        return
    named = ", ".join(f'"{column}"{"::text" if kind == "jsonb" else ""}' for column, kind in columns)
    with session.connection.transaction(), session.connection.cursor(f"mnemic_search_{table}", binary=True) as cursor:
        cursor.itersize = 2_000
        cursor.execute(f'SELECT {named} FROM "{schema}"."{table}"'.encode())
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
