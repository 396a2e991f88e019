"""Traces and metrics for a collector, by OpenTelemetry: on when ``OTEL_EXPORTER_OTLP_ENDPOINT`` names one.

A span is a stage or a call of a model: its name, role, counts and duration; never content.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from mnemic.core import observing
from mnemic.models.extras import require

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Tracer

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Tracing:
    """See :class:`mnemic.core.observing.Observer`."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        self._seconds = meter.create_histogram("mnemic.span", "s", "Time of stages and model calls.")
        self._requests = meter.create_histogram("mnemic.request", "s", "Time to answer a request.")
        self._meter = meter
        self._counter = cache(lambda name: meter.create_counter(f"mnemic.{name}"))

    @contextmanager
    def span(self, kind: str, name: str, facts: Mapping[str, Any]) -> Iterator[observing.Note]:
        """Something that lasts."""
        began = time.perf_counter()
        with self._tracer.start_as_current_span(f"{kind} {name}", attributes=_named(facts)) as made:

            def note(**said: int | float | str) -> None:
                made.set_attributes(_named(said))

            yield note
        self._seconds.record(time.perf_counter() - began, {"kind": kind, "name": name})

    def count(self, name: str, n: float, labels: Mapping[str, str]) -> None:
        """Something that happened ``n`` times."""
        self._counter(name).add(n, dict(labels))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.record(seconds, {"method": method, "route": route, "status": status})


def _named(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {f"mnemic.{name}": value for name, value in facts.items()}


def trace_as_told() -> bool:
    """Send traces and metrics where the environment says; False when it names no collector."""
    if not os.environ.get(ENDPOINT):
        return False
    require("opentelemetry.sdk", "otel")
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    observing.observe(Tracing(tracers.get_tracer("mnemic"), meters.get_meter("mnemic")))
    return True
