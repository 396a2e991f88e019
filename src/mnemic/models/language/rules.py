"""A stand-in that answers every task by its rule: recipes run without a model, as far as their ideas permit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.errors import ModelUnavailable
from mnemic.core.task import Task
from mnemic.models.language.port import Reply, Usage


@dataclass(frozen=True, slots=True)
class RuleModel:
    """Answers by rule; raises ModelUnavailable for a task that has none.

    >>> from mnemic.core.task import task_named
    >>> RuleModel().ask(task_named("need_memory"), {"question": "Thanks!"}).answer
    {'need': False}
    """

    name: str = "rules"
    #: Costs nothing: its answers are made anew rather than kept.
    free: ClassVar[bool] = True

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The rule's answer; it costs nothing."""
        if task.rule is None:
            raise ModelUnavailable(f"language model: task {task.name!r} has no rule; configure a model to answer it")
        return Reply(task.rule(inputs), Usage())
