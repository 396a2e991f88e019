"""Ports to the outside: embedders, rerankers and token counters, and the models behind them."""

from __future__ import annotations

from mnemic.models.calibration import Calibration, calibrate
from mnemic.models.inventory import ModelStatus, available_models
from mnemic.models.ports import Embedder, EmbedderSpec, Reranker, TokenCounter
from mnemic.models.registry import load_embedder, load_reranker
from mnemic.models.token_counter import EstimatedTokens

__all__ = [
    "Calibration",
    "Embedder",
    "EmbedderSpec",
    "EstimatedTokens",
    "ModelStatus",
    "Reranker",
    "TokenCounter",
    "available_models",
    "calibrate",
    "load_embedder",
    "load_reranker",
]
