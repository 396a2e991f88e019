"""Cross-encoder: a transformer reads query and passage together and gives one relevance logit.

``score = w . transformer([CLS] query [SEP] passage [SEP])[CLS]``

Source: Nogueira and Cho, *Passage Re-ranking with BERT* (arXiv 1901.04085).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnemic.models.onnx_model import OnnxModel
from mnemic.models.weights import Weights


class OnnxCrossEncoder:
    """Scores passages with a cross-encoder in ONNX form, by default ms-marco-MiniLM-L-12-v2.

    Each pair is run alone, so that a score does not depend on the other passages. A long passage is cut, the
    query is not, unless it takes more than half of the length limit.

    Parameters
    ----------
    weights
        Files and length limit.
    threads
        Pairs that are scored at the same time.

    Raises
    ------
    BadInput
        ``threads`` is below 1.
    ModelUnavailable
        A library or file is missing or cannot be read.

    >>> from mnemic.models.catalog import MINILM_L12
    >>> from mnemic.models.weights import resolve
    >>> reranker = OnnxCrossEncoder(resolve(MINILM_L12))  # doctest: +SKIP
    >>> reranker.score("Where does she live?", ["It rained.", "In Lisbon."]).argmax()  # doctest: +SKIP
    1
    """

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        self._model = OnnxModel(weights, threads=threads)
        self._name = weights.name
        # The longer part of a pair is cut: a query of less than half the window never is.
        self._query_limit = (weights.encoding.max_len - 4) // 2

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._name

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Score each passage against the query.

        Parameters
        ----------
        query
            The question.
        passages
            Candidate texts.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(n,)``, raw logits, higher is better.
        """
        if not passages:
            return np.empty(0, dtype=np.float32)
        query = self._model.cut(query, self._query_limit)
        logits = self._model.run_all([(query, passage) for passage in passages])
        return np.array([np.ravel(logit)[0] for logit in logits], dtype=np.float32)
