"""Backup of embedded stores while they are used: SQLite copies its pages as one read sees them, and no writer waits.

The copy is written under another name, checked, flushed to the disk, and only then given its name.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from mnemic.core.errors import BadInput, StoreError
from mnemic.store.sqlite.schema import APPLICATION_ID, connect

#: Pages copied between two words on progress.
_PAGES = 4096
SUFFIX = ".db"

Progress = Callable[[int, int], None]


def copy_file(source: Path, target: Path, *, on_progress: Progress | None = None) -> None:
    """Copy one store file, as it is at one instant; raises StoreError when it is damaged or is no store."""
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    ours = connect(source, read_only=True)
    try:
        if ours.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreError(f"{source}: is no store of mnemic")
        # What is read within one transaction is not touched by what is written meanwhile.
        ours.execute("BEGIN")
        ours.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        partial.touch(mode=0o600)
        theirs = sqlite3.connect(partial)
        try:
            ours.backup(theirs, pages=_PAGES, progress=_told(on_progress))
            if (found := theirs.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                raise StoreError(f"{source}: is damaged ({found}); 'mnemic doctor' tells more")
        finally:
            theirs.close()
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except sqlite3.Error as error:
        raise StoreError(f"{source}: cannot be copied ({error})") from None
    finally:
        ours.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(OSError):
                partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _told(on_progress: Progress | None) -> Callable[[int, int, int], None] | None:
    if on_progress is None:
        return None
    return lambda _status, remaining, total: on_progress(total - remaining, total)


def copy_store(source: Path, target: Path, *, on_progress: Progress | None = None) -> list[str]:
    """Copy a store, a file or a folder of files, to where nothing is yet; gives the names of the files.

    In a folder each file is copied as it is at one instant, one after another: banks share nothing.
    """
    if not source.exists():
        raise BadInput(f"{source}: does not exist")
    if target.exists():
        raise BadInput(f"{target}: exists already; give a name that is free")
    if not source.is_dir():
        _folder(target.parent)
        copy_file(source, target, on_progress=on_progress)
        return [target.name]
    files = sorted(source.glob("*" + SUFFIX))
    if not files:
        raise BadInput(f"{source}: holds no store")
    # The folder gets its name when all of it is there.
    partial = target.with_name(target.name + ".partial")
    _folder(partial)
    for number, file in enumerate(files):
        copy_file(file, partial / file.name)
        if on_progress is not None:
            on_progress(number + 1, len(files))
    partial.replace(target)
    return [file.name for file in files]


def _folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path}: cannot be made a folder ({error.strerror})") from None
