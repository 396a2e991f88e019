"""The schema of jobs: procrastinate's tables as it makes them, and what came of each job, beside the store's schema.

Made by the first process that opens the queue, and brought up to date by the first that has a newer procrastinate.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from procrastinate.schema import SchemaManager

from mnemic.core.errors import StoreError
from mnemic.store.postgres.connections import Connections, Session
from mnemic.store.postgres.job_rows import jobs_schema
from mnemic.store.postgres.schema import lock_key

#: What procrastinate keeps no place for: the worker's name, and what it came to.
_OURS = (
    "CREATE TABLE outcomes (job bigint PRIMARY KEY REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,"
    " worker text COLLATE \"C\" NOT NULL, result jsonb NOT NULL DEFAULT '{}')",
    # Statistics would keep samples of what jobs were asked for and came to.
    "ALTER TABLE procrastinate_jobs ALTER COLUMN args SET STATISTICS 0",
    "ALTER TABLE outcomes ALTER COLUMN result SET STATISTICS 0",
    # The last of procrastinate's migrations that this schema has seen.
    'CREATE TABLE migrated (migration text COLLATE "C" NOT NULL)',
)


def migrations() -> Sequence[Path]:
    """The migrations of the procrastinate that is installed, in their order."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def lay(connections: Connections) -> None:
    """Make the schema, or bring it up to date; raises StoreError when a newer procrastinate made it."""
    newest = migrations()[-1].name
    with connections.connection() as session:
        if _seen(session, connections.schema) == newest:
            return
    with connections.writing() as session:
        # Processes that start at once take turns; the later ones find nothing left to do.
        session.rows("SELECT pg_advisory_xact_lock(%s)", (lock_key(connections.schema, "jobs schema"),))
        seen = _seen(session, connections.schema)
        name = jobs_schema(connections.schema)
        if seen is None and session.row("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,)) is None:
            session.run(f"CREATE SCHEMA {name}")
        session.run(f"SET LOCAL search_path TO {name}")
        if seen is None:
            for statement in (SchemaManager.get_schema(), *_OURS):
                session.connection.execute(statement.encode())
            session.run("INSERT INTO migrated VALUES (%s)", (newest,))
        elif seen > newest:
            raise StoreError(
                f"schema {name!r} was made by a newer procrastinate; upgrade it here: pip install -U 'mnemic[postgres]'"
            )
        else:
            for migration in migrations():
                if migration.name > seen:
                    session.connection.execute(migration.read_bytes())
            session.run("UPDATE migrated SET migration = %s", (newest,))


def _seen(session: Session, schema: str) -> str | None:
    name = jobs_schema(schema)
    # Of the catalogue's rows: what to_regclass has found missing it may still miss after waiting for a lock.
    there = session.row("SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = 'migrated'", (name,))
    row = session.row(f"SELECT migration FROM {name}.migrated") if there else None
    return str(row[0]) if row else None
