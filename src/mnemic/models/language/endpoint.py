"""Language models behind an endpoint, hosted or local, through pydantic-ai, which knows the providers.

Requests run on an event loop in a thread of its own, so that callers stay synchronous and connections are kept. The
shape of the answer is given as native structured output where the model's profile has it, else as a tool to call,
else in words alone. Attempt n of a request that may be tried again waits pause * 2^n * (0.5 .. 1.5) seconds, or as
long as the endpoint says.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mnemic.core.errors import BadInput, Malformed, ModelFailure, TooLarge
from mnemic.core.task import Task
from mnemic.core.usage import Usage
from mnemic.models.language.exchange import THINKING, Request, Said, exchange
from mnemic.models.language.port import Reply
from mnemic.models.language.provider import (
    connected,
    key_variable,
    kind_and_name,
    messages_of,
    reason_of,
    text_of,
    wanted_output,
    without_keys,
)

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

#: An endpoint that asks for a longer pause than this is asked again by a later write, not by this one.
LONGEST_PAUSE = 20.0
_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504, 529)

Result = TypeVar("Result")


class _Loop:
    """An event loop in a daemon thread; one a process, since connections belong to the loop that made them."""

    _one: _Loop | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.process = os.getpid()
        threading.Thread(target=self.loop.run_forever, name="mnemic-language-model", daemon=True).start()

    @classmethod
    def run(cls, work: Coroutine[Any, Any, Result]) -> Result:
        """Run to the end, from any thread."""
        with cls._lock:
            # The thread does not live on in a forked process.
            if cls._one is None or cls._one.process != os.getpid():
                cls._one = cls()
            loop = cls._one.loop
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


@dataclass(slots=True)
class EndpointModel:
    """A model as ``provider:name``, such as ``openai:gpt-5-mini``, ``anthropic:claude-haiku-4-5``, ``ollama:qwen3``.

    Parameters
    ----------
    model
        Provider and name; ``google-gla`` is another word for ``google``.
    url
        Address of the endpoint. With ``openai:NAME`` it is any server that speaks OpenAI's chat completions, such
        as llama.cpp's or vLLM.
    call_tokens
        The most tokens that prompt and answer of one call may take together.
    timeout
        Seconds that one request may take; what takes longer is not tried again at once.
    concurrency
        The most requests at a time.
    attempts
        How often a request is sent in all, when the endpoint is busy, failing or not reached.
    pause
        Seconds before the second attempt; doubled for each further one.

    Raises ModelUnavailable when the client is not installed or has no key, BadInput when the name is none;
    ``ask`` raises ModelFailure, Malformed or TooLarge.

    >>> EndpointModel("openai:qwen3", url="http://localhost:8080/v1").name
    'openai:qwen3@http://localhost:8080/v1'
    """

    model: str
    url: str = ""
    call_tokens: int = 16_000
    timeout: float = 60.0
    concurrency: int = 4
    attempts: int = 3
    pause: float = 1.0
    #: The client, given instead of made: pydantic-ai's own stand-ins in tests.
    client: Model | None = None
    _places: threading.BoundedSemaphore = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        provider, separator, name = self.model.partition(":")
        if not separator or not provider or not name:
            raise BadInput(f"language_model: {self.model!r} is no provider:name, such as openai:gpt-5-mini")
        self._places = threading.BoundedSemaphore(self.concurrency)

    @property
    def name(self) -> str:
        """Provider, name and address: answers of another one are other answers."""
        return f"{self.model}@{self.url}" if self.url else self.model

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The checked answer, after at most one repair."""
        return exchange(task, inputs, self._send, call_tokens=self.call_tokens)

    def _send(self, request: Request) -> Said:
        with self._lock:
            if self.client is None:
                self.client = connected(self.model, self.url)
        with self._places:
            return _Loop.run(self._attempts(self.client, request))

    async def _attempts(self, client: Model, request: Request) -> Said:
        from pydantic_ai.exceptions import AgentRunError, UserError

        for attempt in range(self.attempts):
            usage = Usage(calls=attempt + 1)
            try:
                response = await asyncio.wait_for(self._request(client, request), self.timeout)
            except TimeoutError:
                raise ModelFailure(f"{self._who}: no answer within {self.timeout:g} s", usage=usage) from None
            except (AgentRunError, UserError, OSError) as error:
                failure = self._failure(error, usage)
                pause = self._pause(error, failure, attempt)
                if pause is None:
                    raise failure from None
                await asyncio.sleep(pause)
                continue
            spent = Usage(attempt + 1, 0, response.usage.input_tokens, response.usage.output_tokens)
            return Said(text_of(response), spent, response.finish_reason == "length")
        raise AssertionError("the last attempt returns or raises")

    async def _request(self, client: Model, request: Request) -> ModelResponse:
        from pydantic_ai.direct import model_request

        # Attempts are counted here, where they are usage; thinking would use up the answer's tokens.
        settings: ModelSettings = {
            "max_tokens": request.max_tokens,
            "timeout": self.timeout,
            "max_retries": 0,
            "thinking": False,
        }
        if client.profile.get("thinking_always_enabled", False):
            # It thinks a little all the same, and such models take no temperature.
            room = self.call_tokens - request.prompt.tokens
            settings["max_tokens"] = max(request.max_tokens, min(request.max_tokens + THINKING, room))
        else:
            settings["temperature"] = 0.0
        return await model_request(
            client,
            messages_of(request),
            model_settings=settings,
            model_request_parameters=wanted_output(client, request),
        )

    @property
    def _who(self) -> str:
        return f"language model {self.name}"

    def _pause(self, error: BaseException, failure: ModelFailure, attempt: int) -> float | None:
        from pydantic_ai.exceptions import (
            ModelConnectionError,
            ModelHTTPError,
            ModelQuotaExceededError,
            ModelTimeoutError,
        )

        if (
            failure.lasting
            or attempt + 1 == self.attempts
            or isinstance(error, ModelTimeoutError | ModelQuotaExceededError)
        ):
            return None
        again = isinstance(error, ModelConnectionError | OSError)
        if isinstance(error, ModelHTTPError):
            again = error.status_code in _AGAIN
        # Chance that decides nothing but a pause.
        pause = self.pause * 2**attempt * random.uniform(0.5, 1.5)
        if failure.retry_after is not None:
            pause = max(pause, failure.retry_after)
        return pause if again and pause <= LONGEST_PAUSE else None

    def _failure(self, error: BaseException, usage: Usage) -> ModelFailure:
        from pydantic_ai import exceptions as known

        after = getattr(error, "retry_after", None)
        if isinstance(error, known.ModelContextWindowExceededError):
            return TooLarge(f"{self._who}: the prompt is longer than what it can read", usage=usage)
        if isinstance(error, known.ContentFilterError):
            return Malformed(f"{self._who}: its content filter refuses to answer", usage=usage)
        if isinstance(error, known.ModelTimeoutError | known.ModelRequestTimeout):
            return ModelFailure(f"{self._who}: no answer within {self.timeout:g} s", usage=usage)
        if isinstance(error, known.ModelAuthenticationError):
            return ModelFailure(f"{self._who}: it refuses the key; set {self._key}", usage=usage)
        if isinstance(error, known.ModelHTTPError):
            said = f"status {error.status_code}{reason_of(error.body)}"
            return ModelFailure(f"{self._who}: it answers with {said}", usage=usage, retry_after=after)
        if isinstance(error, known.ModelConnectionError | OSError):
            return ModelFailure(f"{self._who}: it cannot be reached", usage=usage, retry_after=after)
        if isinstance(error, known.UnexpectedModelBehavior):
            return Malformed(f"{self._who}: its answer cannot be read ({without_keys(str(error))})", usage=usage)
        return ModelFailure(f"{self._who}: {without_keys(str(error))}", usage=usage, retry_after=after)

    @property
    def _key(self) -> str:
        return key_variable(kind_and_name(self.model)[0])
