"""Models with weights: loaded once, and skipped where their package is not installed."""

from __future__ import annotations

import pytest

from mnemic.core.errors import ModelUnavailable
from mnemic.models import Embedder, Reranker, load_embedder, load_reranker


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MNEMIC_HUB", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture(scope="session")
def bge() -> Embedder:
    try:
        return load_embedder("bge-small")
    except ModelUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def wordllama() -> Embedder:
    try:
        return load_embedder("wordllama")
    except ModelUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def minilm() -> Reranker:
    try:
        return load_reranker("minilm-l12")
    except ModelUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(params=["bge-small", "wordllama", "hashing"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    try:
        return load_embedder(request.param)
    except ModelUnavailable as error:
        pytest.skip(str(error))
