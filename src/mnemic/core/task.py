"""Tasks: what a language model may be asked, each with a name, typed inputs, a typed answer and a prompt (law 8)."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mnemic.core.errors import BadInput, Malformed, NotFound
from mnemic.core.plugins import load_tasks
from mnemic.core.shape import Fields

Answer = Mapping[str, Any]
Rule = Callable[[Mapping[str, Any]], Answer]

#: Where an input is to stand in a prompt.
PLACE = re.compile(r"\{([a-z_]+)\}")

_TASKS: dict[str, Task] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question of a fixed form to a language model; making one registers it under its name.

    ``prompt`` says what to do; each ``{name}`` in it is replaced by that input, quoted as data. ``inputs`` and
    ``output`` are shapes; where what may be answered depends on what was given (one of these aliases), ``output``
    is a function of the inputs. ``remembered`` names the inputs that come out of memory: a prompt marks them, so that
    nothing remembered is reported as new. ``rule`` answers without a model, if the idea permits.

    Raises BadInput when the prompt and the inputs do not match, or the name is another task's.

    >>> from mnemic.core.shape import Text
    >>> greet = Task(name="doctest_greet", summary="greets", prompt="Greet {who}.", inputs=Fields(of={"who": Text()}),
    ...              output=Fields(of={"text": Text(most=40)}), rule=lambda inputs: {"text": "Hello " + inputs["who"]})
    >>> greet.answered(greet.rule({"who": "Anna"}), {"who": "Anna"})
    {'text': 'Hello Anna'}
    """

    name: str
    summary: str
    prompt: str
    inputs: Fields
    output: Fields | Callable[[Mapping[str, Any]], Fields]
    remembered: tuple[str, ...] = ()
    rule: Rule | None = None

    def __post_init__(self) -> None:
        known = _TASKS.get(self.name)
        if known is not None and known.prompt != self.prompt:
            raise BadInput(f"task {self.name!r}: there is one of that name already; choose another")
        self._check_places(self.prompt, "its prompt")
        if unknown := set(self.remembered) - set(self.inputs.of):
            raise BadInput(f"task {self.name!r}: remembered names {sorted(unknown)[0]!r}, which is no input")
        _TASKS[self.name] = self

    def _check_places(self, prompt: str, where: str) -> None:
        for name in self.inputs.of:
            if "{" + name + "}" not in prompt:
                raise BadInput(f"task {self.name!r}: {where} has no place for the input {{{name}}}")

    def worded(self, prompt: str, source: str) -> Task:
        """This task with another prompt, read from ``source``; the task of its name stays as it is.

        Raises BadInput when an input has no place in it, or a place names no input.

        >>> task_named("need_memory").worded("Look: {query}", "need_memory.md")
        Traceback (most recent call last):
        mnemic.core.errors.BadInput: task 'need_memory': need_memory.md has no place for the input {question}
        """
        self._check_places(prompt, source)
        if unknown := [name for name in PLACE.findall(prompt) if name not in self.inputs.of]:
            known = ", ".join("{" + name + "}" for name in self.inputs.of)
            raise BadInput(f"task {self.name!r}: {source} names the input {{{unknown[0]}}}; there are {known}")
        made = copy.copy(self)
        # Not through replace(), which would register it for everyone.
        object.__setattr__(made, "prompt", prompt)
        return made

    def given(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs, checked; raises BadInput naming the one that is wrong."""
        if unknown := set(inputs) - set(self.inputs.of):
            raise BadInput(f"task {self.name!r}: it has no input {sorted(unknown)[0]!r}")
        try:
            return self.inputs.check(inputs, f"task {self.name!r}")
        except Malformed as error:
            raise BadInput(str(error)) from None

    def shape(self, inputs: Mapping[str, Any]) -> Fields:
        """The shape of the answer to these inputs."""
        return self.output(inputs) if callable(self.output) else self.output

    def answered(self, answer: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, checked and tidied; raises Malformed."""
        return self.shape(inputs).check(answer, f"answer to {self.name!r}")


def tasks() -> dict[str, Task]:
    """Every task of the installed packages by name.

    >>> "extract_facts" in tasks()
    True
    """
    load_tasks()
    return dict(_TASKS)


def task_named(name: str) -> Task:
    """A task by name; raises NotFound."""
    if name not in _TASKS:
        load_tasks()
    if name not in _TASKS:
        near = difflib.get_close_matches(name, _TASKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'mnemic tasks' lists them"
        raise NotFound(f"task: there is none called {name!r}; {hint}")
    return _TASKS[name]
