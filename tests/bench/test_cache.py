"""The cache of vectors and scores: same answers, less work, and the time of the work kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnemic.bench.cache import CachedEmbedder, CachedReranker, Charge
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.models.overlap_reranker import OverlapReranker


class Counting(HashingEmbedder):
    """A hashing embedder that keeps what it was asked to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += texts
        return super().embed_documents(texts)


@given(st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=4))
@settings(max_examples=30)
def test_vectors_are_those_of_the_embedder(batches: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        inner = Counting()
        cached = CachedEmbedder(inner, Path(folder), Charge())
        for batch in batches:
            np.testing.assert_array_equal(cached.embed_documents(batch), HashingEmbedder().embed_documents(batch))
        assert len(inner.seen) == len(set(inner.seen))


def test_another_process_finds_what_was_embedded_and_is_charged(tmp_path: Path) -> None:
    CachedEmbedder(Counting(), tmp_path, Charge()).embed_documents(["tea", "milk"])
    inner, charge = Counting(), Charge()
    CachedEmbedder(inner, tmp_path, charge).embed_documents(["milk", "rain"])
    assert inner.seen == ["rain"]
    assert charge.take() > 0
    assert charge.take() == 0


def test_questions_and_texts_are_kept_apart(tmp_path: Path) -> None:
    cached = CachedEmbedder(HashingEmbedder(), tmp_path, Charge())
    cached.embed_documents(["tea"])
    np.testing.assert_array_equal(cached.embed_query("tea"), HashingEmbedder().embed_query("tea"))
    np.testing.assert_array_equal(cached.embed_query("tea"), HashingEmbedder().embed_query("tea"))


def test_a_row_that_was_being_written_is_cut_off(tmp_path: Path) -> None:
    CachedEmbedder(HashingEmbedder(), tmp_path, Charge()).embed_documents(["tea", "milk"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    inner = Counting()
    again = CachedEmbedder(inner, tmp_path, Charge())
    np.testing.assert_array_equal(
        again.embed_documents(["tea", "milk"]), HashingEmbedder().embed_documents(["tea", "milk"])
    )
    assert inner.seen == ["milk"]


def test_scores_are_those_of_the_reranker(tmp_path: Path) -> None:
    cached = CachedReranker(OverlapReranker(), tmp_path, Charge())
    passages = ["green tea", "rain", "green tea"]
    for _ in range(2):
        np.testing.assert_array_equal(
            cached.score("green tea?", passages), OverlapReranker().score("green tea?", passages)
        )
    assert cached.score("green tea?", []).shape == (0,)
