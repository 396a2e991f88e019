"""Transformer embeddings through onnxruntime.

``v = pool(transformer(prefix + text))``, ``v / ||v||``; ``pool`` takes the first token's state (CLS) or the
mean of all.

Sources: Devlin et al., *BERT* (arXiv 1810.04805); Reimers and Gurevych, *Sentence-BERT* (arXiv 1908.10084);
Xiao et al., *C-Pack* (arXiv 2309.07597), which gives bge-small.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnemic.models.onnx_model import OnnxModel
from mnemic.models.ports import EmbedderSpec
from mnemic.models.unit_vectors import unit_rows
from mnemic.models.weights import Weights

_QUERY_CACHE = 8


class OnnxEmbedder:
    """Embeds texts with a BERT-like model in ONNX form, by default bge-small-en-v1.5.

    The same text gives the same bytes, alone or among others, with one thread or many. Another CPU type or
    another version of onnxruntime may differ in the last digits.

    Parameters
    ----------
    weights
        Files, pooling, prefixes and length limit.
    threads
        Texts that are embedded at the same time.

    Raises
    ------
    BadInput
        ``threads`` is below 1.
    ModelUnavailable
        A library or file is missing or cannot be read.

    >>> from mnemic.models.catalog import BGE_SMALL
    >>> from mnemic.models.weights import resolve
    >>> embedder = OnnxEmbedder(resolve(BGE_SMALL))  # doctest: +SKIP
    >>> embedder.embed_documents(["She moved to Lisbon."]).shape  # doctest: +SKIP
    (1, 384)
    """

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        self._model = OnnxModel(weights, threads=threads)
        self._encoding = weights.encoding
        dim = self._pool(self._model.run("")).shape[0]
        self._spec = EmbedderSpec(name=weights.name, dim=dim, fingerprint=weights.fingerprint)
        self._query = lru_cache(maxsize=_QUERY_CACHE)(self._embed_one_query)

    @property
    def spec(self) -> EmbedderSpec:
        """Identity of the vector space."""
        return self._spec

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed stored texts.

        Parameters
        ----------
        texts
            Any strings; what exceeds the length limit is ignored.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(n, dim)``, rows of length 1.
        """
        outputs = self._model.run_all([(self._encoding.doc_prefix + text, None) for text in texts])
        rows = np.empty((len(outputs), self._spec.dim), dtype=np.float32)
        for row, output in zip(rows, outputs, strict=True):
            row[:] = self._pool(output)
        return unit_rows(rows)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed one question; the last few hundred are remembered.

        Parameters
        ----------
        text
            Any string.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(dim,)``, length 1.
        """
        return self._query(text).copy()

    def _embed_one_query(self, text: str) -> NDArray[np.float32]:
        pooled = self._pool(self._model.run(self._encoding.query_prefix + text))
        vector: NDArray[np.float32] = unit_rows(pooled[np.newaxis])[0]
        return vector

    def _pool(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        # Some exports pool inside the graph and give one vector per text.
        if output.ndim == 1:
            return output
        pooled: NDArray[np.float32] = output[0] if self._encoding.pooling == "cls" else output.mean(axis=0)
        return pooled
