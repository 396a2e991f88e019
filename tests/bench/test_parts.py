"""Parts of a memory measured alone: segmenters against marked topic shifts, extractors against memory points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from mnemic.bench import halumem, segmentation
from mnemic.bench.part import PartReport
from mnemic.core.errors import BadInput
from mnemic.engine.tools import Models
from mnemic.recipes import load_recipe

DIALOGUE = [["hello", "-1"], ["how are you", "0"], ["I like trains", "1"], ["the night train is best", "0"]]


@generated(st.sets(st.integers(1, 19)), st.sets(st.integers(1, 19)), st.integers(1, 6))
def test_errors_are_shares_and_none_for_the_reference_itself(one: set[int], other: set[int], k: int) -> None:
    first, second = sorted(one), sorted(other)
    assert segmentation.pk(first, first, 20, k) == segmentation.window_diff(first, first, 20, k) == 0
    assert 0 <= segmentation.pk(first, second, 20, k) <= segmentation.window_diff(first, second, 20, k) <= 1


def test_pk_by_hand() -> None:
    # Six turns, a cut before turn 3, k = 2: windows (0,2) (1,3) (2,4) (3,5); the second and third cross the cut.
    assert segmentation.pk([3], [], 6, 2) == 0.5
    # A guess one turn late is wrong for (1,3), which ends before it, and for (3,5), which crosses it.
    assert segmentation.pk([3], [4], 6, 2) == 0.5


def test_both_data_sets_are_read(tmp_path: Path) -> None:
    (tmp_path / "tiage").mkdir()
    (tmp_path / "tiage" / "anno_test.json").write_text(json.dumps({"1": DIALOGUE}))
    (found,) = segmentation.load_tiage(tmp_path)
    assert (found.lengths, found.cuts) == ((2, 2), [2])
    (tmp_path / "dialseg711").mkdir()
    row = {"dial_id": "d", "utterances": ["a", "b", "c"], "segments": [1, 2], "set": "test"}
    (tmp_path / "dialseg711" / "dialseg_711.json").write_text(json.dumps([row, {**row, "set": "dev"}]))
    (other,) = segmentation.load_dialseg711(tmp_path)
    assert other.cuts == [1]


def test_data_that_are_missing_or_odd_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"anno_test\.json not found"):
        segmentation.load_tiage(tmp_path)
    (tmp_path / "tiage").mkdir()
    (tmp_path / "tiage" / "anno_test.json").write_text("[1]")
    with pytest.raises(BadInput, match="not in TIAGE's form"):
        segmentation.load_tiage(tmp_path)
    with pytest.raises(BadInput, match=r"user12\.jsonl not found"):
        halumem.load_halumem(tmp_path)


@pytest.mark.parametrize("segmenter", segmentation.segmenters(), ids=str)
def test_every_segmenter_is_measured(segmenter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEMIC_EMBEDDER", "hashing")
    from mnemic.bench.part import part_tools

    dialogue = segmentation.Dialogue(tuple(text for text, _ in DIALOGUE), (2, 2))
    tools = part_tools(tmp_path)
    found = segmentation.measure([dialogue], lambda texts: segmentation.cuts_of(segmenter, texts, tools=tools))
    assert found["dialogues"] == 1
    assert 0 <= found["pk"] <= found["window_diff"] <= 1


def point(text: str, *, source: str = "secondary", replaces: str = "") -> dict[str, Any]:
    """A memory point as the data have it."""
    return {
        "memory_content": text,
        "memory_source": source,
        "is_update": str(bool(replaces)),
        "original_memories": [replaces] if replaces else [],
    }


@pytest.fixture
def sessions(tmp_path: Path) -> list[halumem.Session]:
    """Two sessions written for this test: a move that replaces a home, and something that was never said."""
    said = ("I live in Porto with my dog Rex.", "I moved to Lisbon, the flat is near the river Tagus.")
    points = (
        [point("Anna lives in Porto with dog Rex"), point("Anna lives in Madrid with cat Tom", source="interference")],
        [point("Anna moved to Lisbon, near river Tagus", replaces="Anna lives in Porto with dog Rex")],
    )
    rows = [
        {
            "dialogue": [{"role": "user", "content": text, "timestamp": f"Jan 0{day}, 2026, 10:00:00"}],
            "memory_points": found,
        }
        for day, (text, found) in enumerate(zip(said, points, strict=True), 1)
    ]
    (tmp_path / "halumem").mkdir()
    (tmp_path / "halumem" / "user12.jsonl").write_text(json.dumps({"sessions": rows}))
    return halumem.load_halumem(tmp_path)


def test_true_points_and_what_must_not_be_stored_are_told_apart(sessions: list[halumem.Session]) -> None:
    assert [[p.false for p in session.points] for session in sessions] == [[False, True], [False]]
    assert sessions[1].points[0].replaces == ("Anna lives in Porto with dog Rex",)


def test_an_extractor_is_held_against_the_points(sessions: list[halumem.Session]) -> None:
    models = Models("hashing", "overlap")
    found = halumem.measure(load_recipe("bm25"), sessions, models)
    assert found["records"] == 2
    assert found["recall"] == 1.0
    assert found["interference"] == 0.0
    # Nothing was replaced: the old home is as current as the new one.
    assert found["updates"] == 0.0


def test_given_points_reach_the_extractor(sessions: list[halumem.Session]) -> None:
    models = Models("hashing", "overlap")
    found = halumem.measure(load_recipe("mem0"), sessions, models, halumem.given(sessions))
    assert found["recall"] == 1.0
    assert found["precision"] == 1.0


def test_a_report_is_written_as_data_and_as_a_page(tmp_path: Path) -> None:
    report = PartReport("p", "Parts", {"stage": "stage", "f1": "F1"}, [{"stage": "a", "f1": 0.5}], ["made up"])
    assert json.loads(report.write(tmp_path).read_text())["rows"] == [{"stage": "a", "f1": 0.5}]
    assert "- made up" in report.markdown("mnemic bench p")
    assert report.table().row_count == 1
