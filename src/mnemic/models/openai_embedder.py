"""Embeddings from any endpoint that speaks OpenAI's protocol: hosted services and local servers alike."""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models.extras import require
from mnemic.models.fingerprint import fingerprint
from mnemic.models.ports import EmbedderSpec
from mnemic.models.text_input import well_formed
from mnemic.models.unit_vectors import unit_rows

_BATCH = 64


class OpenAIEmbedder:
    """Embeds texts through an OpenAI-compatible ``/embeddings`` endpoint.

    Nothing is sent before the first vector is asked for. Hosted models may change behind their name, and
    their vectors may differ in the last digits between calls; the stored vector is the one that counts.

    Parameters
    ----------
    model
        Name of the model at the endpoint.
    base_url
        Address of the endpoint, such as ``"http://localhost:11434/v1"``; by default what the openai package
        uses.
    api_key
        Key of the endpoint; by default the environment variable ``OPENAI_API_KEY``. An endpoint given by
        ``base_url`` may need none.
    dim
        Number of components that the model returns; asked from the endpoint when not given.
    timeout
        Seconds that one request may take.
    max_retries
        Further attempts after a failed request, made by the openai package with growing pauses.
    max_chars
        Characters after which a text is cut, since endpoints refuse what exceeds their limit.

    Raises
    ------
    ModelUnavailable
        The openai package is missing, there is no key, or the endpoint fails.
    BadInput
        The endpoint returns vectors of another size than ``dim``.

    >>> embedder = OpenAIEmbedder("nomic-embed-text", base_url="http://localhost:11434/v1")  # doctest: +SKIP
    >>> embedder.embed_query("Where does she live?").shape  # doctest: +SKIP
    (768,)
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        dim: int | None = None,
        timeout: float = 30.0,
        max_retries: int = 3,
        max_chars: int = 8000,
    ) -> None:
        openai = require("openai", "openai")
        key = api_key or os.environ.get("OPENAI_API_KEY")
        if key is None and base_url is not None:
            # Local servers take any key, but the client refuses to send none.
            key = "none"
        try:
            self._client = openai.OpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=max_retries)
        except openai.OpenAIError as error:
            raise ModelUnavailable(
                f"openai:{model}: no API key: set OPENAI_API_KEY, pass api_key, or give the base_url of a "
                "server that needs none"
            ) from error
        self._failure = openai.OpenAIError
        self._model = model
        self._dim = dim
        self._max_chars = max_chars
        self._lock = Lock()

    @property
    def spec(self) -> EmbedderSpec:
        """Identity of the vector space; embeds one word first when ``dim`` was not given."""
        dim = self._known_dim()
        url = self._client.base_url
        host = url.host if url.port is None else f"{url.host}:{url.port}"
        digest = fingerprint(scheme="openai-1", host=host, model=self._model, dim=dim, max_chars=self._max_chars)
        return EmbedderSpec(f"openai:{self._model}", dim, digest)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed stored texts, 64 a request.

        Parameters
        ----------
        texts
            Any strings; blank ones are not sent and get a fixed unit vector.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(n, dim)``, rows of length 1.

        Raises
        ------
        ModelUnavailable
            The endpoint cannot be reached or refuses.
        BadInput
            The endpoint returns vectors of another size than before.
        """
        sent = [row for row, text in enumerate(texts) if text.strip()]
        rows = np.zeros((len(texts), self._known_dim()), dtype=np.float32)
        for start in range(0, len(sent), _BATCH):
            part = sent[start : start + _BATCH]
            rows[part] = self._request([texts[row] for row in part])
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

        Raises
        ------
        ModelUnavailable
            The endpoint cannot be reached or refuses.
        """
        vector: NDArray[np.float32] = self.embed_documents([text])[0]
        return vector

    def _known_dim(self) -> int:
        with self._lock:
            if self._dim is None:
                self._dim = self._request(["dimension"]).shape[1]
            return self._dim

    def _request(self, texts: Sequence[str]) -> NDArray[np.float32]:
        given = [well_formed(text)[: self._max_chars] for text in texts]
        try:
            # Base64, the client's default, is unknown to many servers.
            answer = self._client.embeddings.create(model=self._model, input=given, encoding_format="float")
        except self._failure as error:
            status = getattr(error, "status_code", None)
            detail = type(error).__name__ if status is None else f"{type(error).__name__}, HTTP {status}"
            raise ModelUnavailable(
                f"openai:{self._model}: {self._client.base_url} gave no embeddings ({detail}): check the "
                "address, the model's name and OPENAI_API_KEY"
            ) from error
        vectors = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        if len(vectors) != len(texts):
            raise ModelUnavailable(
                f"openai:{self._model}: the endpoint returned {len(vectors)} vectors for {len(texts)} texts: "
                "it is not compatible"
            )
        expected = self._dim or len(vectors[0])
        for vector in vectors:
            if len(vector) != expected:
                raise BadInput(
                    f"dim: openai:{self._model} returned a vector of {len(vector)} components, "
                    f"not {expected}: correct dim or the model's name"
                )
        return np.array(vectors, dtype=np.float32)
