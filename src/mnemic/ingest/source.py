"""What is imported: a file, or bytes with a name, read as lines of bounded length or as a whole text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from mnemic.core.errors import BadInput
from mnemic.ingest.decoding import ZIP_MAGICS, decoded, whole
from mnemic.ingest.message import MAX_MESSAGE_BYTES

MAX_LINE_CHARS = 8 * MAX_MESSAGE_BYTES
"""The longest line that is looked at: a full message may be escaped in JSON at six characters for one."""

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Source:
    """A file, or bytes with a name.

    >>> source = Source.of(b"\\xef\\xbb\\xbfone\\r\\ntwo")
    >>> list(source.lines())
    [(1, 'one'), (2, 'two')]
    """

    name: str
    stem: str
    path: Path | None = None
    data: bytes = b""
    modified: datetime | None = None

    @classmethod
    def of(cls, origin: str | Path | bytes) -> Source:
        """A path's file, or the bytes; raises BadInput for one that is missing, empty, unreadable."""
        if isinstance(origin, bytes):
            source = cls(name="input", stem="import", data=origin)
            empty = not origin
        else:
            path = Path(origin)
            name = _printable(str(path))
            try:
                if path.is_dir():
                    raise BadInput(f"{name}: is a directory; give one file in it, such as conversations.json")
                if path.exists() and not path.is_file():
                    raise BadInput(f"{name}: is no regular file; save what it gives to a file first")
                found = path.stat()
                modified = datetime.fromtimestamp(found.st_mtime, UTC)
                with path.open("rb"):
                    empty = found.st_size == 0
            except FileNotFoundError:
                raise BadInput(f"{name}: no such file; check the path") from None
            except (OSError, ValueError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise BadInput(f"{name}: cannot be read ({reason}); check the path and its permissions") from None
            source = cls(name=name, stem=_printable(path.stem), path=path, modified=modified)
        if empty:
            raise BadInput(f"{source.name}: is empty; give a file with at least one message")
        return source

    def open(self) -> BinaryIO:
        """The bytes from the start."""
        return self.path.open("rb") if self.path else io.BytesIO(self.data)

    def head(self, size: int = _CHUNK) -> bytes:
        """The first ``size`` bytes."""
        with self.open() as stream:
            return stream.read(size)

    def is_zip(self) -> bool:
        """Whether the bytes start as a zip archive does."""
        return self.head(4) in ZIP_MAGICS

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Number and text of each line; None for one of more than MAX_LINE_CHARS, which is not kept."""
        with self.open() as stream:
            yield from _lines(decoded(stream, self.name))

    def text(self) -> str:
        """The whole text; raises BadInput above MAX_DOCUMENT_BYTES."""
        with self.open() as stream:
            return whole(stream, self.name)


def _printable(name: str) -> str:
    """A file name without line breaks or broken characters, and its end when it is very long."""
    clean = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)
    return clean if len(clean) <= 200 else f"...{clean[-197:]}"


def _lines(pieces: Iterator[str]) -> Iterator[tuple[int, str | None]]:
    number = 1
    held: list[str] = []
    length = 0
    for piece in pieces:
        for index, part in enumerate(piece.split("\n")):
            if index:
                yield number, _line(held, length)
                number, held, length = number + 1, [], 0
            length += len(part)
            if length <= MAX_LINE_CHARS:
                held.append(part)
            else:
                held.clear()
    if length:
        yield number, _line(held, length)


def _line(held: list[str], length: int) -> str | None:
    return "".join(held).removesuffix("\r") if length <= MAX_LINE_CHARS else None
