"""Makes erased bytes leave the file: full text index, write-ahead log, free pages; then looks whether any is left.

SQLite overwrites what it deletes (``secure_delete``), but the full text index keeps terms in segments that are merged
later, the write-ahead log keeps pages as they were, and pages that were rebuilt may keep stale cells. So the index is
optimised into one segment, the log is checkpointed and truncated, and where the search still finds something the whole
file is written anew.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from mnemic.store.erasing import Purged, Searched
from mnemic.store.pieces import Pieces

#: Above this, VACUUM keeps its copy, which holds what stays alone, in a temporary file instead of in memory.
_IN_MEMORY = 256 << 20
#: Where what stays may say it too: first where most of it is met. Columns that lie side by side in a page are joined,
#: since the end of one and the beginning of the next may be a short word by chance.
_LIVE = (
    "SELECT terms FROM units", "SELECT text FROM units", "SELECT body FROM log", "SELECT name || term FROM term_stats",
    "SELECT field || value FROM marks", "SELECT body FROM audit", "SELECT bits FROM sketches",
    "SELECT emb FROM vectors",
)  # fmt: skip


def purge(connection: sqlite3.Connection, path: Path, *, thorough: bool, patience: float) -> Purged:
    """Drive erased bytes out of the file; ``thorough`` writes it anew. ``patience``: seconds to wait for readers."""
    until = time.monotonic() + patience
    # Also where the file is written anew: terms that were deleted are content of the index until its segments merge.
    connection.execute("INSERT INTO fts (fts) VALUES ('optimize')")
    steps = ["full text index written anew"]
    if thorough:
        large = path.stat().st_size > _IN_MEMORY
        connection.execute(f"PRAGMA temp_store = {'FILE' if large else 'MEMORY'}")
        connection.execute("VACUUM")
        connection.execute("PRAGMA temp_store = MEMORY")
        steps.append("file written anew")
    connection.execute(f"PRAGMA busy_timeout = {max(1, int(patience * 1000))}")
    try:
        busy = _checkpoint(connection)
        while busy and time.monotonic() < until:
            time.sleep(0.05)
            busy = _checkpoint(connection)
    finally:
        connection.execute("PRAGMA busy_timeout = 30000")
    if busy:
        return Purged(tuple(steps), ("write-ahead log: another reader of the file holds an older state",))
    return Purged((*steps, "write-ahead log emptied"))


def _checkpoint(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def search(connection: sqlite3.Connection, path: Path, pieces: Pieces) -> Searched:
    """Look for pieces in every file of the store, byte by byte; what survivors say themselves is no finding."""
    files = [f for f in (path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")) if f.exists()]
    hits = {file: pieces.found_in_file(file) for file in files}
    left = set().union(*hits.values())
    for statement in _LIVE:
        if left:
            numbers = sorted(left)
            said = pieces.of(numbers).found_in(_values(connection, statement))
            left.difference_update(numbers[number] for number in said)
    findings = [
        f"{file.name}: byte {place}: a piece of what was erased"
        for file, found in hits.items()
        for number, place in sorted(found.items(), key=lambda item: item[1])
        if number in left
    ]
    total = sum(file.stat().st_size for file in files)
    return Searched(tuple(file.name for file in files), total, tuple(findings))


def _values(connection: sqlite3.Connection, statement: str) -> Iterator[bytes]:
    for (value,) in connection.execute(statement):
        yield value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
