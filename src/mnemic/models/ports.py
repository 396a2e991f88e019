"""Ports to the models outside: what the engine asks of an embedder, a reranker and a token counter.

The engine knows only these protocols; every file of this package that holds a model implements one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """Identity of an embedder: vectors may be compared only when their fingerprints are equal.

    Parameters
    ----------
    name
        Name under which a person chooses the embedder, such as ``"bge-small"``.
    dim
        Number of components of each vector.
    fingerprint
        SHA-256 (hex) over everything that shapes a vector: weights, tokenizer, pooling, prefixes, length
        limit. Equal fingerprints mean the same vectors.

    >>> EmbedderSpec(name="toy", dim=2, fingerprint="00").dim
    2
    """

    name: str
    dim: int
    fingerprint: str


class Embedder(Protocol):
    """Maps texts to unit vectors whose dot product is their cosine similarity.

    The vector of a text depends on that text alone, never on the texts beside it.
    """

    @property
    def spec(self) -> EmbedderSpec:
        """Identity of the vector space."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed stored texts: shape ``(n, dim)``, rows of length 1; ``(0, dim)`` for no texts."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one question: shape ``(dim,)``, length 1."""
        ...


class Reranker(Protocol):
    """Scores passages against a query by reading both together."""

    @property
    def name(self) -> str:
        """Name under which a person chooses the reranker."""
        ...

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Score each passage: shape ``(n,)``, higher is better, not normalised."""
        ...


class TokenCounter(Protocol):
    """Counts the tokens that a text takes in a language model's window."""

    def count(self, text: str) -> int:
        """Number of tokens of ``text``; 0 for an empty text."""
        ...
