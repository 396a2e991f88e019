"""What cannot be served is told as a problem: with its status, code, field and remedy, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import mnemic
from mnemic.core import errors
from mnemic.memory import Memory
from mnemic.serve.app import create_app
from mnemic.serve.origins import LOCAL_NAMES
from mnemic.serve.problems import KINDS, of_error
from mnemic.serve.who import Identification


@pytest.mark.parametrize(("kind", "status", "code", "title"), KINDS)
def test_every_error_has_its_status_and_code(kind: type[Exception], status: int, code: str, title: str) -> None:
    made = kind("k: is wrong; do this")
    assert isinstance(made, errors.MnemicError)
    answer = of_error(made)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert f'"type":"urn:mnemic:problem:{code}"'.encode() in answer.body
    assert b'"field":"k"' in answer.body
    assert b'"remedy":"do this"' in answer.body


def test_waiting_is_told_where_it_helps() -> None:
    assert of_error(errors.ModelFailure("down", retry_after=7.2)).headers["retry-after"] == "7"
    assert of_error(errors.Conflict("late")).headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/v1/banks/nobody/records", {}, 404, "not-found"),
        ("GET", "/v1/banks/anna/records/none", {}, 404, "not-found"),
        ("GET", "/v1/banks/anna/events/none", {}, 404, "not-found"),
        ("GET", "/v1/banks/anna/receipts/none", {}, 404, "not-found"),
        ("GET", "/v1/recipes/none", {}, 404, "not-found"),
        ("GET", "/v1/nothing", {}, 404, "no-such-path"),
        ("DELETE", "/v1/banks", {}, 405, "no-such-method"),
        ("POST", "/v1/banks/anna/recall", {"content": b"{"}, 400, "malformed"),
        ("POST", "/v1/banks/anna/recall", {"content": b"[" * 100_000}, 400, "malformed"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": " "}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": "x", "k": 1}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": "x", "tokens": "5"}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": "x", "profile": "none"}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": "a\0b"}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"content": rb'{"question": "\ud800"}'}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": "x", "as_of": 10**30}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/recall", {"json": {"question": "x", "as_of": "then"}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/events", {"json": {"messages": [{"content": ""}]}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/events", {"json": {"messages": [{"meta": {}}]}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/events", {"content": b'{"messages": "x", "at": NaN}'}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/feedback", {"json": {"kind": "cited", "records": ["x"]}}, 404, "not-found"),
        ("GET", "/v1/banks/anna/records?cursor=zzz", {}, 422, "bad-input"),
        ("GET", "/v1/banks/anna/records?limit=0", {}, 422, "bad-input"),
        ("GET", "/v1/banks/anna/diff?since=never", {}, 422, "bad-input"),
        ("PUT", "/v1/banks/%00", {}, 422, "bad-input"),
        ("PUT", "/v1/banks/%1Fx", {}, 422, "bad-input"),
        ("PUT", "/v1/banks/ben", {"json": {"recipe": "/etc/x.toml"}}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/switch", {"json": {"recipe": "none"}}, 404, "not-found"),
        ("POST", "/v1/banks/anna/branch", {"json": {"name": "anna"}}, 422, "bad-input"),
        ("POST", "/v1/import", {"content": b"junk"}, 422, "bad-input"),
        ("POST", "/v1/banks/anna/events/stream", {"content": b'{"content": "a"}\nnone'}, 422, "bad-input"),
    ],
)
def test_what_cannot_be_taken(
    anna: TestClient, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    headers = {"content-type": "application/json"} if "content" in options else {}
    answer = anna.request(method, path, headers=headers, **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    assert anna.get("/v1/banks/anna/stats").json()["events"] == 2


def test_a_defect_is_told_without_its_text(kept: Memory) -> None:
    app = create_app(kept)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("Anna's secret")

    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "defect")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"]


Limited = Callable[..., TestClient]


@pytest.fixture
def limited(kept: Memory) -> Limited:
    """A client of an application with other limits."""

    def make(**settings: Any) -> TestClient:
        kept.settings = replace(kept.settings, **settings)
        return TestClient(create_app(kept), raise_server_exceptions=False)

    return make


def test_bodies_items_and_requests_are_bounded(limited: Limited) -> None:
    client = limited(serve_body_mb=1, serve_items=2, serve_in_flight=1)
    large = client.post("/v1/banks/anna/events", json={"messages": "x" * (2 << 20)})
    assert (large.status_code, large.json()["code"]) == (413, "body-too-large")
    pieces = (b" " * 65536 for _ in range(20))
    unsaid = client.post("/v1/banks/anna/recall", content=pieces, headers={"content-type": "application/json"})
    assert unsaid.status_code == 413
    many = client.post("/v1/banks/anna/events", json={"messages": ["a", "b", "c"]})
    assert (many.status_code, many.json()["field"]) == (422, "messages")
    assert client.post("/v1/banks/anna/events", json={"messages": ["a", "b"]}).status_code == 200


def test_who_has_too_many_requests_under_way_is_told_to_wait(limited: Limited) -> None:
    client = limited(serve_in_flight_each=1)
    app: Any = client.app
    with app.state.shares.taken("local"):
        answer = client.get("/v1/banks")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert client.get("/v1/banks").status_code == 200


def test_pages_of_other_sites_change_nothing(kept: Memory) -> None:
    client = TestClient(create_app(kept, names=LOCAL_NAMES), base_url="http://127.0.0.1:8420")
    assert client.put("/v1/banks/a").status_code == 201
    assert client.put("/v1/banks/b", headers={"Origin": "http://127.0.0.1:8420"}).status_code == 201
    assert client.put("/v1/banks/c", headers={"Origin": "https://evil.example"}).json()["code"] == "foreign-origin"
    assert client.get("/v1/banks", headers={"Host": "evil.example"}).status_code == 403
    assert (
        "access-control-allow-origin" not in client.get("/v1/banks", headers={"Origin": "https://evil.example"}).headers
    )


def test_pages_that_are_named_may_call(limited: Limited) -> None:
    client = limited(serve_origins="https://ours.example")
    answer = client.put("/v1/banks/a", headers={"Origin": "https://ours.example"})
    assert answer.headers["access-control-allow-origin"] == "https://ours.example"


def test_every_answer_bears_its_id_and_what_protects_it(http: TestClient) -> None:
    for path in ("/health", "/v1/banks", "/nothing"):
        answer = http.get(path, headers={"X-Request-ID": "job-7"})
        assert answer.headers["x-request-id"] == "job-7"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert http.get("/health", headers={"X-Request-ID": "a b"}).headers["x-request-id"] != "a b"


def test_large_answers_are_compressed(anna: TestClient) -> None:
    assert anna.get("/openapi.json", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_who_shows_no_key_is_not_known(kept: Memory) -> None:
    def known(credential: str) -> str:
        if credential != "right":
            raise errors.Unauthenticated("key: is unknown; make one with 'mnemic keys add'")
        return "key:1"

    client = TestClient(create_app(kept, identification=Identification(known)))
    assert client.get("/v1/banks").status_code == 401
    wrong = client.get("/v1/banks", headers={"X-API-Key": "wrong"})
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, 'Bearer realm="mnemic"')
    assert client.get("/v1/banks", headers={"Authorization": "Bearer right"}).status_code == 200
    assert client.get("/health").status_code == 200


def test_it_does_not_listen_beyond_this_machine_without_keys(tmp_path: Path) -> None:
    from mnemic.serve.server import check_reach

    for host in ("0.0.0.0", "192.168.1.2", "::", "example.org"):
        with pytest.raises(errors.BadInput, match="mnemic keys"):
            check_reach(host, has_keys=False, open_to_all=False)
        check_reach(host, has_keys=True, open_to_all=False)
        check_reach(host, has_keys=False, open_to_all=True)
    check_reach("127.0.0.1", has_keys=False, open_to_all=False)


def test_the_store_that_is_gone_is_told(tmp_path: Path) -> None:
    memory = mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap")
    client = TestClient(create_app(memory), raise_server_exceptions=False)
    memory.close()
    assert client.get("/ready").status_code == 503
    assert client.get("/v1/banks").json()["code"] == "store-unavailable"
