"""A language model from a script: each task has a function or a list of answers, and every call is kept.

Stands in for a model in tests and examples; what it answers is exactly what the script says (law 8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.errors import ModelUnavailable

Answer = Mapping[str, Any]
Script = Callable[[Mapping[str, Any]], Answer] | Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the task and what it was given."""

    task: str
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class ScriptedModel:
    """Answers named tasks by functions of their inputs, or by answers in turn; ``calls`` keeps what was asked.

    Raises ModelUnavailable for a task without a script, and when the answers of a list are used up.

    >>> model = ScriptedModel({"greet": lambda inputs: {"text": f"Hello, {inputs['name']}"}, "count": [{"n": 1}]})
    >>> model.ask("greet", {"name": "Anna"}), model.ask("count", {})
    ({'text': 'Hello, Anna'}, {'n': 1})
    >>> [call.task for call in model.calls]
    ['greet', 'count']
    >>> model.ask("sing", {})
    Traceback (most recent call last):
    mnemic.core.errors.ModelUnavailable: language model: no script for task 'sing'; there is one for count, greet
    """

    scripts: Mapping[str, Script]
    calls: list[Call] = field(default_factory=list)

    def ask(self, task: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The scripted answer."""
        if task not in self.scripts:
            known = ", ".join(sorted(self.scripts)) or "none"
            raise ModelUnavailable(f"language model: no script for task {task!r}; there is one for {known}")
        script = self.scripts[task]
        if callable(script):
            answer = script(inputs)
        else:
            used = sum(call.task == task for call in self.calls)
            if used >= len(script):
                raise ModelUnavailable(f"language model: the {len(script)} answers for task {task!r} are used up")
            answer = script[used]
        self.calls.append(Call(task, inputs))
        return answer
