"""Vectors and sketches as PostgreSQL keeps them: pgvector's type or bytes, and bit strings; in binary, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
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
