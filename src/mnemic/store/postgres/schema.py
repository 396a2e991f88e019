"""Makes the schema, and brings it up to date: once, however many processes start at the same moment.

Every table but the small directory is led by ``bank``, a number that its maker drew at random; no row refers to one of
another bank, and nothing counts across banks. So a table can be split by bank over partitions, servers or shards.
"""

from __future__ import annotations

import contextlib
import re
from hashlib import blake2b
from typing import Any

import psycopg

from mnemic.core.errors import BadInput, StoreError

MINIMUM = 15
PARTITIONS = 8
#: Texts are compared by their bytes, as on every engine.
_TEXT = 'text COLLATE "C" NOT NULL'
#: What grows with what is remembered, split by bank.
SPLIT = (
    "log", "events", "records", "bodies", "versions", "units", "keys", "term_stats", "vectors", "sketches", "marks",
    "intervals", "edges",
)  # fmt: skip

_FIRST = (
    # The directory: small, and the only table that a bank's name is looked up in.
    f"CREATE TABLE banks (name {_TEXT} PRIMARY KEY, bank bigint NOT NULL UNIQUE)",
    # One row a bank, locked by whoever writes to it; seq and the next_* counters are its watermarks.
    f"""CREATE TABLE heads (bank bigint PRIMARY KEY, recipe {_TEXT}, created_at {_TEXT}, seq bigint NOT NULL DEFAULT 0,
        batch bigint NOT NULL DEFAULT 0, next_n bigint NOT NULL DEFAULT 1, next_key bigint NOT NULL DEFAULT 1,
        next_unit bigint NOT NULL DEFAULT 1, space integer, origin {_TEXT} DEFAULT '', sealed {_TEXT} DEFAULT '')
        WITH (fillfactor = 50)""",
    f"""CREATE TABLE spaces (space integer PRIMARY KEY, fingerprint {_TEXT} UNIQUE, name {_TEXT}, dim integer NOT NULL,
        calibration {_TEXT})""",
    f"""CREATE TABLE log (bank bigint NOT NULL, seq bigint NOT NULL, batch bigint NOT NULL, at bigint NOT NULL,
        kind {_TEXT}, body {_TEXT}, PRIMARY KEY (bank, seq))""",
    "CREATE INDEX log_touches ON log (bank, seq) WHERE kind = 'TOUCH'",
    # An event lies beside its RETAIN entry in the log, which holds its body.
    f"""CREATE TABLE events (bank bigint NOT NULL, seq bigint NOT NULL, id {_TEXT}, session {_TEXT},
        occurred_at bigint NOT NULL, formed smallint NOT NULL, sha {_TEXT}, PRIMARY KEY (bank, seq))""",
    "CREATE UNIQUE INDEX events_id ON events (bank, id)",
    "CREATE INDEX events_session ON events (bank, session, seq)",
    "CREATE INDEX events_unformed ON events (bank, seq) WHERE formed = 0",
    "CREATE INDEX events_kept_back ON events (bank, seq) WHERE formed = 2",
    f"""CREATE TABLE records (bank bigint NOT NULL, n bigint NOT NULL, id {_TEXT}, kind {_TEXT}, state {_TEXT},
        session {_TEXT}, actor {_TEXT}, role {_TEXT}, tier {_TEXT}, epistemic {_TEXT}, event_from bigint,
        event_to bigint, version bigint NOT NULL, from_seq bigint NOT NULL, changed_seq bigint NOT NULL,
        PRIMARY KEY (bank, n))""",
    "CREATE UNIQUE INDEX records_id ON records (bank, id)",
    "CREATE INDEX records_changed ON records (bank, changed_seq)",
    f"""CREATE TABLE bodies (bank bigint NOT NULL, n bigint NOT NULL, body {_TEXT}, stats {_TEXT},
        PRIMARY KEY (bank, n))""",
    f"""CREATE TABLE versions (bank bigint NOT NULL, id {_TEXT}, version bigint NOT NULL, from_seq bigint NOT NULL,
        to_seq bigint NOT NULL, body {_TEXT})""",
    "CREATE INDEX versions_id ON versions (bank, id, from_seq)",
    # ``grams`` are the unit's terms, hashed together with bank and key name: an index over them is as walled as one
    # that is led by the bank.
    f"""CREATE TABLE units (bank bigint NOT NULL, unit bigint NOT NULL, name {_TEXT}, sha bytea NOT NULL, mode {_TEXT},
        text {_TEXT}, terms {_TEXT}, counts bytea NOT NULL, length integer NOT NULL, grams bigint[] NOT NULL,
        PRIMARY KEY (bank, unit))""",
    "CREATE UNIQUE INDEX units_sha ON units (bank, name, mode, sha)",
    "CREATE INDEX units_grams ON units USING gin (grams)",
    f"""CREATE TABLE keys (bank bigint NOT NULL, key bigint NOT NULL, n bigint NOT NULL, name {_TEXT},
        unit bigint NOT NULL, from_seq bigint NOT NULL, to_seq bigint, PRIMARY KEY (bank, key))""",
    "CREATE INDEX keys_record ON keys (bank, n)",
    "CREATE INDEX keys_closed ON keys (bank, to_seq) WHERE to_seq IS NOT NULL",
    # Terms and marks are known by their hashes, since a word may be longer than a key of an index.
    f"""CREATE TABLE term_stats (bank bigint NOT NULL, name {_TEXT}, hash bigint NOT NULL, term {_TEXT},
        df bigint NOT NULL, PRIMARY KEY (bank, name, hash))""",
    f"""CREATE TABLE length_stats (bank bigint NOT NULL, name {_TEXT}, docs bigint NOT NULL, total bigint NOT NULL,
        PRIMARY KEY (bank, name))""",
    """CREATE TABLE vectors (bank bigint NOT NULL, space integer NOT NULL, unit bigint NOT NULL, emb {vector} NOT NULL,
        PRIMARY KEY (bank, space, unit))""",
    """CREATE TABLE sketches (bank bigint NOT NULL, space integer NOT NULL, unit bigint NOT NULL,
        bits bit varying NOT NULL, PRIMARY KEY (bank, space, unit))""",
    f"""CREATE TABLE marks (bank bigint NOT NULL, field {_TEXT}, hash bigint NOT NULL, value {_TEXT},
        n bigint NOT NULL, PRIMARY KEY (bank, field, hash, n))""",
    """CREATE TABLE intervals (bank bigint NOT NULL, n bigint NOT NULL, low bigint NOT NULL, high bigint NOT NULL,
        PRIMARY KEY (bank, n, low, high))""",
    f"""CREATE TABLE edges (bank bigint NOT NULL, src {_TEXT}, rel {_TEXT}, dst {_TEXT}, from_seq bigint NOT NULL,
        to_seq bigint, body {_TEXT}, PRIMARY KEY (bank, src, rel, dst, from_seq))""",
    "CREATE INDEX edges_dst ON edges (bank, dst, rel)",
    f"""CREATE TABLE rules (bank bigint NOT NULL, rule {_TEXT}, seq bigint NOT NULL, at bigint NOT NULL,
        PRIMARY KEY (bank, rule))""",
    f"""CREATE TABLE receipts (bank bigint NOT NULL, id {_TEXT}, at bigint NOT NULL, body {_TEXT},
        PRIMARY KEY (bank, id))""",
    "CREATE INDEX receipts_at ON receipts (bank, at)",
    f"""CREATE TABLE answers (bank bigint NOT NULL, key bytea NOT NULL, task {_TEXT}, at bigint NOT NULL,
        answer {_TEXT}, PRIMARY KEY (bank, key))""",
    f"""CREATE TABLE usage (bank bigint NOT NULL, day {_TEXT}, purpose {_TEXT}, task {_TEXT}, calls bigint NOT NULL,
        cached bigint NOT NULL, tokens_in bigint NOT NULL, tokens_out bigint NOT NULL, failures bigint NOT NULL,
        PRIMARY KEY (bank, day, purpose, task))""",
    # Bank 0 is the store itself.
    f"""CREATE TABLE notes (bank bigint NOT NULL, kind {_TEXT}, id {_TEXT}, at bigint NOT NULL, body {_TEXT},
        PRIMARY KEY (bank, kind, id))""",
    f"""CREATE TABLE audit (bank bigint NOT NULL, n bigint NOT NULL, at bigint NOT NULL, who {_TEXT}, verb {_TEXT},
        body {_TEXT}, sha {_TEXT}, PRIMARY KEY (bank, n))""",
    # A job names its bank, which may lie in another store.
    f"""CREATE TABLE jobs (id {_TEXT} PRIMARY KEY, bank {_TEXT}, kind {_TEXT}, due bigint NOT NULL, state {_TEXT},
        tries integer NOT NULL, worker {_TEXT}, until bigint, body {_TEXT}, result {_TEXT})""",
    "CREATE INDEX jobs_waiting ON jobs (state, due)",
)

#: What is sealed is neither a vector nor a string of bits.
_SEALED = tuple(
    f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL, ADD COLUMN sealed bytea"
    for table, column in (("vectors", "emb"), ("sketches", "bits"))
)

#: Columns that hold what was said, by table: the planner asks nothing of them, and statistics would keep samples.
_SAID = {
    "log": ("body",), "events": ("session",), "records": ("session", "actor"), "bodies": ("body", "stats"),
    "versions": ("body",), "units": ("text", "terms"), "term_stats": ("term",),
    "vectors": ("emb",), "sketches": ("bits",), "marks": ("value",), "edges": ("body",), "receipts": ("body",),
    "answers": ("answer",), "notes": ("body",), "audit": ("body",), "jobs": ("body", "result"),
}  # fmt: skip
_UNSAMPLED = tuple(
    f"ALTER TABLE {table} " + ", ".join(f"ALTER COLUMN {column} SET STATISTICS 0" for column in columns)
    for table, columns in _SAID.items()
)

#: One tuple of statements a step; a step that has been released is never edited.
STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SEALED, _UNSAMPLED)


def lock_key(*parts: object) -> int:
    """The number of an advisory lock that stands for what is named, as PostgreSQL counts.

    >>> lock_key("mnemic", "jobs") == lock_key("mnemic", "jobs") != lock_key("mnemic", "audit")
    True
    """
    digest = blake2b("\n".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def check_schema_name(schema: str) -> str:
    """A schema's name back; raises BadInput on one that would have to be quoted."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", schema):
        raise BadInput(f"schema: {schema!r} is no plain name; use lower-case letters, digits and underscores")
    return schema


def prepare(connection: psycopg.Connection[Any], schema: str) -> bool:
    """Make or migrate the schema; gives whether its vectors are pgvector's. Raises StoreError."""
    version = connection.info.server_version // 10_000
    if version < MINIMUM:
        raise StoreError(f"PostgreSQL {version} is too old; mnemic needs {MINIMUM} or newer")
    if (found := _state(connection, schema)) is not None and found[0] == len(STEPS):
        return found[1]
    with connection.transaction():
        # Processes that start at once take turns; the later ones find nothing left to do.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(schema, "schema"),))
        found = _state(connection, schema)
        done, vectors = found or (0, False)
        if done > len(STEPS):
            raise StoreError(
                f"schema {schema!r} was written by a newer mnemic (step {done}, this one knows {len(STEPS)});"
                " upgrade mnemic"
            )
        if found is None:
            vectors = _with_pgvector(connection)
            _run(connection, f"CREATE SCHEMA IF NOT EXISTS {schema}")
            _run(connection, f"CREATE TABLE {schema}.about (step integer NOT NULL, pgvector boolean NOT NULL)")
            _run(connection, f"INSERT INTO {schema}.about VALUES (0, {vectors})")
        _run(connection, f"SET LOCAL search_path TO {schema}, public")
        for step in STEPS[done:]:
            for statement in step:
                _make(connection, statement.replace("{vector}", "vector" if vectors else "bytea"))
        connection.execute("UPDATE about SET step = %s", (len(STEPS),))
    return vectors


def _state(connection: psycopg.Connection[Any], schema: str) -> tuple[int, bool] | None:
    # Of the catalogue's rows: what to_regclass has found missing it may still miss after waiting for a lock.
    statement = "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = 'about'"
    if connection.execute(statement, (schema,)).fetchone() is None:
        return None
    row = connection.execute(f"SELECT step, pgvector FROM {schema}.about".encode()).fetchone()
    return (int(row[0]), bool(row[1])) if row else None


def _with_pgvector(connection: psycopg.Connection[Any]) -> bool:
    # Who may not create extensions can have it created by who may; without it the store works as well.
    with contextlib.suppress(psycopg.Error), connection.transaction():
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
    row = connection.execute(
        "SELECT 1 FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'vector' AND n.nspname = 'public'"
    ).fetchone()
    return row is not None


def _make(connection: psycopg.Connection[Any], statement: str) -> None:
    table = re.match(r"CREATE TABLE (\w+) ", statement)
    if table is None or table[1] not in SPLIT:
        _run(connection, statement)
        return
    _run(connection, statement + " PARTITION BY HASH (bank)")
    for part in range(PARTITIONS):
        _run(
            connection,
            f"CREATE TABLE {table[1]}_{part} PARTITION OF {table[1]}"
            f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {part})",
        )


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    connection.execute(statement.encode())
