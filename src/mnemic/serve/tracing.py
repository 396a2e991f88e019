"""Traces and metrics by OpenTelemetry.

A request is one trace, part of the sender's where he names his in ``traceparent``. Its spans are verbs, stages, calls
of models, of the embedder and the reranker, and transactions of the store: names, counts, durations; never content.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from mnemic.core import observing
from mnemic.serve import figures


class Tracing:
    """See :class:`mnemic.core.observing.Observer`."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        told = "Time of verbs, stages, model calls and store transactions."
        self._seconds = meter.create_histogram(
            "mnemic.span", "s", told, explicit_bucket_boundaries_advisory=figures.SPANS_S
        )
        self._requests = meter.create_histogram(
            "mnemic.request", "s", "Time to answer a request.", explicit_bucket_boundaries_advisory=figures.WAITS_S
        )
        self._meter = meter
        self._counter = cache(lambda name: meter.create_counter(f"mnemic.{name}"))

    @contextmanager
    def span(self, kind: str, name: str, facts: Mapping[str, Any]) -> Iterator[observing.Note]:
        """Something that lasts."""
        began = time.perf_counter()
        try:
            # What is written behind belongs to no request: it is measured, and is no trace of its own.
            alone = (kind, name) == ("store", "write") and not trace.get_current_span().get_span_context().is_valid
            with nullcontext() if alone else self._spanned(f"{kind} {name}", None, SpanKind.INTERNAL) as made:
                if made is not None:
                    made.set_attributes(_named(facts))

                def note(**said: int | float | str) -> None:
                    if made is not None:
                        made.set_attributes(_named(said))

                yield note
        finally:
            self._seconds.record(time.perf_counter() - began, {"kind": kind, "name": name})

    @contextmanager
    def _spanned(self, name: str, within: Context | None, kind: SpanKind) -> Iterator[Span]:
        # The message of an exception may quote what was sent: its kind alone is told.
        with self._tracer.start_as_current_span(
            name, context=within, kind=kind, record_exception=False, set_status_on_exception=False
        ) as made:
            try:
                yield made
            except BaseException as error:
                made.set_attribute("error.type", type(error).__name__)
                made.set_status(trace.StatusCode.ERROR)
                raise

    def count(self, name: str, n: float, labels: Mapping[str, str]) -> None:
        """Something that happened ``n`` times."""
        self._counter(name).add(n, dict(labels))

    @contextmanager
    def request(self, method: str, carrier: Mapping[str, str]) -> Iterator[observing.Answered]:
        """A request over HTTP."""
        began = time.perf_counter()
        within = TraceContextTextMapPropagator().extract(dict(carrier))
        with self._spanned(method, within, SpanKind.SERVER) as made:
            made.set_attributes({"http.request.method": method, "mnemic.request": carrier.get("request", "")})

            def answered(route: str, status: int) -> None:
                made.update_name(f"{method} {route}")
                made.set_attributes({"http.route": route, "http.response.status_code": status})
                if status >= 500:
                    made.set_status(trace.StatusCode.ERROR)
                said: dict[str, Any] = {"method": method, "route": route, "status": status}
                self._requests.record(time.perf_counter() - began, said)

            yield answered


def _named(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {f"mnemic.{name}": value for name, value in facts.items()}
