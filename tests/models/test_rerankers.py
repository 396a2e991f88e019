"""What every reranker promises, and that the cross-encoder reads meaning."""

from __future__ import annotations

import numpy as np
import pytest

from mnemic.core.errors import ModelUnavailable
from mnemic.models import Reranker, load_reranker

PASSAGES = [
    "The invoice is due in March.",
    "Anna moved to Lisbon last May and lives near the river.",
    "",
    "\ud800\x00",
    "Lisbon " * 900,
]


@pytest.fixture(params=["minilm-l12", "overlap"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    try:
        return load_reranker(request.param)
    except ModelUnavailable as error:
        pytest.skip(str(error))


def test_one_finite_score_a_passage(reranker: Reranker) -> None:
    scores = reranker.score("Where does Anna live?", PASSAGES)
    assert scores.shape == (len(PASSAGES),)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert int(np.argmax(scores)) == 1


def test_no_passages_give_no_scores(reranker: Reranker) -> None:
    assert reranker.score("Where?", []).shape == (0,)


def test_a_score_does_not_depend_on_the_other_passages(reranker: Reranker) -> None:
    together = reranker.score("Where does Anna live?", PASSAGES)
    alone = np.concatenate([reranker.score("Where does Anna live?", [passage]) for passage in PASSAGES])
    assert together.tobytes() == alone.tobytes()


@pytest.mark.parametrize("query", ["", "\ud800", "where " * 2000])
def test_odd_queries_are_scored(reranker: Reranker, query: str) -> None:
    assert np.isfinite(reranker.score(query, PASSAGES)).all()


def test_a_long_passage_is_cut_and_the_query_is_not(minilm: Reranker) -> None:
    query = "Where does Anna live? " * 30 + "And which instrument does she "
    passage = "She plays the cello. " + "The invoice is due in March. " * 200
    (score,) = minilm.score(query + "play?", [passage])
    assert minilm.score(query + "play?", [passage + "It rained."]) == score
    assert minilm.score(query + "sell?", [passage]) != score


def test_minilm_finds_meaning_without_shared_words(minilm: Reranker) -> None:
    scores = minilm.score("Does she own a pet?", ["Maria repaired the gearbox.", "Maria adopted the kitten."])
    assert int(np.argmax(scores)) == 1


def test_threads_do_not_change_minilm(minilm: Reranker) -> None:
    several = load_reranker("minilm-l12", threads=3)
    assert several.score("Where?", PASSAGES).tobytes() == minilm.score("Where?", PASSAGES).tobytes()
