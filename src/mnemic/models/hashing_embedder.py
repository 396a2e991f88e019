"""Feature hashing: words and letter trigrams counted into a fixed number of signed buckets.

``v[h(f) mod dim] += sign(f) * weight(f)`` over all features ``f`` of the text, then ``v / ||v||``. The sign
makes collisions cancel on average, so that dot products are unbiased.

Source: Weinberger et al., *Feature Hashing for Large Scale Multitask Learning* (arXiv 0902.2206).
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnemic.core.errors import BadInput
from mnemic.models.fingerprint import fingerprint
from mnemic.models.ports import EmbedderSpec
from mnemic.models.text_input import well_formed
from mnemic.models.unit_vectors import unit_rows

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Embeds texts without weights: similar means sharing words and parts of words, nothing more.

    It knows no synonyms and no grammar and gives common words as much weight as rare ones. It exists for
    tests and for machines on which no model can be installed; there, lexical search is the better first
    stage.

    Parameters
    ----------
    dim
        Number of buckets.

    Raises
    ------
    BadInput
        ``dim`` is below 1.

    >>> embedder = HashingEmbedder()
    >>> cats, cat, tax = embedder.embed_documents(["cats sleep", "a cat sleeps", "tax return"])
    >>> bool(cats @ cat > cats @ tax)
    True
    """

    def __init__(self, dim: int = 512) -> None:
        if dim < 1:
            raise BadInput(f"dim must be at least 1, not {dim}")
        self._spec = EmbedderSpec("hashing", dim, fingerprint(scheme="feature-hashing-1", dim=dim))

    @property
    def spec(self) -> EmbedderSpec:
        """Identity of the vector space."""
        return self._spec

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed stored texts.

        Parameters
        ----------
        texts
            Any strings; a text without words gets a fixed unit vector.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(n, dim)``, rows of length 1.
        """
        rows = np.zeros((len(texts), self._spec.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = _WORD.findall(unicodedata.normalize("NFKC", well_formed(text)).casefold())
            if words:
                found = [_features(word) for word in words]
                hashes = np.concatenate([codes for codes, _ in found])
                weights = np.concatenate([weights for _, weights in found])
                buckets = hashes % np.uint64(self._spec.dim)
                row[:] = np.bincount(buckets.astype(np.intp), weights, minlength=self._spec.dim)
        return unit_rows(rows)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one question.

        Parameters
        ----------
        text
            Any string.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(dim,)``, length 1.
        """
        vector: NDArray[np.float32] = self.embed_documents([text])[0]
        return vector


@lru_cache(maxsize=1 << 14)
def _features(word: str) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Hashes and signed weights of a word and of its trigrams, which together weigh as much as the word."""
    padded = f"^{word}$"
    trigrams = [padded[i : i + 3] for i in range(len(padded) - 2)]
    codes = [
        int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
        for feature in [f"w:{word}", *(f"t:{trigram}" for trigram in trigrams)]
    ]
    weights = np.full(len(codes), 1.0 / math.sqrt(len(trigrams)))
    weights[0] = 1.0
    # The lowest bit is the sign, the others choose the bucket.
    signs = np.array([1.0 if code & 1 else -1.0 for code in codes])
    return np.array([code >> 1 for code in codes], dtype=np.uint64), weights * signs
