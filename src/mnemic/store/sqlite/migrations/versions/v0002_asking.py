"""What language models answered, and what asking them cost. Neither is part of the log.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    # An answer is known by the hash of model, task, prompt and inputs, within one bank.
    """CREATE TABLE answers (
        bank INTEGER NOT NULL, key BLOB NOT NULL, task TEXT NOT NULL, at INTEGER NOT NULL, answer TEXT NOT NULL,
        PRIMARY KEY (bank, key)) WITHOUT ROWID""",
    """CREATE TABLE usage (
        bank INTEGER NOT NULL, day TEXT NOT NULL, purpose TEXT NOT NULL, task TEXT NOT NULL,
        calls INTEGER NOT NULL, cached INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
        failures INTEGER NOT NULL, PRIMARY KEY (bank, day, purpose, task)) WITHOUT ROWID""",
)


def upgrade() -> None:
    """Make both tables."""
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
