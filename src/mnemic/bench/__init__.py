"""Benchmarks: data sets with gold evidence, retrieval metrics, a resumable runner, comparison and reports."""
