"""What stands between the stages of one bank and the language model: answers that are known, budgets, accounts.

    key(question) = SHA-256(model, task, prompt, inputs), within the bank: nothing crosses banks
    a call is sent only if  spent today + in flight + 2 (prompt + thinking + longest answer)  <=  the day's budget

The factor 2 leaves room for the one repair. Days are those of the injected clock, in UTC. What is spent is what the
endpoint says, and an estimate where it says nothing: a model cannot talk its budget up.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnemic.core.errors import Malformed, ModelFailure, ModelUnavailable, OutOfBudget, Refused
from mnemic.core.observing import count, span
from mnemic.core.task import Task, task_named
from mnemic.core.usage import Usage
from mnemic.engine.patience import Patience
from mnemic.models.language.exchange import THINKING, most_tokens
from mnemic.models.language.port import LanguageModel
from mnemic.models.language.prompt import CHARACTERS_A_TOKEN, Wordings, render
from mnemic.models.language.recorded import question_key
from mnemic.store.asked import WRITING, Asked
from mnemic.store.protocol import Store


@dataclass(slots=True)
class InFlight:
    """Tokens that calls under way may still take, by bank: threads that ask at once share one budget."""

    _tokens: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def taking(self, bank: str, tokens: int, left: Callable[[], int], refusal: str) -> Iterator[None]:
        """Set tokens aside while a call runs; raises OutOfBudget when fewer are ``left``."""
        with self._lock:
            if self._tokens[bank] + tokens > left():
                raise OutOfBudget(refusal)
            self._tokens[bank] += tokens
        try:
            yield
        finally:
            with self._lock:
                self._tokens[bank] -= tokens


@dataclass(slots=True)
class Asking:
    """Puts the questions of one bank's stages, for one ``purpose``: write, idle or read.

    ``day_tokens`` and ``call_tokens`` bound what the bank may spend; ``calls`` counts what was not known already.
    """

    store: Store
    bank: str
    purpose: str
    now: datetime
    model: Callable[[], LanguageModel]
    wordings: Wordings
    in_flight: InFlight
    patience: Patience
    day_tokens: int
    call_tokens: int
    calls: int = 0

    def ask(self, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The checked answer to a named task.

        Raises ModelUnavailable without a model, BadInput for inputs that the task has not, OutOfBudget before
        sending, and what the model raises. Raises Refused within a write, which everyone would wait for.
        """
        if WRITING.get():
            raise Refused(f"language model: task {name!r} was put within a write; ask before it begins")
        model = self.model()
        task = self.wordings.of(task_named(name))
        given = task.given(inputs)
        if getattr(model, "free", False):
            self.calls += 1
            return task.answered(model.ask(task, given).answer, given)
        key = hashlib.sha256(f"{model.name}\n{question_key(task, given)}".encode()).digest()
        known = self._known(task, given, key)
        if known is not None:
            self._keep(task, Usage(cached=1))
            return known
        # A reader does not wait for a model that has just failed; who writes asks before he begins.
        if self.purpose == "read" and (reason := self.patience.reason(self.now)):
            raise ModelFailure(reason)
        self.calls += 1
        return self._sent(model, task, given, key)

    def _known(self, task: Task, given: Mapping[str, Any], key: bytes) -> Mapping[str, Any] | None:
        answer = self.store.answer(self.bank, key)
        try:
            return None if answer is None else task.answered(answer, given)
        except Malformed:
            # The shape of the task was another one when this was kept.
            return None

    def _sent(self, model: LanguageModel, task: Task, given: Mapping[str, Any], key: bytes) -> Mapping[str, Any]:
        prompt = render(task, given).tokens
        most = min(prompt + most_tokens(task.shape(given)) + THINKING, self.call_tokens)
        refusal = (
            f"language model: bank {self.bank!r} may spend {self.day_tokens:,} tokens a day, and task {task.name!r} "
            "would go over it; it is tried again tomorrow, or once language_model_day_tokens is raised"
        )
        usage = Usage()
        try:
            with (
                self.in_flight.taking(self.bank, 2 * most, self._left, refusal),
                span("model", task.name, purpose=self.purpose),
            ):
                reply = model.ask(task, given)
                usage = reply.usage
                if usage.calls and not usage.tokens:
                    told = len(json.dumps(dict(reply.answer), ensure_ascii=False, default=str))
                    usage = Usage(usage.calls, usage.cached, prompt, -(-told // CHARACTERS_A_TOKEN))
                answer = task.answered(reply.answer, given)
                # Kept before the reserve is given back, so that no other call takes the same tokens.
                self._keep(task, usage, key if usage.calls else b"", answer)
                self.patience.worked()
                return answer
        except (ModelFailure, ModelUnavailable) as error:
            # A model that is configured may be there tomorrow: what waits for it waits.
            failure = error if isinstance(error, ModelFailure) else ModelFailure(str(error))
            self._keep(task, usage + failure.usage, failures=1)
            if self.purpose == "read":
                self.patience.failed(failure, self.now)
            raise failure from (None if failure is error else error)

    def _left(self) -> int:
        spent = self.store.spent(self.bank, f"{self.now:%Y-%m-%d}")
        return self.day_tokens - sum(row.usage.tokens for row in spent)

    def _keep(
        self,
        task: Task,
        usage: Usage,
        key: bytes = b"",
        answer: Mapping[str, Any] | None = None,
        failures: int = 0,
    ) -> None:
        if usage == Usage() and not failures:
            return
        # An endpoint that counts below nothing must not earn tokens by it.
        counted = Usage(usage.calls, usage.cached, max(0, usage.tokens_in), max(0, usage.tokens_out))
        count("model_calls", counted.calls, task=task.name, purpose=self.purpose)
        count("model_tokens", counted.tokens, task=task.name, purpose=self.purpose)
        asked = Asked(self.bank, self.now, self.purpose, task.name, counted, key, answer, failures)
        self.store.put_asked(asked, at_once=self.purpose != "read" and usage.calls > 0)
