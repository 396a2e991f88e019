"""``tasks``: what a language model may be asked, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call
from mnemic.cli.screen import Column, Screen

if TYPE_CHECKING:
    from mnemic.core.task import Task


def tasks(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Show the prompt of one task.")] = None,
) -> Answer:
    """List what recipes put to a language model; each task has a name by which its prompt can be overridden."""
    from mnemic.core.task import task_named
    from mnemic.core.task import tasks as known
    from mnemic.models.language.prompt import Wordings

    own = call.settings.prompts
    wordings = Wordings(Path(own).expanduser() if own else None)
    found = [task_named(name)] if name is not None else [task for _, task in sorted(known().items())]
    rows = [_row(wordings.of(task)) for task in found]

    def show(screen: Screen) -> None:
        if name is None:
            columns = [Column("task"), Column("answers with"), Column("inputs"), Column("rule")]
            screen.table(columns, ([r["name"], r["summary"], ", ".join(r["inputs"]), _yes(r["rule"])] for r in rows))
            return
        (row,) = rows
        screen.title(row["name"], row["summary"])
        screen.code(row["prompt"])
        remembered = ", ".join(row["remembered"]) or "none"
        screen.fields([("out of memory", remembered), ("has a rule", _yes(row["rule"]))])

    return Answer({"tasks": rows}, show)


def _row(task: Task) -> dict[str, Any]:
    return {
        "name": task.name,
        "summary": task.summary,
        "prompt": task.prompt,
        "inputs": list(task.inputs.of),
        "remembered": list(task.remembered),
        "rule": task.rule is not None,
    }


def _yes(told: bool) -> str:
    return "yes" if told else "no"
