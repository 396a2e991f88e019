"""Notes of governance, the audit's chain, jobs, and the key with which a bank is sealed.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Bank 0 is the store itself.
    """CREATE TABLE notes (
        bank INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (bank, kind, id)) WITHOUT ROWID""",
    """CREATE TABLE audit (
        bank INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL,
        body TEXT NOT NULL, sha TEXT NOT NULL, PRIMARY KEY (bank, n)) WITHOUT ROWID""",
    # A job names its bank, which may lie in another file.
    """CREATE TABLE jobs (
        id TEXT PRIMARY KEY, bank TEXT NOT NULL, kind TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL,
        tries INTEGER NOT NULL, worker TEXT NOT NULL, until INTEGER, body TEXT NOT NULL, result TEXT NOT NULL)
        WITHOUT ROWID""",
    "CREATE INDEX jobs_waiting ON jobs (state, due)",
    "CREATE INDEX events_kept_back ON events (bank, pk) WHERE formed = 2",
    # Empty: not sealed; else the bank's own key, wrapped.
    "ALTER TABLE banks ADD COLUMN sealed TEXT NOT NULL DEFAULT ''",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
