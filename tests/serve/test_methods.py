"""What HTTP has beside the verbs: HEAD, OPTIONS, ETags, media types, packed and cut-off bodies."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from mnemic.memory import Memory
from mnemic.serve.app import create_app

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["/health", "/v1/banks", "/v1/banks/anna", "/v1/banks/nobody", "/openapi.json", "/ui"])
def test_head_is_get_without_its_body(anna: TestClient, path: str) -> None:
    got, head = anna.get(path), anna.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("content-type", "content-length"):
        assert head.headers.get(name) == got.headers.get(name)


def test_a_path_tells_its_methods(anna: TestClient) -> None:
    told = anna.options("/v1/banks/anna")
    assert (told.status_code, told.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
    refused = anna.post("/v1/banks/anna")
    assert (refused.status_code, refused.headers["allow"]) == (405, told.headers["allow"])
    assert refused.json()["code"] == "no-such-method"
    assert anna.options("/v1/nothing").status_code == 404


def test_a_record_that_is_known_is_not_sent_again(anna: TestClient) -> None:
    record = anna.get("/v1/banks/anna/records").json()["records"][0]
    at = f"/v1/banks/anna/records/{record['id']}"
    tag = anna.get(at).headers["etag"]
    again = anna.get(at, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    anna.patch(at, json={"value": "We moved to Porto."})
    assert anna.get(at, headers={"If-None-Match": tag}).json()["value"] == "We moved to Porto."


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_of_another_media_type_is_told_so(anna: TestClient, media: str) -> None:
    body = json.dumps({"question": "Where?"}).encode()
    answer = anna.post("/v1/banks/anna/recall", content=body, headers={"Content-Type": media} if media else {})
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type")
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/banks/anna/events", '{"messages": [{"content": "a", "meta": {"a": %s}}]}'),
        ("/v1/banks/anna/erasures/verify", '{"receipt": {"id": %s}}'),
        ("/v1/banks/anna/jobs", '{"kind": "form", "options": {"close": %s}}'),
        ("/v1/banks/anna/recall", '{"question": "a", "where": %s}'),
    ],
)
def test_deep_json_is_refused(anna: TestClient, path: str, body: str) -> None:
    for depth in (150, 600, 900, 5000):
        answer = anna.post(path, content=body % ("[" * depth + "]" * depth), headers=JSON)
        assert answer.status_code in (400, 422), (depth, answer.text)


def test_addresses_that_are_no_text_are_refused(anna: TestClient) -> None:
    assert anna.get("/v1/banks/an%FFna").json()["code"] == "malformed"


def test_a_packed_body_is_unpacked_and_bounded(anna: TestClient) -> None:
    packed = {**JSON, "Content-Encoding": "gzip"}
    body = json.dumps({"question": "Where did we move?"}).encode()
    told = anna.post("/v1/banks/anna/recall", content=gzip.compress(body), headers=packed)
    assert "Lisbon" in told.json()["text"]
    bomb = gzip.compress(b'{"question": "' + b" " * (64 << 20) + b'"}')
    assert anna.post("/v1/banks/anna/recall", content=bomb, headers=packed).status_code == 413
    for wrong in (body, gzip.compress(body)[:-9], b""):
        assert anna.post("/v1/banks/anna/recall", content=wrong, headers=packed).status_code in (400, 422)
    other = anna.post("/v1/banks/anna/recall", content=body, headers={**JSON, "Content-Encoding": "br"})
    assert other.status_code == 415
    lines = gzip.compress(b"".join(json.dumps({"content": f"m{n}"}).encode() + b"\n" for n in range(300)))
    streamed = anna.post("/v1/banks/ben/events/stream", content=lines, headers=packed)
    assert json.loads(streamed.text.splitlines()[-1])["result"]["messages"] == 300


def test_a_client_that_goes_away_or_is_cut_off_leaves_nothing(kept: Memory, listening: Callable[[Any], str]) -> None:
    url = urlsplit(listening(create_app(kept)))
    body = json.dumps({"messages": "A message that is never whole."}).encode()
    head = f"POST /v1/banks/anna/events HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
    for sent in (head.encode(), (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body[:10]):
        with socket.create_connection((str(url.hostname), int(url.port or 0))) as connection:
            connection.sendall(sent)
    with socket.create_connection((str(url.hostname), int(url.port or 0))) as connection:
        connection.sendall((head + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode())
        for byte in body:
            # As slowly as it comes, it is taken once it is whole.
            connection.sendall(bytes([byte]))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert kept.bank("anna").stats()["events"] == 1
