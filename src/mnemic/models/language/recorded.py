"""Recorded answers: a file of JSON lines that replays what a model once said, whichever model that was.

key = SHA-256 of task name, prompt and inputs; with an inner model what is missing is asked and appended.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.core.task import Task
from mnemic.core.usage import Usage
from mnemic.models.language.port import LanguageModel, Reply


def question_key(task: Task, inputs: Mapping[str, Any]) -> str:
    """What a question is known by: the same task, prompt and inputs give the same key, in any order of names.

    >>> from mnemic.core.task import task_named
    >>> question_key(task_named("need_memory"), {"question": "Tea?"})[:8]
    '...'
    """
    told = json.dumps([task.name, task.prompt, inputs], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class RecordedModel:
    """Answers out of a file; ``inner`` is asked for what it lacks, and the answer is added to the file.

    Each line holds ``key``, ``task`` and ``answer``. Replayed answers cost nothing. Raises ModelUnavailable for a
    question that is not in the file when there is no inner model, BadInput when the file cannot be read.

    >>> import tempfile
    >>> from mnemic.core.task import task_named
    >>> from mnemic.models.language.rules import RuleModel
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "answers.jsonl")
    ...     _ = RecordedModel(path, RuleModel()).ask(task_named("need_memory"), {"question": "Thanks!"})
    ...     RecordedModel(path).ask(task_named("need_memory"), {"question": "Thanks!"}).answer
    {'need': False}
    """

    path: Path
    inner: LanguageModel | None = None
    name: str = "recorded"
    _answers: dict[str, Mapping[str, Any]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The recorded answer, or the inner model's."""
        key = question_key(task, inputs)
        with self._lock:
            if self._answers is None:
                self._answers = self._load()
            known = self._answers.get(key)
        if known is not None:
            return Reply(known, Usage(cached=1))
        if self.inner is None:
            raise ModelUnavailable(
                f"recorded: {self.path} has no answer to this question of task {task.name!r}; "
                f"record it with language_model=recorded:{self.path}@MODEL"
            )
        reply = self.inner.ask(task, inputs)
        # Only what can be used is worth replaying.
        answer = task.answered(reply.answer, inputs)
        with self._lock:
            self._answers[key] = answer
            line = json.dumps({"key": key, "task": task.name, "answer": answer}, ensure_ascii=False)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return Reply(answer, reply.usage)

    def _load(self) -> dict[str, Mapping[str, Any]]:
        if not self.path.is_file():
            if self.inner is None:
                raise ModelUnavailable(f"recorded: {self.path} does not exist; give a file of recorded answers")
            return {}
        found: dict[str, Mapping[str, Any]] = {}
        # Not splitlines(): an answer may hold what that takes for the end of a line.
        lines = self.path.read_text("utf-8").removesuffix("\n").split("\n")
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                entry = json.loads(line)
                found[entry["key"]] = dict(entry["answer"])
            except (ValueError, KeyError, TypeError):
                if number < len(lines):
                    raise BadInput(f"recorded: line {number} of {self.path} is no recorded answer") from None
                # A last line that was cut off by a crash is asked for again, and must not spoil the one behind it.
                if self.inner is not None:
                    self.path.write_text("".join(f"{line}\n" for line in lines[:-1]), "utf-8")
        return found
