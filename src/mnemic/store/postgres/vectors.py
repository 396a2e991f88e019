"""Vectors and sketches as PostgreSQL keeps them: pgvector's type or bytes, and bit strings; in binary, both ways."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types import TypeInfo

_VARBIT = 1562


@dataclass(frozen=True, slots=True)
class Floats:
    """A vector as bytes of float32."""

    blob: bytes


@dataclass(frozen=True, slots=True)
class Bits:
    """A sketch as bytes."""

    blob: bytes


class _BitsDumper(Dumper):
    format = Format.BINARY
    oid = _VARBIT

    def dump(self, obj: Bits) -> bytes:
        return struct.pack(">i", 8 * len(obj.blob)) + obj.blob


class _BytesDumper(Dumper):
    format = Format.BINARY
    oid = 17

    def dump(self, obj: Floats) -> bytes:
        return obj.blob


class _VectorDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Floats) -> bytes:
        values = np.frombuffer(obj.blob, "<f4")
        return struct.pack(">HH", len(values), 0) + values.astype(">f4").tobytes()


def register(connection: psycopg.Connection[Any], *, pgvector: bool) -> None:
    """Teach a connection how vectors and sketches are sent."""
    connection.adapters.register_dumper(Bits, _BitsDumper)
    if not pgvector:
        connection.adapters.register_dumper(Floats, _BytesDumper)
        return
    info = TypeInfo.fetch(connection, "vector")
    if info is None:
        raise psycopg.OperationalError("the extension vector is gone from this database; create it again")
    info.register(connection)
    dumper = type("VectorDumper", (_VectorDumper,), {"oid": info.oid})
    connection.adapters.register_dumper(Floats, dumper)


def floats_of(blob: bytes, *, pgvector: bool) -> bytes:
    """A vector's bytes of float32 as it was read.

    >>> floats_of(struct.pack(">HHf", 1, 0, 0.5), pgvector=True) == struct.pack("<f", 0.5)
    True
    """
    return np.frombuffer(blob, ">f4", offset=4).astype("<f4").tobytes() if pgvector else blob


def bits_of(blob: bytes) -> bytes:
    """A sketch's bytes as it was read."""
    return blob[4:]


def all_floats_of(blobs: Sequence[bytes]) -> list[bytes]:
    """The bytes of float32 of many vectors of pgvector's at once; all have the same dimensions.

    >>> all_floats_of([struct.pack(">HHf", 1, 0, 0.5)]) == [struct.pack("<f", 0.5)]
    True
    """
    if not blobs:
        return []
    rows = np.frombuffer(b"".join(blobs), ">f4").reshape(len(blobs), -1)[:, 1:].astype("<f4")
    width, whole = 4 * rows.shape[1], rows.tobytes()
    return [whole[start : start + width] for start in range(0, len(whole), width)]


def numbers(blob: bytes, width: int) -> NDArray[np.int64]:
    """Rows of so many bigints from their bytes end to end, as ``int8send`` gives them.

    >>> numbers(struct.pack(">qq", 7, -1), 2).tolist()
    [[7, -1]]
    """
    return np.frombuffer(blob, ">i8").reshape(-1, width).astype(np.int64)
