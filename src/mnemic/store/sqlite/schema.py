"""Opens an SQLite file as a store: checks what it is, sets its pragmas, brings its schema up to date."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

from mnemic.core.errors import StoreError

APPLICATION_ID = 0x6D6E656D
HEAD = "0003"
MINIMUM = (3, 40, 0)
BUSY_MS = 30_000


def check_sqlite() -> None:
    """Raise StoreError when this Python's SQLite is too old or lacks FTS5."""
    if sqlite3.sqlite_version_info < MINIMUM:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old; mnemic needs 3.40 or newer: use a newer Python build"
        )


def connect(path: Path | str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the store's pragmas: WAL, full durability, erased bytes overwritten."""
    uri = f"{Path(path).absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if not read_only:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -32768")
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be opened as a store ({error})") from None
    return connection


def prepare(path: Path) -> None:
    """Make the file a store of the current schema; a file of something else is left untouched.

    Raises StoreError when the file is no SQLite database, belongs to another program, or was written by
    a newer mnemic.
    """
    check_sqlite()
    if path.is_dir():
        raise StoreError(f"{path}: is a folder, not a store file; end the path with '/' for one file a bank")
    fresh = not path.exists() or path.stat().st_size == 0
    if fresh:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise StoreError(f"{path}: cannot be created ({error.strerror})") from None
    connection = connect(path)
    try:
        version = _version(connection, path, fresh=fresh)
        if version == HEAD:
            return
        # WAL is a property of the file and cannot be switched inside a transaction.
        _switch_to_wal(connection)
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path}: cannot be written ({error})") from None
    finally:
        connection.close()
    _migrate(path)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # No busy handler is met here: processes that make one store at once take turns by trying again.
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _version(connection: sqlite3.Connection, path: Path, *, fresh: bool) -> str | None:
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: is not an SQLite database ({error}); give another --store") from None
    if application not in (0, APPLICATION_ID) or (application == 0 and tables and not fresh):
        raise StoreError(f"{path}: is the SQLite file of another program; give another --store")
    if "alembic_version" not in tables:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row and row[0] > HEAD:
        raise StoreError(
            f"{path}: was written by a newer mnemic (schema {row[0]}, this one knows {HEAD}); upgrade mnemic"
        )
    return row[0] if row else None


def _migrate(path: Path) -> None:
    # Alembic costs 0.4 s to import, so it is met only by a store that is new or old.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                with contextlib.suppress(Exception):
                    connection.exec_driver_sql("ROLLBACK")
                raise
    finally:
        engine.dispose()
