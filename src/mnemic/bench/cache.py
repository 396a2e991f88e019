"""Vectors and scores that recipes of one benchmark share: each text is embedded once, each pair is scored once.

Forty recipes embed the same turns. What an embedding took when it was made is kept with it and charged to every later
use, so that latencies are those of a memory without this cache: measured time + time of what was found here.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemic.models.ports import Embedder, EmbedderSpec, Reranker

_KEY = 16


class Rows:
    """An append-only file of rows ``key, milliseconds, values``; a row that was being written is cut off.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = Rows(Path(folder) / "rows", 2)
    ...     rows.add([rows.key("tea")], np.ones((1, 2), np.float32), 3.0)
    ...     again = Rows(Path(folder) / "rows", 2)
    ...     again.get(again.key("tea")), again.get(again.key("milk"))
    ((array([1., 1.], dtype=float32), 3.0), None)
    """

    def __init__(self, path: Path, width: int) -> None:
        self._width, self._size = width, _KEY + 4 * (1 + width)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b", buffering=0)
        count = os.fstat(self._file.fileno()).st_size // self._size
        self._file.truncate(count * self._size)
        self._places: dict[bytes, int] = {}
        for place in range(count):
            self._places.setdefault(os.pread(self._file.fileno(), _KEY, place * self._size), place)
        self._count = count

    @staticmethod
    def key(*texts: str) -> bytes:
        """The key of one or more texts."""
        digest = blake2b(digest_size=_KEY)
        for text in texts:
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.digest()

    def get(self, key: bytes) -> tuple[NDArray[np.float32], float] | None:
        """The values of a key and the milliseconds that they took."""
        place = self._places.get(key)
        if place is None:
            return None
        row = os.pread(self._file.fileno(), self._size - _KEY, place * self._size + _KEY)
        values = np.frombuffer(row, np.float32)
        return values[1:].copy(), float(values[0])

    def add(self, keys: Sequence[bytes], values: NDArray[np.float32], ms: float) -> None:
        """Keep a row for each key; each took ``ms`` milliseconds."""
        rows = []
        for key, value in zip(keys, values, strict=True):
            rows.append(key + np.float32(ms).tobytes() + value.astype(np.float32).tobytes())
            self._places[key] = self._count
            self._count += 1
        self._file.write(b"".join(rows))


@dataclass
class Charge:
    """Milliseconds that were saved, to be added to what is measured."""

    ms: float = 0.0

    def take(self) -> float:
        """What has gathered since the last time."""
        taken, self.ms = self.ms, 0.0
        return taken


@dataclass
class CachedEmbedder:
    """An embedder that looks into a file first; vectors are the same as those of the embedder behind."""

    embedder: Embedder
    folder: Path
    charge: Charge
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        spec = self.embedder.spec
        self._rows = Rows(self.folder / f"vectors-{spec.fingerprint[:12]}", spec.dim)

    @property
    def spec(self) -> EmbedderSpec:
        """The identity of the embedder behind."""
        return self.embedder.spec

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Stored texts, each embedded if it is new."""
        with self._lock:
            keys = [Rows.key("document", text) for text in texts]
            found = {key: self._rows.get(key) for key in keys}
            self.charge.ms += sum(row[1] for key in keys if (row := found[key]) is not None)
            new = {key: text for key, text in zip(keys, texts, strict=True) if found[key] is None}
            if new:
                started = time.perf_counter()
                made = self.embedder.embed_documents(list(new.values()))
                each = 1000 * (time.perf_counter() - started) / len(new)
                self._rows.add(list(new), made, each)
                found |= {key: (vector, 0.0) for key, vector in zip(new, made, strict=True)}
            out = np.empty((len(texts), self.spec.dim), np.float32)
            for place, key in enumerate(keys):
                row = found[key]
                assert row is not None
                out[place] = row[0]
            return out

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """A question, embedded if it is new."""
        with self._lock:
            key = Rows.key("query", text)
            if (row := self._rows.get(key)) is not None:
                self.charge.ms += row[1]
                return row[0]
            started = time.perf_counter()
            made = self.embedder.embed_query(text)
            self._rows.add([key], made[None, :], 1000 * (time.perf_counter() - started))
            return made


@dataclass
class CachedReranker:
    """A reranker that looks into a file first."""

    reranker: Reranker
    folder: Path
    charge: Charge
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._rows = Rows(self.folder / f"scores-{Rows.key(self.reranker.name).hex()[:12]}", 1)

    @property
    def name(self) -> str:
        """The name of the reranker behind."""
        return self.reranker.name

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """The score of each passage, computed if the pair is new."""
        with self._lock:
            keys = [Rows.key(query, passage) for passage in passages]
            found = {key: self._rows.get(key) for key in keys}
            self.charge.ms += sum(row[1] for key in keys if (row := found[key]) is not None)
            new = {key: text for key, text in zip(keys, passages, strict=True) if found[key] is None}
            if new:
                started = time.perf_counter()
                made = self.reranker.score(query, list(new.values()))
                self._rows.add(list(new), made[:, None], 1000 * (time.perf_counter() - started) / len(new))
                found |= {key: (made[place : place + 1], 0.0) for place, key in enumerate(new)}
            rows = [row for key in keys if (row := found[key]) is not None]
            return np.array([row[0][0] for row in rows], np.float32)
