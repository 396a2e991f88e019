"""What every embedder promises: unit vectors that depend on the text alone, for any text."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.models import Embedder, load_embedder
from mnemic.models.catalog import BGE_SMALL
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.models.onnx_embedder import OnnxEmbedder
from mnemic.models.weights import resolve

TEXTS = [
    "We moved to Lisbon last May.",
    "ok",
    "The washing machine leaks whenever the drum is too full, and the repair shop never calls back.",
    "",
    "Bees tell one another the way to flowers by dancing.",
    "long " * 700,
]
ODD = [
    "",
    " ",
    "\x00",
    "\ud800",
    "a\udfffb",
    "\ud83d\ude00",
    "😀" * 50,
    "!!!",
    "\n\t",
    "x" * 20_000,
    "\u200b\u0301",
]
# Lone surrogates too: they come out of JSON escapes.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


def _lengths(vectors: np.ndarray) -> np.ndarray:
    lengths: np.ndarray = np.linalg.norm(vectors, axis=1)
    return lengths


def test_documents_are_unit_rows(embedder: Embedder) -> None:
    vectors = embedder.embed_documents(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.spec.dim)
    assert vectors.dtype == np.float32
    assert _lengths(vectors) == pytest.approx(1.0, abs=1e-5)


def test_no_documents_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.spec.dim)


def test_a_query_is_one_unit_vector(embedder: Embedder) -> None:
    vector = embedder.embed_query("Where does she live?")
    assert vector.shape == (embedder.spec.dim,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-5)


def test_the_vector_of_a_text_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    together = embedder.embed_documents(TEXTS)
    backwards = embedder.embed_documents(TEXTS[::-1])[::-1]
    alone = np.vstack([embedder.embed_documents([text]) for text in TEXTS])
    assert together.tobytes() == backwards.tobytes() == alone.tobytes()


def test_a_query_is_remembered_without_being_shared(embedder: Embedder) -> None:
    first = embedder.embed_query("Who sang?")
    kept = first.copy()
    first[:] = 0
    assert embedder.embed_query("Who sang?").tobytes() == kept.tobytes()


@pytest.mark.parametrize("text", ODD)
def test_odd_text_gives_a_unit_vector(embedder: Embedder, text: str) -> None:
    assert _lengths(embedder.embed_documents([text])) == pytest.approx(1.0, abs=1e-5)
    assert float(np.linalg.norm(embedder.embed_query(text))) == pytest.approx(1.0, abs=1e-5)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, max_size=4))
def test_any_text_gives_a_unit_vector(embedder: Embedder, texts: list[str]) -> None:
    vectors = embedder.embed_documents(texts)
    assert vectors.shape == (len(texts), embedder.spec.dim)
    assert _lengths(vectors) == pytest.approx(1.0, abs=1e-5)


def test_related_texts_are_closer_than_unrelated(embedder: Embedder) -> None:
    query = embedder.embed_query("Where does Anna live?")
    documents = embedder.embed_documents(
        ["Anna lives in Lisbon near the river.", "Yeast makes dough rise.", "The invoice is due in March."]
    )
    assert int(np.argmax(documents @ query)) == 0


def test_bge_finds_meaning_without_shared_words(bge: Embedder) -> None:
    query = bge.embed_query("Does she own a pet?")
    documents = bge.embed_documents(
        ["Maria adopted the grey kitten from that shelter.", "Maria repaired the gearbox in that garage."]
    )
    assert int(np.argmax(documents @ query)) == 0


def test_threads_do_not_change_bge(bge: Embedder) -> None:
    several = load_embedder("bge-small", threads=3)
    assert several.embed_documents(TEXTS).tobytes() == bge.embed_documents(TEXTS).tobytes()


def test_no_threads_are_refused(bge: Embedder) -> None:
    with pytest.raises(BadInput, match="threads"):
        load_embedder("bge-small", threads=0)


def test_bge_loads_and_embeds_without_a_network(bge: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    fresh = OnnxEmbedder(resolve(BGE_SMALL))
    assert fresh.embed_query("hello").tobytes() == bge.embed_query("hello").tobytes()


def test_vectors_are_the_same_in_another_process() -> None:
    code = "from mnemic.models import *; print(load_embedder('hashing').embed_query('rain').tobytes().hex())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == load_embedder("hashing").embed_query("rain").tobytes().hex()


def test_hashing_takes_any_dimension_but_none() -> None:
    assert HashingEmbedder(64).embed_query("rain").shape == (64,)
    assert HashingEmbedder(64).spec.fingerprint != HashingEmbedder(65).spec.fingerprint
    with pytest.raises(BadInput, match="dim"):
        HashingEmbedder(0)


def test_importing_the_models_loads_no_runtime() -> None:
    code = (
        "import sys, mnemic.models; "
        "print([m for m in ('onnxruntime', 'tokenizers', 'safetensors', 'openai') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
