"""A collector of OpenTelemetry: takes OTLP over HTTP, and keeps what it was sent as the protocol's own messages."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """What was sent, by the path that it was sent to."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: dict[str, list[Any]] = {"/v1/traces": [], "/v1/metrics": []}

    def take(self, path: str, body: bytes) -> None:
        """Keep a message; raises what the protocol's parser raises of one that is none."""
        kind = ExportTraceServiceRequest if path == "/v1/traces" else ExportMetricsServiceRequest
        self.sent[path].append(kind.FromString(body))

    @property
    def spans(self) -> list[Any]:
        """Every span that was sent."""
        return [
            span
            for message in self.sent["/v1/traces"]
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def metrics(self) -> list[Any]:
        """Every metric that was sent."""
        return [
            metric
            for message in self.sent["/v1/metrics"]
            for resource in message.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens on a port of the loopback."""
    kept = Collector()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            kept.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing is said of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)
