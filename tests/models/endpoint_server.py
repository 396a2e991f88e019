"""A server in this process that speaks the protocols of language model endpoints, and misbehaves on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Served:
    """What the server gives back: a text as the model's answer, or a status with headers; after ``delay`` seconds."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    tokens: tuple[int, int] = (100, 20)
    message: str = "something is wrong"


@dataclass
class Endpoint:
    """The running server: what it was asked, and how many requests were in it at once at most."""

    behave: Callable[[dict[str, Any], int], Served]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    within: int = 0
    most_within: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def prompts(self) -> list[str]:
        """The text of every request."""
        return [json.dumps(request, ensure_ascii=False) for request in self.requests]


def answers(*texts: str | Mapping[str, Any]) -> Callable[[dict[str, Any], int], Served]:
    """Answers in turn, the last one again and again; a mapping is given as JSON."""
    said = [text if isinstance(text, str) else json.dumps(text) for text in texts]
    return lambda request, number: Served(said[min(number, len(said) - 1)])


@contextmanager
def serving(behave: Callable[[dict[str, Any], int], Served]) -> Iterator[Endpoint]:
    """An endpoint on a free port of this machine."""
    endpoint = Endpoint(behave)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with endpoint.lock:
                number = len(endpoint.requests)
                endpoint.requests.append(body)
                endpoint.headers.append(dict(self.headers))
                endpoint.within += 1
                endpoint.most_within = max(endpoint.most_within, endpoint.within)
            try:
                served = endpoint.behave(body, number)
                time.sleep(served.delay)
                self._send(served, _reply(self.path, served))
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                with endpoint.lock:
                    endpoint.within -= 1

        def _send(self, served: Served, reply: dict[str, Any]) -> None:
            data = json.dumps(reply).encode()
            self.send_response(served.status)
            for name, value in {"Content-Type": "application/json", **served.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()


def _reply(path: str, served: Served) -> dict[str, Any]:
    if served.status != 200:
        return {"error": {"message": served.message, "type": "error"}}
    taken, made = served.tokens
    if path.endswith("/messages"):
        return {
            "id": "m", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": served.text}],
            "usage": {"input_tokens": taken, "output_tokens": made},
        }  # fmt: skip
    if path.endswith("/responses"):
        said = {"type": "output_text", "text": served.text, "annotations": []}
        return {
            "id": "r", "object": "response", "created_at": 1, "model": "fake", "status": "completed", "tools": [],
            "parallel_tool_calls": True, "tool_choice": "auto",
            "output": [{"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [said]}],
            "usage": {
                "input_tokens": taken, "output_tokens": made, "total_tokens": taken + made,
                "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0},
            },
        }  # fmt: skip
    if "generateContent" in path:
        return {
            "candidates": [{"content": {"role": "model", "parts": [{"text": served.text}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": taken, "candidatesTokenCount": made},
            "modelVersion": "gemini",
            "responseId": "r",
        }
    message = {"role": "assistant", "content": served.text}
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": "fake",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": taken, "completion_tokens": made, "total_tokens": taken + made},
    }  # fmt: skip
