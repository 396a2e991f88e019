"""The registry: from a short name to a loaded model, once per process.

A name is ``kind`` or ``kind:argument``. Other packages add kinds through the entry-point groups
``mnemic.embedders`` and ``mnemic.rerankers``, each entry a factory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

from mnemic.core.errors import BadInput
from mnemic.models.catalog import BGE_SMALL, MINILM_L12, WORDLLAMA, Encoding
from mnemic.models.cross_encoder import OnnxCrossEncoder
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.models.onnx_embedder import OnnxEmbedder
from mnemic.models.openai_embedder import OpenAIEmbedder
from mnemic.models.overlap_reranker import OverlapReranker
from mnemic.models.ports import Embedder, Reranker
from mnemic.models.static_embedder import StaticEmbedder
from mnemic.models.weights import from_path, resolve

EMBEDDERS = "mnemic.embedders"
RERANKERS = "mnemic.rerankers"
DEFAULT_EMBEDDER = "bge-small"
DEFAULT_RERANKER = "minilm-l12"

# Reentrant: a factory of another package may load one of our models.
_lock = RLock()
_loaded: dict[tuple[str, str, int, str | None], Any] = {}


class Factory(Protocol):
    """Builds a model; what an entry point of ``mnemic.embedders`` or ``mnemic.rerankers`` must be."""

    def __call__(self, argument: str, *, threads: int, model_path: str | Path | None) -> Any:
        """Build the model named ``kind:argument``; ``argument`` is empty when the name has none."""
        ...


def _bge_small(argument: str, *, threads: int, model_path: str | Path | None) -> Embedder:
    _refuse_argument(BGE_SMALL.name, argument)
    return OnnxEmbedder(resolve(BGE_SMALL, model_path), threads=threads)


def _wordllama(argument: str, *, threads: int, model_path: str | Path | None) -> Embedder:  # noqa: ARG001
    _refuse_argument(WORDLLAMA.name, argument)
    return StaticEmbedder(resolve(WORDLLAMA, model_path))


def _hashing(argument: str, *, threads: int, model_path: str | Path | None) -> Embedder:  # noqa: ARG001
    _refuse_argument("hashing", argument)
    _refuse_path("hashing", model_path)
    return HashingEmbedder()


def _openai(argument: str, *, threads: int, model_path: str | Path | None) -> Embedder:  # noqa: ARG001
    _refuse_path("openai", model_path)
    parts = re.fullmatch(r"(?P<model>.+?)(@(?P<url>https?://.+))?", argument)
    if parts is None:
        raise BadInput("openai: the model is missing: write openai:<model> or openai:<model>@<base_url>")
    return OpenAIEmbedder(parts["model"], base_url=parts["url"])


def _embedder_at_path(argument: str, *, threads: int, model_path: str | Path | None) -> Embedder:
    _refuse_path("path", model_path)
    weights = from_path(f"path:{argument}", _given_path(argument), Encoding())
    if weights.model.suffix == ".safetensors":
        return StaticEmbedder(weights)
    return OnnxEmbedder(weights, threads=threads)


def _minilm_l12(argument: str, *, threads: int, model_path: str | Path | None) -> Reranker:
    _refuse_argument(MINILM_L12.name, argument)
    return OnnxCrossEncoder(resolve(MINILM_L12, model_path), threads=threads)


def _overlap(argument: str, *, threads: int, model_path: str | Path | None) -> Reranker:  # noqa: ARG001
    _refuse_argument("overlap", argument)
    _refuse_path("overlap", model_path)
    return OverlapReranker()


def _reranker_at_path(argument: str, *, threads: int, model_path: str | Path | None) -> Reranker:
    _refuse_path("path", model_path)
    weights = from_path(f"path:{argument}", _given_path(argument), Encoding())
    return OnnxCrossEncoder(weights, threads=threads)


def _refuse_argument(kind: str, argument: str) -> None:
    if argument:
        raise BadInput(f'{kind} takes no argument: write "{kind}" instead of "{kind}:{argument}"')


def _refuse_path(kind: str, model_path: str | Path | None) -> None:
    if model_path is not None:
        raise BadInput(f"model_path does not apply to {kind}: leave it out")


def _given_path(argument: str) -> Path:
    if not argument:
        raise BadInput("path: the directory is missing: write path:<directory>")
    return Path(argument).expanduser()


_BUILT_IN: Mapping[str, Mapping[str, Factory]] = {
    EMBEDDERS: {
        "bge-small": _bge_small,
        "wordllama": _wordllama,
        "hashing": _hashing,
        "openai": _openai,
        "path": _embedder_at_path,
    },
    RERANKERS: {"minilm-l12": _minilm_l12, "overlap": _overlap, "path": _reranker_at_path},
}


def load_embedder(spec: str = DEFAULT_EMBEDDER, *, threads: int = 1, model_path: str | Path | None = None) -> Embedder:
    """Load an embedder by name; the same arguments give the same object.

    Parameters
    ----------
    spec
        ``"bge-small"``, ``"wordllama"``, ``"hashing"``, ``"openai:<model>"``,
        ``"openai:<model>@<base_url>"``, ``"path:<directory>"``, or a kind that another package adds.
    threads
        Texts that are embedded at the same time.
    model_path
        Directory with the files of ``bge-small`` or ``wordllama``, instead of the installed package's.

    Raises
    ------
    BadInput
        The name is unknown, or an argument does not fit it.
    ModelUnavailable
        Weights or a library are missing.

    >>> load_embedder("hashing").spec.name
    'hashing'
    >>> load_embedder("hashing") is load_embedder("hashing")
    True
    """
    embedder: Embedder = _load(EMBEDDERS, spec, threads, model_path)
    return embedder


def load_reranker(spec: str = DEFAULT_RERANKER, *, threads: int = 1, model_path: str | Path | None = None) -> Reranker:
    """Load a reranker by name; the same arguments give the same object.

    Parameters
    ----------
    spec
        ``"minilm-l12"``, ``"overlap"``, ``"path:<directory>"``, or a kind that another package adds.
    threads
        Pairs that are scored at the same time.
    model_path
        Directory with the files of ``minilm-l12``, instead of the installed package's.

    Raises
    ------
    BadInput
        The name is unknown, or an argument does not fit it.
    ModelUnavailable
        Weights or a library are missing.

    >>> load_reranker("overlap").name
    'overlap'
    """
    reranker: Reranker = _load(RERANKERS, spec, threads, model_path)
    return reranker


def _load(group: str, spec: str, threads: int, model_path: str | Path | None) -> Any:
    kind, _, argument = spec.partition(":")
    key = (group, spec, threads, None if model_path is None else str(model_path))
    with _lock:
        if key not in _loaded:
            factory = _factory(group, kind)
            _loaded[key] = factory(argument, threads=threads, model_path=model_path)
        return _loaded[key]


def _factory(group: str, kind: str) -> Factory:
    if kind in _BUILT_IN[group]:
        return _BUILT_IN[group][kind]
    added = {point.name: point for point in entry_points(group=group)}
    if kind not in added:
        what = group.removeprefix("mnemic.").removesuffix("s")
        choices = ", ".join(sorted({*_BUILT_IN[group], *added}))
        raise BadInput(f'unknown {what} "{kind}": choose one of {choices}')
    factory: Factory = added[kind].load()
    return factory
