"""Thresholds are quantiles: they mean the same for every embedder."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.models import Calibration, Embedder, calibrate, load_embedder
from mnemic.models.calibration import calibration_texts

HASHING = calibrate(load_embedder("hashing"))


def test_the_texts_are_many_and_distinct() -> None:
    texts = calibration_texts()
    assert len(texts) >= 160
    assert len(set(texts)) == len(texts)
    assert all(text.strip() for text in texts)


def test_calibration_is_repeatable_and_belongs_to_its_embedder(embedder: Embedder) -> None:
    calibration = calibrate(embedder)
    assert calibration == calibrate(embedder)
    assert calibration.fingerprint == embedder.spec.fingerprint
    assert len(calibration.quantiles) == 1001


def test_related_texts_stand_out_of_random_pairs(embedder: Embedder) -> None:
    calibration = calibrate(embedder)
    left, right = embedder.embed_documents(["Anna adopted a grey kitten.", "Anna has adopted a small grey kitten."])
    assert calibration.quantile(float(left @ right)) > 0.999


def test_a_dense_space_needs_higher_thresholds(bge: Embedder, wordllama: Embedder) -> None:
    assert calibrate(bge).threshold(0.99) > calibrate(wordllama).threshold(0.99) + 0.2


@given(st.floats(0, 1))
def test_quantile_undoes_threshold(q: float) -> None:
    cos = HASHING.threshold(q)
    assert HASHING.threshold(HASHING.quantile(cos)) == pytest.approx(cos, abs=1e-9)


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_a_higher_cosine_has_no_lower_quantile(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= HASHING.quantile(low) <= HASHING.quantile(high) <= 1


def test_ties_are_taken_whole() -> None:
    calibration = Calibration("f", (0.0, 0.5, 0.5, 0.5, 1.0))
    assert calibration.quantile(0.5) == 0.75
    assert calibration.quantile(-0.1) == 0.0
    assert calibration.quantile(1.0) == 1.0


def test_json_keeps_every_digit() -> None:
    assert Calibration.from_json(json.loads(json.dumps(HASHING.to_json()))) == HASHING


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"fingerprint": "f"},
        {"fingerprint": "f", "quantiles": 3},
        {"fingerprint": "f", "quantiles": ["x", 1]},
    ],
)
def test_other_json_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="calibration"):
        Calibration.from_json(data)


@pytest.mark.parametrize("quantiles", [(), (0.1,), (0.2, 0.1), (0.1, float("nan"))])
def test_quantiles_out_of_order_are_refused(quantiles: tuple[float, ...]) -> None:
    with pytest.raises(BadInput, match="quantiles"):
        Calibration("f", quantiles)


@pytest.mark.parametrize("q", [-0.1, 1.1, float("nan")])
def test_shares_outside_zero_to_one_are_refused(q: float) -> None:
    with pytest.raises(BadInput, match="q must"):
        HASHING.threshold(q)
