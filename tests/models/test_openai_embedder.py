"""The endpoint client against a local stub server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models import load_embedder
from mnemic.models.openai_embedder import OpenAIEmbedder

pytest.importorskip("openai", reason="the openai package is not installed")


@dataclass
class Stub:
    """What the server was asked, and how it shall answer."""

    url: str = ""
    dim: int = 3
    failures: int = 0
    status: int = 503
    drop: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.requests.append(request)
        if self.failures:
            self.failures -= 1
            return self.status, {"error": {"message": "busy"}}
        data = [
            {"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0, *[0.0] * (self.dim - 2)]}
            for i, text in enumerate(request["input"])
        ]
        # Servers may answer in any order.
        return 200, {"object": "list", "model": "m", "data": data[::-1][self.drop :], "usage": None}


@pytest.fixture
def stub() -> Iterator[Stub]:
    state = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.keys.append(self.headers.get("Authorization"))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = state.answer(body)
            payload = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def test_vectors_come_back_in_order_and_normalised(stub: Stub) -> None:
    embedder = OpenAIEmbedder("m", base_url=stub.url)
    vectors = embedder.embed_documents(["aaaa", "b"])
    assert vectors.shape == (2, 3)
    assert vectors.dtype == np.float32
    assert vectors[0] == pytest.approx([4 / 17**0.5, 1 / 17**0.5, 0], abs=1e-6)
    assert vectors[1] == pytest.approx([2**-0.5, 2**-0.5, 0], abs=1e-6)


def test_many_texts_go_in_batches(stub: Stub) -> None:
    embedder = OpenAIEmbedder("m", base_url=stub.url, dim=3)
    assert embedder.embed_documents([f"text {i}" for i in range(130)]).shape == (130, 3)
    assert [len(request["input"]) for request in stub.requests] == [64, 64, 2]
    assert embedder.embed_documents([]).shape == (0, 3)


def test_blank_and_broken_texts_are_safe(stub: Stub) -> None:
    embedder = OpenAIEmbedder("m", base_url=stub.url, dim=3, max_chars=10)
    vectors = embedder.embed_documents(["", " \n", "\ud800", "x" * 50])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-6)
    assert stub.requests[0]["input"] == ["\ufffd", "x" * 10]
    assert embedder.embed_query("").shape == (3,)


def test_a_busy_server_is_asked_again(stub: Stub) -> None:
    stub.failures = 1
    assert OpenAIEmbedder("m", base_url=stub.url, dim=3).embed_query("hi").shape == (3,)
    assert len(stub.requests) == 2


def test_a_refusing_server_is_named_and_the_key_is_not(stub: Stub) -> None:
    stub.failures, stub.status = 9, 401
    embedder = OpenAIEmbedder("m", base_url=stub.url, api_key="sk-very-secret", dim=3)
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1.*HTTP 401") as caught:
        embedder.embed_query("hi")
    assert "secret" not in str(caught.value)
    assert stub.keys == ["Bearer sk-very-secret"]


def test_an_unreachable_server_is_named() -> None:
    embedder = OpenAIEmbedder("m", base_url="http://127.0.0.1:9/v1", dim=3, max_retries=0)
    with pytest.raises(ModelUnavailable, match="APIConnectionError"):
        embedder.embed_query("hi")


def test_another_dimension_is_refused(stub: Stub) -> None:
    embedder = OpenAIEmbedder("m", base_url=stub.url, dim=5)
    with pytest.raises(BadInput, match=r"dim.*3 components.*5"):
        embedder.embed_query("hi")


def test_missing_vectors_are_noticed(stub: Stub) -> None:
    stub.drop = 1
    with pytest.raises(ModelUnavailable, match="1 vectors for 2 texts"):
        OpenAIEmbedder("m", base_url=stub.url, dim=3).embed_documents(["a", "b"])


def test_the_fingerprint_names_host_model_and_dimension(stub: Stub) -> None:
    def fingerprint(model: str = "m", base_url: str = "http://one.example/v1", dim: int = 3) -> str:
        return OpenAIEmbedder(model, base_url=base_url, dim=dim).spec.fingerprint

    assert fingerprint() == fingerprint(base_url="http://one.example/v1/")
    others = {fingerprint(model="n"), fingerprint(base_url="http://two.example/v1"), fingerprint(dim=4)}
    assert len(others | {fingerprint()}) == 4
    assert OpenAIEmbedder("m", base_url=stub.url).spec.dim == 3


def test_the_key_comes_from_the_environment(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
        OpenAIEmbedder("m")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    OpenAIEmbedder("m", base_url=stub.url, dim=3).embed_query("hi")
    assert stub.keys == ["Bearer sk-env"]


def test_the_registry_reads_model_and_address(stub: Stub) -> None:
    embedder = load_embedder(f"openai:@org/small@{stub.url}")
    assert embedder.spec.name == "openai:@org/small"
    assert stub.requests[0]["model"] == "@org/small"
