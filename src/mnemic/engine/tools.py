"""The tools that stages are handed: models loaded when first asked for, counters, seeded chance."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnemic.core.errors import ModelUnavailable
from mnemic.core.observing import span
from mnemic.models.language.prompt import Wordings
from mnemic.models.language.registry import NONE, Limits, load_language_model

if TYPE_CHECKING:
    from mnemic.core.pipeline import Recipe
    from mnemic.core.view import Matrix, Vector
    from mnemic.engine.asking import Asking
    from mnemic.models.calibration import Calibration
    from mnemic.models.language.port import LanguageModel
    from mnemic.models.ports import Embedder, Reranker, TokenCounter

REMEDY = (
    "set MNEMIC_LANGUAGE_MODEL (language_model=) to one such as openai:gpt-5-mini or ollama:qwen3, or to 'rules' to "
    "let each task answer by its rule, without a model"
)


@dataclass(slots=True)
class Models:
    """The models of a memory: given as objects, or as names to load when first needed."""

    embedder: str | Embedder | None = "bge-small"
    reranker: str | Reranker | None = "minilm-l12"
    language_model: str | LanguageModel | None = None
    threads: int = 1
    limits: Limits = field(default_factory=Limits)
    wordings: Wordings = field(default_factory=Wordings)
    _embedder: Embedder | None = None
    _reranker: Reranker | None = None
    _language_model: LanguageModel | None = None
    _counter: TokenCounter | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def load_embedder(self) -> Embedder:
        """The embedder; raises ModelUnavailable when there is none."""
        with self._lock:
            if self._embedder is None:
                if self.embedder is None or self.embedder == "none":
                    raise ModelUnavailable("embedder: none is configured; set MNEMIC_EMBEDDER, such as bge-small")
                if isinstance(self.embedder, str):
                    from mnemic.models.registry import load_embedder

                    self._embedder = load_embedder(self.embedder, threads=self.threads)
                else:
                    self._embedder = self.embedder
            return self._embedder

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Document vectors; raises ModelUnavailable when there is no embedder."""
        embedder = self.load_embedder()
        with span("embedder", "documents", texts=len(texts)):
            return embedder.embed_documents(texts)

    def load_reranker(self) -> Reranker:
        """The reranker; raises ModelUnavailable when there is none."""
        with self._lock:
            if self._reranker is None:
                if self.reranker is None or self.reranker == "none":
                    raise ModelUnavailable("reranker: none is configured; set MNEMIC_RERANKER, such as minilm-l12")
                if isinstance(self.reranker, str):
                    from mnemic.models.registry import load_reranker

                    self._reranker = load_reranker(self.reranker, threads=self.threads)
                else:
                    self._reranker = self.reranker
            return self._reranker

    @property
    def answers(self) -> bool:
        """Whether there is a language model."""
        return self.language_model not in (None, NONE)

    def require(self, recipe: Recipe) -> None:
        """Raise ModelUnavailable when a recipe writes with a language model and there is none."""
        needs = {need for chain in (recipe.formation, *recipe.evolution) for need in chain.needs()}
        if "language-model" in needs and not self.answers:
            raise ModelUnavailable(f"recipe {recipe.name!r} needs a language model, and none is configured; {REMEDY}")

    def load_language_model(self) -> LanguageModel:
        """The language model; raises ModelUnavailable when there is none."""
        with self._lock:
            if self._language_model is None:
                if isinstance(self.language_model, str):
                    self._language_model = load_language_model(self.language_model, self.limits)
                else:
                    self._language_model = self.language_model
            if self._language_model is None:
                raise ModelUnavailable(f"language model: none is configured; {REMEDY}")
            return self._language_model

    def counter(self) -> TokenCounter:
        """The token counter."""
        if self._counter is None:
            from mnemic.models.token_counter import EstimatedTokens

            self._counter = EstimatedTokens()
        return self._counter


@dataclass(slots=True)
class EngineTools:
    """See :class:`mnemic.core.view.Tools`; counts the model calls that a read or write makes."""

    models: Models
    rng: random.Random
    calibrate: Callable[[], Calibration]
    make_id: Callable[[], str]
    asking: Asking

    @property
    def calls(self) -> int:
        """Questions that were put to the language model and not known already."""
        return self.asking.calls

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Document vectors."""
        return self.models.embed(texts)

    def embed_query(self, text: str) -> Vector:
        """The query's vector."""
        embedder = self.models.load_embedder()
        with span("embedder", "query"):
            return embedder.embed_query(text)

    def threshold(self, quantile: float) -> float:
        """The cosine below which a share ``quantile`` of random pairs lies."""
        return self.calibrate().threshold(quantile)

    def rerank(self, query: str, passages: Sequence[str]) -> Vector:
        """Relevance of each passage."""
        reranker = self.models.load_reranker()
        with span("reranker", "score", texts=len(passages)):
            return reranker.score(query, passages)

    def count_tokens(self, text: str) -> int:
        """The size of a text in tokens."""
        return self.models.counter().count(text)

    def new_id(self) -> str:
        """An id for a record that a stage makes."""
        return self.make_id()

    def ask(self, task: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put a named task to the language model."""
        return self.asking.ask(task, inputs)
