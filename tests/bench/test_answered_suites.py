"""Suites whose answers are scored: the scorer, the made-up lives, and FactConsolidation where its data are there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mnemic.bench.aggregate import rows
from mnemic.bench.answers import Check
from mnemic.bench.command import run_benchmark
from mnemic.bench.lives import KINDS, life, load_lives
from mnemic.bench.outcome import metrics_of
from mnemic.bench.sample import spread
from mnemic.bench.suite import Suite, load_suite
from mnemic.core.errors import BadInput


def test_an_answer_must_hold_each_group_and_lack_what_is_not_so() -> None:
    check = Check((("Porto", "Oporto"), ("two", "2")), ("Lisbon",))
    assert check.right("2: Oporto and Braga")
    assert not check.right("Porto")
    assert not check.right("2: Porto; Lisbon")


def test_the_same_seed_gives_the_same_life_and_another_another() -> None:
    assert life(7) == life(7)
    assert life(7).sha != life(8).sha


def test_a_life_asks_in_all_kinds_and_carries_facts_but_no_answers() -> None:
    told = life(3)
    assert {probe.category for probe in told.probes} == set(KINDS)
    facts = [fact for event in told.events for fact in event.meta.get("facts", ())]
    assert all({"subject", "attribute", "value", "text"} <= set(fact) for fact in facts)
    assert {name for fact in facts for name in fact} <= {"subject", "attribute", "value", "text", "rests_on", "ended"}
    assert any(fact.get("rests_on") for fact in facts)
    assert [event.occurred_at for event in told.events] == sorted(event.occurred_at for event in told.events)


def test_what_is_right_in_a_life_is_no_answer_to_all_of_its_questions() -> None:
    for probe in life(5).probes:
        assert probe.check is not None
        assert not probe.check.right("")
        assert probe.check.right(" ".join(group[0] for group in probe.check.hold))


@pytest.mark.parametrize("seeds", ["a", "4-1", "-3"])
def test_seeds_that_are_no_range_are_refused(seeds: str) -> None:
    with pytest.raises(BadInput, match="seeds"):
        load_lives(seeds)


def test_default_answers_a_life_by_code_where_search_alone_does_not(tmp_path: Path) -> None:
    report = run_benchmark(
        "lives/1-1", ["default@fast", "bm25"], out=tmp_path, embedder="hashing", reranker="overlap", limit=30
    )
    assert metrics_of(report.suite) == ("accuracy",)
    default, bm25 = (report.row(run, "all")["accuracy"] for run in report.runs)
    # Hashed words know no meaning, so paraphrases are out of reach here.
    assert default > 0.6
    assert bm25 < 0.4
    assert "answers" in (tmp_path / "report.html").read_text(encoding="utf-8").lower()
    assert {row["category"] for row in rows(report.suite, report.runs)} == {*KINDS, "all"}


def test_fact_consolidation_single_hop_is_answered_by_the_version_law(tmp_path: Path) -> None:
    if not os.environ.get("MNEMIC_DATA"):
        pytest.skip("MNEMIC_DATA is not set: the FactConsolidation file is not there")
    suite = load_suite("fact-consolidation")
    small = next(c for c in suite.conversations if c.id == "facts-6k")
    probes = tuple(probe for probe in small.probes if probe.category == "sh_6k")
    assert len(small.events) == 455
    assert len(probes) == 100
    report = run_benchmark(
        "fact-consolidation", ["default@fast"], out=tmp_path, embedder="hashing", reranker="overlap", conversations=1
    )
    assert report.row(report.runs[0], "sh_6k")["accuracy"] >= 0.9


def test_a_sample_of_an_answered_suite_is_one_too() -> None:
    suite = load_lives("2-2")
    assert spread(suite, 5).answered
    unchecked = replace(suite.conversations[0], probes=(replace(suite.probes[0], check=None),))
    assert not Suite("s", (unchecked,)).answered
