"""Checksums of weight files, remembered per (path, size, modification time) in the user's cache folder.

Hashing 34 MB takes about 50 ms, which every process would pay at start; a ``stat`` takes microseconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path


def _cache_file() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mnemic" / "checksums.json"


def _load(cache: Path) -> dict[str, str]:
    try:
        known = json.loads(cache.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _save(cache: Path, known: dict[str, str]) -> None:
    # A read-only home only costs the next process another hash.
    with contextlib.suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        draft = cache.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")
        draft.replace(cache)


def _is_current(entry: str, changed: Path) -> bool:
    path = Path(entry.rsplit("|", 2)[0])
    return path != changed and path.exists()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal.

    Parameters
    ----------
    path
        An existing file.

    Raises
    ------
    OSError
        The file cannot be read.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "weights").write_bytes(b"abc")
    ...     file_sha256(Path(folder, "weights"))[:16]
    'ba7816bf8f01cfea'
    """
    path = path.resolve()
    status = path.stat()
    key = f"{path}|{status.st_size}|{status.st_mtime_ns}"
    cache = _cache_file()
    known = _load(cache)
    if key not in known:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        # Entries of files that changed or went away would only pile up.
        kept = {entry: known[entry] for entry in known if _is_current(entry, path)}
        _save(cache, kept | {key: digest})
        return digest
    return known[key]
