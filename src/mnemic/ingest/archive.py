"""Zip archives of chat exports: only the conversation files are opened, in memory, within limits.

Entries whose names leave the archive, encrypted ones and bombs (size or ratio) are refused before they are
unpacked, and the declared size is not trusted while unpacking.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from mnemic.core.errors import BadInput
from mnemic.ingest.decoding import MAX_DOCUMENT_BYTES, whole
from mnemic.ingest.source import Source

MAX_RATIO = 200
"""The most that an entry may grow when it is unpacked; JSON grows five- to tenfold."""

_RATIO_MATTERS_FROM = 1 << 20
_MAX_ENTRIES = 100_000
_DRIVE = re.compile(r"[A-Za-z]:")
_CONVERSATIONS = re.compile(r"conversations(-\d{1,6})?\.json")


def conversation_texts(source: Source) -> Iterator[str]:
    """The texts of ``conversations.json``, or of ``conversations-000.json`` and the following, in order.

    Raises BadInput for archives that are damaged, hold no such file, or are not safe to unpack.

    >>> import io, zipfile
    >>> packed = io.BytesIO()
    >>> with zipfile.ZipFile(packed, "w") as archive:
    ...     archive.writestr("conversations-000.json", "[]")
    >>> list(conversation_texts(Source.of(packed.getvalue())))
    ['[]']
    """
    with _opened(source) as archive:
        left = MAX_DOCUMENT_BYTES
        for entry in _conversation_entries(archive, source.name):
            with archive.open(entry) as stream:
                text = whole(stream, f"{source.name}/{entry.filename}", left)
            left -= len(text)
            yield text


def conversation_head(source: Source, size: int) -> bytes:
    """The first bytes of the first conversation file, for telling exports apart."""
    with _opened(source) as archive, archive.open(_conversation_entries(archive, source.name)[0]) as stream:
        return stream.read(size)


@contextmanager
def _opened(source: Source) -> Iterator[zipfile.ZipFile]:
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise BadInput(f"{source.name}: is a damaged zip archive ({error}); download the export again") from None


def _conversation_entries(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES:
        raise BadInput(f"{name}: holds {len(entries)} files, more than {_MAX_ENTRIES}; give conversations.json itself")
    found = []
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or _DRIVE.match(entry.filename):
            raise BadInput(f"{name}: entry {entry.filename!r} points outside of the archive; the archive is not safe")
        if _CONVERSATIONS.fullmatch(path.name) and not entry.is_dir():
            found.append(entry)
    if not found:
        raise BadInput(f"{name}: holds no conversations.json; give the archive of a ChatGPT or Claude export")
    found.sort(key=lambda entry: entry.filename)
    for entry in found:
        if entry.flag_bits & 0x1:
            raise BadInput(f"{name}: entry {entry.filename!r} is encrypted; unpack it first")
        grown = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > _RATIO_MATTERS_FROM and grown > MAX_RATIO:
            raise BadInput(
                f"{name}: entry {entry.filename!r} unpacks to {grown:.0f} times its size, "
                f"more than {MAX_RATIO}; unpack it and give conversations.json itself"
            )
    total = sum(entry.file_size for entry in found)
    if total > MAX_DOCUMENT_BYTES:
        raise BadInput(
            f"{name}: its conversations unpack to {total >> 20} MiB, "
            f"more than {MAX_DOCUMENT_BYTES >> 20} MiB; unpack it and import the files one by one"
        )
    return found
