"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    # One row a bank; the next_* counters and seq are its watermarks.
    """CREATE TABLE banks (
        bank INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, recipe TEXT NOT NULL, created_at TEXT NOT NULL,
        seq INTEGER NOT NULL DEFAULT 0, batch INTEGER NOT NULL DEFAULT 0, next_n INTEGER NOT NULL DEFAULT 1,
        next_key INTEGER NOT NULL DEFAULT 1, next_unit INTEGER NOT NULL DEFAULT 1, space INTEGER,
        origin TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE log (
        pk INTEGER PRIMARY KEY, batch INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX log_touches ON log (pk) WHERE kind = 'TOUCH'",
    # An event's row key is that of its RETAIN entry in the log, which holds its body.
    """CREATE TABLE events (
        pk INTEGER PRIMARY KEY, bank INTEGER NOT NULL, id TEXT NOT NULL, session TEXT NOT NULL,
        occurred_at INTEGER NOT NULL, formed INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX events_id ON events (bank, id)",
    "CREATE INDEX events_session ON events (bank, session, pk)",
    "CREATE INDEX events_unformed ON events (bank, session, pk) WHERE formed = 0",
    # What filters look at, narrow; the content lies in bodies.
    """CREATE TABLE records (
        pk INTEGER PRIMARY KEY, bank INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
        session TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, tier TEXT NOT NULL,
        epistemic TEXT NOT NULL, event_from INTEGER, event_to INTEGER, version INTEGER NOT NULL,
        from_seq INTEGER NOT NULL, changed_seq INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX records_id ON records (bank, id)",
    "CREATE INDEX records_changed ON records (bank, changed_seq)",
    "CREATE INDEX records_session ON records (bank, session, pk)",
    "CREATE TABLE bodies (pk INTEGER PRIMARY KEY, body TEXT NOT NULL, stats TEXT NOT NULL)",
    """CREATE TABLE versions (
        bank INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, from_seq INTEGER NOT NULL,
        to_seq INTEGER NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX versions_id ON versions (bank, id, from_seq)",
    "CREATE INDEX versions_seq ON versions (bank, to_seq)",
    # A unit is a distinct text under a key name: what is analysed and embedded, once. The text itself is kept
    # where it is embedded, so that another embedder can be given it.
    """CREATE TABLE units (
        pk INTEGER PRIMARY KEY, bank INTEGER NOT NULL, name TEXT NOT NULL, sha BLOB NOT NULL, mode TEXT NOT NULL,
        text TEXT NOT NULL, scope TEXT NOT NULL, terms TEXT NOT NULL, counts BLOB NOT NULL,
        length INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX units_sha ON units (bank, name, mode, sha)",
    # A key row says that a record is found under a unit, from one seq of the log to another.
    """CREATE TABLE keys (
        pk INTEGER PRIMARY KEY, bank INTEGER NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL,
        unit INTEGER NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER)""",
    "CREATE INDEX keys_record ON keys (bank, n)",
    "CREATE INDEX keys_closed ON keys (bank, to_seq) WHERE to_seq IS NOT NULL",
    "CREATE VIEW lexical_units AS SELECT pk, scope, terms FROM units WHERE mode LIKE '%l%'",
    "CREATE VIRTUAL TABLE fts USING fts5(scope, terms, content='lexical_units', content_rowid='pk',"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
    """CREATE TABLE term_stats (
        bank INTEGER NOT NULL, name TEXT NOT NULL, term TEXT NOT NULL, df INTEGER NOT NULL,
        PRIMARY KEY (bank, name, term)) WITHOUT ROWID""",
    """CREATE TABLE length_stats (
        bank INTEGER NOT NULL, name TEXT NOT NULL, docs INTEGER NOT NULL, total INTEGER NOT NULL,
        PRIMARY KEY (bank, name)) WITHOUT ROWID""",
    """CREATE TABLE spaces (
        space INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, name TEXT NOT NULL, dim INTEGER NOT NULL,
        calibration TEXT NOT NULL)""",
    "CREATE TABLE vectors (pk INTEGER PRIMARY KEY, emb BLOB NOT NULL)",
    "CREATE TABLE sketches (pk INTEGER PRIMARY KEY, bits BLOB NOT NULL)",
    """CREATE TABLE marks (
        bank INTEGER NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (bank, field, value, n)) WITHOUT ROWID""",
    """CREATE TABLE intervals (
        bank INTEGER NOT NULL, n INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
        PRIMARY KEY (bank, n, low, high)) WITHOUT ROWID""",
    """CREATE TABLE edges (
        bank INTEGER NOT NULL, src TEXT NOT NULL, rel TEXT NOT NULL, dst TEXT NOT NULL, from_seq INTEGER NOT NULL,
        to_seq INTEGER, body TEXT NOT NULL, PRIMARY KEY (bank, src, rel, dst, from_seq)) WITHOUT ROWID""",
    "CREATE INDEX edges_dst ON edges (bank, dst, rel)",
    """CREATE TABLE rules (
        bank INTEGER NOT NULL, rule TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (bank, rule)) WITHOUT ROWID""",
    """CREATE TABLE receipts (
        bank INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (bank, id)) WITHOUT ROWID""",
)


def upgrade() -> None:
    """Make every table."""
    for statement in STATEMENTS:
        # exec_driver_sql, since a colon in a statement is no bind parameter here.
        op.get_bind().exec_driver_sql(statement)
