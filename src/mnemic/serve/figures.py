"""Figures for a monitor in Prometheus' format: requests, stages, models, what was retained and recalled.

Names of routes, stages and tasks alone are told; no bank, no sender, no content.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from mnemic.core import observing

#: Names a folder in the environment where the processes of one server keep their figures beside one another.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: Upper bounds of the buckets, in seconds: of answers, and of what runs within one.
WAITS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SPANS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)
_COUNTED = {
    "events_retained": ("Events taken into evidence.", ()),
    "recalls": ("Contexts given back.", ()),
    "tokens_given": ("Tokens of the contexts given back.", ()),
    "model_calls": ("Calls of language models.", ("task", "purpose")),
    "model_tokens": ("Tokens that language models took and gave.", ("task", "purpose")),
}


class Figures:
    """See :class:`mnemic.core.observing.Observer`.

    >>> figures = Figures()
    >>> figures.count("recalls", 2, {})
    >>> "mnemic_recalls_total 2.0" in figures.text()
    True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters = {
            name: Counter(f"mnemic_{name}", told, labels, registry=self._registry)
            for name, (told, labels) in _COUNTED.items()
        }
        self._requests = Counter(
            "mnemic_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._waits = Histogram(
            "mnemic_request_seconds", "Time to answer.", ("route",), buckets=WAITS_S, registry=self._registry
        )
        self._spans = Histogram(
            "mnemic_span_seconds",
            "Time of verbs, stages, model calls and store transactions.",
            ("kind", "name"),
            buckets=SPANS_S,
            registry=self._registry,
        )

    @contextmanager
    def span(self, kind: str, name: str, facts: Mapping[str, Any]) -> Iterator[observing.Note]:
        """Something that lasts."""
        began = time.perf_counter()
        try:
            yield observing.Noted()
        finally:
            self._spans.labels(kind, name).observe(time.perf_counter() - began)

    def count(self, name: str, n: float, labels: Mapping[str, str]) -> None:
        """Something that happened ``n`` times."""
        counter = self._counters.get(name)
        if counter is not None:
            (counter.labels(**labels) if labels else counter).inc(n)

    @contextmanager
    def request(self, method: str, carrier: Mapping[str, str]) -> Iterator[observing.Answered]:
        """A request over HTTP."""
        began = time.perf_counter()

        def answered(route: str, status: int) -> None:
            self._requests.labels(method, route, str(status)).inc()
            self._waits.labels(route).observe(time.perf_counter() - began)

        yield answered

    def text(self) -> str:
        """All figures as a monitor reads them, with those of the processes beside this one."""
        registry = self._registry
        if folder := os.environ.get(SHARED_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry).decode()


@cache
def figures() -> Figures:
    """The figures of this process, counted from the first time that they are asked for."""
    made = Figures()
    observing.observe(made)
    return made
