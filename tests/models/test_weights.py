"""Where weights come from, and what happens when they are missing, changed or the user's own."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models import Embedder, Reranker, load_embedder, load_reranker
from mnemic.models.catalog import BGE_SMALL, MINILM_L12, PACKAGED_MODELS, WORDLLAMA, Encoding, PackagedModel
from mnemic.models.checksums import file_sha256
from mnemic.models.weights import from_package, from_path, resolve

ABSENT = replace(BGE_SMALL, dist="mnemic-no-such-package")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"not really a model")
    (folder / "tokenizer.json").write_text("{}")
    return folder


@pytest.mark.parametrize("model", PACKAGED_MODELS, ids=lambda model: model.name)
def test_installed_packages_carry_the_files_we_know(model: PackagedModel) -> None:
    weights = from_package(model)
    if weights is None:
        pytest.skip(f"{model.dist} is not installed")
    assert (weights.source, weights.verified) == ("package", True)
    assert weights.fingerprint == resolve(model).fingerprint


def test_missing_weights_name_every_remedy() -> None:
    with pytest.raises(ModelUnavailable, match=r'pip install "mnemic\[local\]".*path.*MNEMIC_HUB'):
        resolve(ABSENT)


def test_changed_files_in_a_package_are_refused() -> None:
    if from_package(WORDLLAMA) is None:
        pytest.skip("wordllama is not installed")
    changed = replace(WORDLLAMA, sha256={"model": "0" * 64, "tokenizer": "0" * 64})
    with pytest.raises(ModelUnavailable, match="--force-reinstall wordllama=="):
        from_package(changed)


def test_missing_files_in_a_package_are_named() -> None:
    model = replace(BGE_SMALL, dist="numpy", files={"model": "numpy/no.onnx", "tokenizer": "numpy/no.json"})
    with pytest.raises(ModelUnavailable, match=r"numpy has no .*no\.onnx"):
        from_package(model)


def test_a_path_goes_before_the_package(folder: Path) -> None:
    weights = resolve(BGE_SMALL, folder)
    assert (weights.source, weights.verified) == ("path", False)
    assert weights.encoding == BGE_SMALL.encoding
    assert resolve(BGE_SMALL, folder / "model.onnx").model == folder / "model.onnx"


def test_settings_beside_the_model_go_before_the_defaults(folder: Path) -> None:
    plain = from_path("mine", folder, Encoding())
    (folder / "mnemic.json").write_text(json.dumps({"pooling": "cls", "max_len": 128}))
    given = from_path("mine", folder, Encoding())
    assert given.encoding == Encoding(pooling="cls", max_len=128)
    assert given.fingerprint != plain.fingerprint


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("{", "JSON"),
        ("[]", "keys"),
        ('{"layers": 3}', "keys"),
        ('{"pooling": "max"}', "pooling"),
        ('{"pooling": 1}', "pooling"),
        ('{"max_len": true}', "max_len"),
        ('{"max_len": 2}', "max_len"),
    ],
)
def test_wrong_settings_are_refused_by_name(folder: Path, content: str, field: str) -> None:
    (folder / "mnemic.json").write_text(content)
    with pytest.raises(BadInput, match=field):
        from_path("mine", folder, Encoding())


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ModelUnavailable, match=file):
        from_path("mine", folder, Encoding())


def test_unreadable_files_are_named(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(ModelUnavailable, match=r"model\.onnx.*replace the file"):
        load_embedder(f"path:{folder}")


def test_an_own_directory_loads_like_the_package(bge: Embedder, tmp_path: Path) -> None:
    installed = resolve(BGE_SMALL)
    for role in (installed.model, installed.tokenizer):
        shutil.copy(role, tmp_path)
    own = load_embedder("bge-small", model_path=tmp_path)
    assert own.spec.fingerprint == bge.spec.fingerprint
    assert resolve(BGE_SMALL, tmp_path).verified
    pooled = load_embedder(f"path:{tmp_path}")
    assert pooled.spec.fingerprint != bge.spec.fingerprint
    assert pooled.embed_query("hello").shape == (bge.spec.dim,)


def test_an_own_static_table_loads(wordllama: Embedder, tmp_path: Path) -> None:
    installed = resolve(WORDLLAMA)
    shutil.copy(installed.model, tmp_path / "model.safetensors")
    shutil.copy(installed.tokenizer, tmp_path / "tokenizer.json")
    own = load_embedder(f"path:{tmp_path}")
    assert own.embed_query("hello").tobytes() == wordllama.embed_query("hello").tobytes()


def test_an_own_cross_encoder_loads(minilm: Reranker, tmp_path: Path) -> None:
    installed = resolve(MINILM_L12)
    for file in (installed.model, installed.tokenizer):
        shutil.copy(file, tmp_path)
    own = load_reranker(f"path:{tmp_path}")
    assert own.score("Where?", ["Here."]).tobytes() == minilm.score("Where?", ["Here."]).tobytes()


def test_a_hub_is_asked_only_when_configured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def download(repo: str, file: str, *, endpoint: str) -> str:
        asked.append((repo, endpoint))
        return str(folder / Path(file).name.replace("model_quantized", "model"))

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=download))
    with pytest.raises(ModelUnavailable):
        resolve(ABSENT)
    assert asked == []
    weights = resolve(ABSENT, hub="https://hub.example")
    assert (weights.source, weights.verified) == ("hub", False)
    assert set(asked) == {(ABSENT.hub_repo, "https://hub.example")}
    monkeypatch.setenv("MNEMIC_HUB", "https://other.example")
    resolve(ABSENT)
    assert asked[-1] == (ABSENT.hub_repo, "https://other.example")


def test_a_failed_download_names_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: str, **__: str) -> str:
        raise ConnectionError

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=fail))
    with pytest.raises(ModelUnavailable, match=r"hub\.example.*ConnectionError"):
        resolve(ABSENT, hub="https://hub.example")


def test_a_changed_file_has_another_checksum(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    first = file_sha256(file)
    assert file_sha256(file) == first
    file.write_bytes(b"other")
    assert file_sha256(file) != first


@pytest.mark.parametrize("content", ["{", "[]", "\x00"])
def test_a_broken_cache_is_ignored(tmp_path: Path, content: str) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    first = file_sha256(file)
    for cache in (tmp_path / "cache").rglob("checksums.json"):
        cache.write_text(content)
    assert file_sha256(file) == first
