"""An embedder that only looks its vectors up, so that what is measured is everything but the model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from corpus import DIM, Lookup
from numpy.typing import NDArray

from mnemic.models.ports import Embedder, EmbedderSpec


@dataclass
class PrecomputedEmbedder:
    """See :class:`mnemic.models.ports.Embedder`."""

    lookup: Lookup

    @property
    def spec(self) -> EmbedderSpec:
        """Identity of the made-up space."""
        return EmbedderSpec("precomputed", DIM, "0" * 64)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of learnt texts."""
        return self.lookup.vectors(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a learnt question."""
        made: NDArray[np.float32] = self.lookup.vectors([text])[0]
        return made


@dataclass
class TimedEmbedder:
    """Passes every call on to another embedder and adds up the seconds that it takes."""

    inner: Embedder
    seconds: float = field(default=0.0)

    @property
    def spec(self) -> EmbedderSpec:
        """That of the embedder within."""
        return self.inner.spec

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the embedder within."""
        began = time.perf_counter()
        try:
            return self.inner.embed_documents(texts)
        finally:
            self.seconds += time.perf_counter() - began

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """As the embedder within."""
        began = time.perf_counter()
        try:
            return self.inner.embed_query(text)
        finally:
            self.seconds += time.perf_counter() - began


@dataclass
class RealQuery(PrecomputedEmbedder):
    """Runs a real model on each question, then gives the vector that is looked up: a real embedder's time."""

    model: Embedder | None = None
    asked: int = 0

    @classmethod
    def load(cls, lookup: Lookup) -> RealQuery | None:
        """With bge-small on one thread; None when it is not installed."""
        from mnemic.core.errors import MnemicError
        from mnemic.models.registry import load_embedder

        try:
            return cls(lookup, load_embedder("bge-small", threads=1))
        except MnemicError:
            return None

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a learnt question, at the price of a real one."""
        if self.model is not None:
            # A serial number in place of the question mark: no cache of questions may answer.
            self.asked += 1
            self.model.embed_query(f"{text[:-1]} {self.asked}")
        return super().embed_query(text)
