"""The benchmark on the façade itself, with recipes that need no model."""

from __future__ import annotations

from pathlib import Path

from mnemic.bench.command import run_benchmark

from .conftest import SUITES


def test_bm25_finds_the_evidence_of_the_diary(tmp_path: Path) -> None:
    report = run_benchmark(SUITES / "diary", ["bm25", "full-context"], out=tmp_path)
    everything = report.row(report.runs[0], "all")
    assert everything["n"] == 4
    assert everything["recall_at_5"] == everything["coverage_500"] == 1
    assert 0 < everything["tokens"] <= 1500
    assert everything["bytes"] > 0
    assert all(run.readings.keys() == {probe.id for probe in report.suite.probes} for run in report.runs)


def test_the_same_seed_gives_the_same_rankings(tmp_path: Path) -> None:
    first, second = (run_benchmark(SUITES / "diary", ["bm25"], out=tmp_path / name) for name in "ab")
    for probe in first.suite.probes:
        one, other = first.runs[0].readings[probe.id], second.runs[0].readings[probe.id]
        assert (one.ranking, one.cited, one.tokens) == (other.ranking, other.cited, other.tokens)


def test_running_again_reads_nothing_again(tmp_path: Path) -> None:
    first = run_benchmark(SUITES / "diary", ["bm25"], out=tmp_path, limit=2)
    again = run_benchmark(SUITES / "diary", ["bm25"], out=tmp_path)
    kept = {probe.id: first.runs[0].readings[probe.id] for probe in first.suite.probes}
    assert kept.items() <= again.runs[0].readings.items()
    assert first.runs[0].writings == again.runs[0].writings


def test_models_are_named_and_enter_the_fingerprint(tmp_path: Path) -> None:
    report = run_benchmark(SUITES / "diary", ["hybrid"], out=tmp_path, embedder="hashing", reranker="overlap")
    assert report.about["embedder"].startswith("hashing (")
    assert report.about["reranker"] == "none needed"
    assert report.row(report.runs[0], "all")["recall_at_5"] == 1
    (journal,) = tmp_path.glob("journal/diary/hybrid/anna-*.jsonl")
    assert '"embedder":"hashing (' in journal.read_text(encoding="utf-8").split("\n")[0]
