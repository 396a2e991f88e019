"""Which language model answers in a benchmark, and how often and how much it is asked while writing, idle and reading.

Rules and given extractions cost nothing to run, but the calls and tokens that a model would have been asked are what a
reader wants to know of a recipe: every task is counted, whoever answers it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnemic.bench.suite import Conversation, Suite
from mnemic.core.errors import BadInput
from mnemic.core.pipeline import Recipe
from mnemic.core.task import Task, task_named
from mnemic.models.language.given import GivenExtractions
from mnemic.models.language.port import LanguageModel, Reply
from mnemic.models.language.prompt import render
from mnemic.models.language.registry import Limits, load_language_model
from mnemic.models.language.rules import RuleModel

#: Stand-ins that cost nothing; any other name is that of a model of the configuration.
STAND_INS = ("rules", "given")

_USUAL = Limits()

#: The language model for a conversation.
Answering = Callable[[Conversation], LanguageModel]


@dataclass(frozen=True, slots=True)
class Asked:
    """How often a model was asked, and the tokens of what it was shown and answered."""

    calls: int = 0
    tokens: int = 0

    def __add__(self, other: Asked) -> Asked:
        return Asked(self.calls + other.calls, self.tokens + other.tokens)

    def __sub__(self, other: Asked) -> Asked:
        return Asked(self.calls - other.calls, self.tokens - other.tokens)


@dataclass(slots=True)
class CountedModel:
    """A language model that keeps count; tokens that it does not tell are counted from the texts.

    >>> model = CountedModel(RuleModel(), lambda text: len(text.split()))
    >>> _ = model.ask(task_named("need_memory"), {"question": "Thanks!"})
    >>> model.asked.calls, model.asked.tokens > 5
    (1, True)
    """

    model: LanguageModel
    count: Callable[[str], int]
    asked: Asked = field(default_factory=Asked)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.model.name

    @property
    def free(self) -> bool:
        """Whether the model behind costs nothing, so that its answers need no budget and are not kept."""
        return bool(getattr(self.model, "free", False))

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The answer of the model behind."""
        reply = self.model.ask(task, inputs)
        tokens = reply.usage.tokens or self._size(task, inputs, reply)
        with self._lock:
            self.asked += Asked(1, tokens)
        return reply

    def _size(self, task: Task, inputs: Mapping[str, Any], reply: Reply) -> int:
        prompt = render(task, inputs)
        answer = json.dumps(reply.answer, ensure_ascii=False, default=str)
        return self.count(prompt.system) + self.count(prompt.user) + self.count(answer)


def answering(name: str, suite: Suite, limits: Limits = _USUAL) -> Answering:
    """What answers in each conversation of a suite: ``rules``, ``given`` (extractions that it carries), or a model.

    Raises
    ------
    BadInput
        When there is no model of that name, or the suite carries no extractions.

    >>> answering("given", Suite("beam-100K", ()))
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: language-model: beam-100K carries no facts or summaries; use rules, or a model
    """
    if name == "rules":
        return lambda _: RuleModel()
    if name == "given":
        if not any(conversation.extractions for conversation in suite.conversations):
            raise BadInput(f"language-model: {suite.name} carries no facts or summaries; use rules, or a model")
        return lambda conversation: GivenExtractions(conversation.events, conversation.extractions)
    model = load_language_model(name, limits)
    if model is None:
        raise BadInput(f"language-model: {name!r} is no model; choose {' or '.join(STAND_INS)}, or a model")
    return lambda _: model


def model_free(recipe: Recipe) -> bool:
    """Whether a recipe runs without a language model: every task that it asks has a rule.

    >>> from mnemic.recipes import load_recipe
    >>> model_free(load_recipe("bm25"))
    True
    """
    return all(task_named(task).rule is not None for task in recipe.asks())
