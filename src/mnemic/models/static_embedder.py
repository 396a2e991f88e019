"""Static embeddings: the mean of fixed token vectors.

``v = (1/n) sum_i E[token_i]``, ``v / ||v||``: no network is run, so that it is about a hundred times faster
than a transformer.

Sources: Arora et al., *A Simple but Tough-to-Beat Baseline for Sentence Embeddings* (ICLR 2017); WordLlama
for the table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnemic.core.errors import ModelUnavailable
from mnemic.models.extras import require
from mnemic.models.ports import EmbedderSpec
from mnemic.models.text_input import well_formed
from mnemic.models.unit_vectors import unit_rows
from mnemic.models.weights import Weights

# Bounds the memory of the gathered token rows.
_BATCH = 256


class StaticEmbedder:
    """Embeds texts as the mean of their tokens' vectors, by default wordllama's 256-d table.

    Parameters
    ----------
    weights
        A safetensors file with one two-dimensional table (tokens, dim), and its tokenizer.

    Raises
    ------
    ModelUnavailable
        A library or file is missing, or the file does not hold exactly one table.

    >>> from mnemic.models.catalog import WORDLLAMA
    >>> from mnemic.models.weights import resolve
    >>> embedder = StaticEmbedder(resolve(WORDLLAMA))  # doctest: +SKIP
    >>> embedder.embed_query("Where does she live?").shape  # doctest: +SKIP
    (256,)
    """

    def __init__(self, weights: Weights) -> None:
        safetensors = require("safetensors.numpy", "fast")
        tokenizers = require("tokenizers", "fast")
        try:
            tensors = safetensors.load_file(str(weights.model))
            self._tokenizer = tokenizers.Tokenizer.from_file(str(weights.tokenizer))
        # Both libraries raise bare exceptions for a file that they cannot read.
        except Exception as error:
            raise ModelUnavailable(
                f"{weights.name}: {weights.model} or {weights.tokenizer} cannot be read ({error}): replace the file"
            ) from error
        tables = [tensor for tensor in tensors.values() if tensor.ndim == 2]
        if len(tables) != 1:
            raise ModelUnavailable(
                f"{weights.name}: {weights.model} holds {len(tables)} two-dimensional tensors: give a file with one"
            )
        self._table: NDArray[np.float32] = tables[0].astype(np.float32)
        self._tokenizer.enable_truncation(weights.encoding.max_len)
        self._tokenizer.no_padding()
        self._encoding = weights.encoding
        self._spec = EmbedderSpec(name=weights.name, dim=self._table.shape[1], fingerprint=weights.fingerprint)

    @property
    def spec(self) -> EmbedderSpec:
        """Identity of the vector space."""
        return self._spec

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed stored texts.

        Parameters
        ----------
        texts
            Any strings; a text without tokens gets a fixed unit vector.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(n, dim)``, rows of length 1.
        """
        return self._embed([self._encoding.doc_prefix + text for text in texts])

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
        vector: NDArray[np.float32] = self._embed([self._encoding.query_prefix + text])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        sums = np.zeros((len(texts), self._spec.dim), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            part = texts[start : start + _BATCH]
            ids = [self._tokenizer.encode(well_formed(text), add_special_tokens=False).ids for text in part]
            filled = [row for row, tokens in enumerate(ids) if tokens]
            if not filled:
                continue
            lengths = [len(ids[row]) for row in filled]
            rows = self._table[np.concatenate([ids[row] for row in filled])]
            firsts = np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp)
            # The direction of a sum is that of the mean.
            sums[start + np.array(filled)] = np.add.reduceat(rows, firsts, axis=0)
        return unit_rows(sums)
