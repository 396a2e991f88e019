"""The estimate stays on the safe side of real tokenizers, and is never surprised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import ModelUnavailable
from mnemic.models import EstimatedTokens
from mnemic.models.calibration import calibration_texts
from mnemic.models.catalog import BGE_SMALL, WORDLLAMA, PackagedModel
from mnemic.models.weights import resolve

COUNTER = EstimatedTokens()
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


@given(ANY_TEXT)
def test_a_count_is_between_nothing_and_the_bytes(text: str) -> None:
    count = COUNTER.count(text)
    assert 0 <= count <= len(text.encode("utf-8", "surrogatepass"))
    assert count > 0 or not text.strip()


@given(ANY_TEXT, ANY_TEXT)
def test_joined_texts_cost_about_their_sum(left: str, right: str) -> None:
    joined = COUNTER.count(left + "\n" + right)
    assert abs(joined - COUNTER.count(left) - COUNTER.count(right) - 1) <= 1


@pytest.mark.parametrize(
    ("text", "least"), [("2026-06-02", 10), ("里斯本", 3), ("a" * 500, 100), ("x\n" * 10, 20), ("{}[]", 4)]
)
def test_dense_text_is_not_taken_for_cheap(text: str, least: int) -> None:
    assert COUNTER.count(text) >= least


@pytest.mark.parametrize("model", [WORDLLAMA, BGE_SMALL], ids=lambda model: model.name)
def test_english_prose_is_estimated_from_above(model: PackagedModel) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    try:
        weights = resolve(model)
    except ModelUnavailable as error:
        pytest.skip(str(error))
    tokenizer = tokenizers.Tokenizer.from_file(str(weights.tokenizer))
    real = sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for text in calibration_texts())
    estimated = sum(COUNTER.count(text) for text in calibration_texts())
    assert 1.0 <= estimated / real <= 1.35
