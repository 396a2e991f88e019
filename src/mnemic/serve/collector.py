"""Sends traces and metrics to a collector, by OpenTelemetry: on when ``OTEL_EXPORTER_OTLP_ENDPOINT`` names one."""

from __future__ import annotations

import os

from mnemic import __version__
from mnemic.core import observing
from mnemic.models.extras import require

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def trace_as_told() -> bool:
    """Send traces and metrics where the environment says; False when it names no collector.

    What waits to be sent is sent when the process ends. Raises ModelUnavailable where OpenTelemetry is not installed.
    """
    if not os.environ.get(ENDPOINT):
        return False
    require("opentelemetry.sdk", "otel")
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from mnemic.serve.tracing import Tracing

    name = os.environ.get("OTEL_SERVICE_NAME") or "mnemic"
    resource = Resource.create({"service.name": name, "service.version": __version__})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource)
    observing.observe(Tracing(tracers.get_tracer("mnemic"), meters.get_meter("mnemic")))
    return True
