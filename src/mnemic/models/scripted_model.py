"""A language model from a script: each task has a function or a list of answers, and every call is kept.

Stands in for a model in tests and examples; what it answers is exactly what the script says (law 8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.errors import ModelUnavailable
from mnemic.core.task import Task
from mnemic.models.language.port import LanguageModel, Reply

Answer = Mapping[str, Any]
Script = Callable[[Mapping[str, Any]], Answer] | Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the task's name and what it was given."""

    task: str
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class ScriptedModel:
    """Answers tasks by functions of their inputs, or by answers in turn; ``calls`` keeps what was asked.

    A task without a script is put to ``otherwise``. Raises ModelUnavailable when there is none, and when the answers
    of a list are used up.

    >>> from mnemic.core.task import task_named
    >>> model = ScriptedModel({"need_memory": lambda inputs: {"need": "my" in inputs["question"]},
    ...                        "judge": [{"correct": True}]})
    >>> model.ask(task_named("need_memory"), {"question": "my tea?"}).answer, model.ask(task_named("judge"), {}).answer
    ({'need': True}, {'correct': True})
    >>> [call.task for call in model.calls]
    ['need_memory', 'judge']
    >>> model.ask(task_named("fold"), {})
    Traceback (most recent call last):
    mnemic.core.errors.ModelUnavailable: language model: no script for task 'fold'; there is one for judge, need_memory
    """

    scripts: Mapping[str, Script]
    calls: list[Call] = field(default_factory=list)
    name: str = "scripted"
    otherwise: LanguageModel | None = None

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The scripted answer."""
        if task.name not in self.scripts and self.otherwise is not None:
            self.calls.append(Call(task.name, inputs))
            return self.otherwise.ask(task, inputs)
        if task.name not in self.scripts:
            known = ", ".join(sorted(self.scripts)) or "none"
            raise ModelUnavailable(f"language model: no script for task {task.name!r}; there is one for {known}")
        script = self.scripts[task.name]
        if callable(script):
            answer = script(inputs)
        else:
            used = sum(call.task == task.name for call in self.calls)
            if used >= len(script):
                raise ModelUnavailable(f"language model: the {len(script)} answers for task {task.name!r} are used up")
            answer = script[used]
        self.calls.append(Call(task.name, inputs))
        return Reply(answer)
