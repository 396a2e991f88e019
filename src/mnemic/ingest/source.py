"""Bytes to text: a file or bytes are told apart from binaries, decoded and cut into lines of bounded length.

UTF-8 with or without byte order mark, and UTF-16 with one, are read; anything else is refused at its first
bad byte.
Source: The Unicode Standard 16.0, section 23.8 (byte order mark).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from mnemic.core.errors import BadInput
from mnemic.ingest.message import MAX_MESSAGE_BYTES

MAX_LINE_CHARS = 8 * MAX_MESSAGE_BYTES
"""The longest line that is looked at: a full message may be escaped in JSON at six characters for one."""

MAX_DOCUMENT_BYTES = 512 << 20
"""The largest JSON document, which is read as a whole: 512 MiB."""

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BINARIES = (
    (b"SQLite format 3\x00", "a SQLite database; export its messages as JSON Lines first"),
    *(
        (magic, "a zip archive; only ChatGPT and Claude exports are read from archives")
        for magic in ZIP_MAGICS
    ),
    (b"\x1f\x8b", "gzip data; unpack it first, for instance with gunzip"),
    (b"%PDF-", "a PDF; save it as plain text first"),
    (b"\x89PNG", "a picture; conversations are text"),
    (b"\xff\xd8\xff", "a picture; conversations are text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text; convert it to UTF-8 first"),
    (b"\xff\xfe\x00\x00", "UTF-32 text; convert it to UTF-8 first"),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
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
                raise BadInput(
                    f"{name}: cannot be read ({reason}); check the path and its permissions"
                ) from None
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


def decoded(stream: BinaryIO, name: str) -> Iterator[str]:
    """The text of a stream, piece by piece; raises BadInput for binaries and at the first undecodable byte.

    >>> list(decoded(io.BytesIO(b"caf\\xe9"), "notes.txt"))
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: notes.txt: byte 0xe9 at offset 3 is not UTF-8; ...
    """
    chunk = stream.read(_CHUNK)
    encoding, fed = encoding_of(chunk, name)
    chunk = chunk[fed:]
    decoder = codecs.getincrementaldecoder(encoding)()
    while True:
        fed += len(chunk)
        try:
            yield decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            offset = fed - len(error.object) + error.start
            raise BadInput(
                f"{name}: byte {error.object[error.start]:#04x} at offset {offset} is not "
                f"{encoding.upper()}; convert the file, for instance: iconv -f LATIN1 -t UTF-8 OLD > NEW"
            ) from None
        if not chunk:
            return
        chunk = stream.read(_CHUNK)


def encoding_of(head: bytes, name: str) -> tuple[str, int]:
    """Encoding and length of the byte order mark of what begins with ``head``; raises BadInput for binaries.

    >>> encoding_of(b"\\xff\\xfeA\\x00", "a.txt")
    ('utf-16-le', 2)
    """
    for magic, what in _BINARIES:
        if head.startswith(magic):
            raise BadInput(f"{name}: is {what}")
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    if b"\x00" in head[:8192]:
        raise BadInput(
            f"{name}: holds NUL bytes, so it is binary, or UTF-16 without a byte order mark; give UTF-8 text"
        )
    return "utf-8", 0


def beginning(head: bytes, name: str) -> str:
    """The text of a file's first bytes, without what the cut at their end or a wrong encoding spoils.

    >>> beginning("caf\u00e9".encode()[:4], "a.txt")
    'caf'
    """
    encoding, mark = encoding_of(head, name)
    return head[mark:].decode(encoding, "ignore")


def whole(stream: BinaryIO, name: str, limit: int = MAX_DOCUMENT_BYTES) -> str:
    """All text of a stream; raises BadInput when it is longer than ``limit`` characters.

    >>> whole(io.BytesIO(b"[]"), "a.json")
    '[]'
    """
    pieces: list[str] = []
    length = 0
    for piece in decoded(stream, name):
        length += len(piece)
        if length > limit:
            raise BadInput(f"{name}: is larger than {limit >> 20} MiB; split it into smaller files")
        pieces.append(piece)
    return "".join(pieces)


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
