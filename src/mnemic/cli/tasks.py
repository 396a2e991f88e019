"""``tasks``: what language models are asked, with prompt and schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call, as_command, command
from mnemic.cli.screen import Column, Screen

if TYPE_CHECKING:
    from mnemic.core.task import Task

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def overview(call: Call, context: typer.Context) -> Answer | None:
    """List what language models are asked, or show one task."""
    from mnemic.core.task import tasks

    if context.invoked_subcommand is not None:
        return None
    rows = [_brief(call, task) for _, task in sorted(tasks().items())]

    def show(screen: Screen) -> None:
        columns = [Column("task"), Column("what it does"), Column("without a model"), Column("prompt")]
        screen.table(
            columns,
            ([r["name"], r["summary"], "by rule" if r["rule"] else "no", "own" if r["own"] else "–"] for r in rows),
        )
        screen.note("'mnemic tasks show NAME' prints prompt and schema; a file NAME.md in 'prompts' replaces a prompt.")

    return Answer({"tasks": rows}, show)


def _brief(call: Call, task: Task) -> dict[str, Any]:
    return {
        "name": task.name,
        "summary": task.summary,
        "rule": task.rule is not None,
        "own": _worded(call, task) is not task,
    }


def _worded(call: Call, task: Task) -> Task:
    from mnemic.models.language.prompt import Wordings

    folder = call.settings.prompts
    return Wordings(Path(folder).expanduser() if folder else None).of(task)


@command(app)
def show(call: Call, name: Annotated[str, typer.Argument(metavar="NAME", help="A task.")]) -> Answer:
    """Print the prompt of a task, its inputs and the schema of its answer."""
    from mnemic.core.task import task_named

    task = _worded(call, task_named(name))
    inputs = task.inputs.schema()["properties"]
    # The shape of an answer may depend on what was shown; without it the aliases are left open.
    output = task.shape(_empty(task)).schema()
    data = {
        **_brief(call, task_named(name)),
        "prompt": task.prompt,
        "remembered": list(task.remembered),
        "inputs": inputs,
        "output": output,
    }

    def shown(screen: Screen) -> None:
        screen.title(task.name, task.summary)
        screen.say(task.prompt)
        screen.fields(
            [("remembered", ", ".join(task.remembered) or "nothing"), ("inputs", ", ".join(inputs))],
        )
        screen.code(json.dumps(output, indent=2, ensure_ascii=False), "json")

    return Answer({"task": data}, shown)


def _empty(task: Task) -> dict[str, Any]:
    from mnemic.core.shape import Items, Number, Whole

    def blank(shape: Any) -> Any:
        if isinstance(shape, Items):
            return []
        return shape.low if isinstance(shape, Number | Whole) else shape.empty

    return {name: blank(shape) for name, shape in task.inputs.of.items()}


app.callback()(as_command(overview))
