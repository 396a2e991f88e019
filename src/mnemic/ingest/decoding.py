"""Bytes to text: binaries are told by their first bytes, encodings by their byte order mark.

UTF-8 with or without a mark, and UTF-16 with one, are read; anything else is refused at its first bad byte.
Source: The Unicode Standard 16.0, section 23.8 (byte order mark).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

from mnemic.core.errors import BadInput

MAX_DOCUMENT_BYTES = 512 << 20
"""The largest JSON document, which is read as a whole: 512 MiB."""

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BINARIES = (
    (b"SQLite format 3\x00", "a SQLite database; export its messages as JSON Lines first"),
    *((magic, "a zip archive; only ChatGPT and Claude exports are read from archives") for magic in ZIP_MAGICS),
    (b"\x1f\x8b", "gzip data; unpack it first, for instance with gunzip"),
    (b"%PDF-", "a PDF; save it as plain text first"),
    (b"\x89PNG", "a picture; conversations are text"),
    (b"\xff\xd8\xff", "a picture; conversations are text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text; convert it to UTF-8 first"),
    (b"\xff\xfe\x00\x00", "UTF-32 text; convert it to UTF-8 first"),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHUNK = 1 << 16


def decoded(stream: IO[bytes], name: str) -> Iterator[str]:
    """The text of a stream, piece by piece; raises BadInput for binaries and at the first undecodable byte.

    >>> import io
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


def whole(stream: IO[bytes], name: str, limit: int = MAX_DOCUMENT_BYTES) -> str:
    """All text of a stream; raises BadInput when it is longer than ``limit`` characters.

    >>> import io
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
