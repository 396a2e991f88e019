"""``switch`` and ``reflect``: memory made anew by another recipe, and what is derived from it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Screen, counted, moment, one_line

if TYPE_CHECKING:
    from mnemic.engine.reform import Switched
    from mnemic.engine.switch_notes import Switching
    from mnemic.memory import Memory

_PAUSED = 8


def switch(
    call: Call,
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="[RECIPE]", help="A recipe, or a TOML file; the one under way without it."),
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Only tell how far a switch is.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="End a switch that is under way.")] = False,
) -> Answer:
    """Have a bank's memory made anew by another recipe; stopped in the middle, it goes on where it was."""
    from mnemic.core.errors import BadInput

    with call.memory() as memory:
        name = memory.bank(create=False).name
        under_way = memory.switching(name)
        if give_up:
            memory.give_up_switch(name)
            return _told(memory, name, under_way, "given up" if under_way else "none")
        if status:
            return _told(memory, name, under_way, "under way" if under_way else "none")
        wanted = recipe or (under_way.recipe if under_way else None)
        if wanted is None:
            raise BadInput("recipe: none is named, and no switch is under way; 'mnemic recipes' lists them")
        with progress("re-forming") as bar:
            done = memory.switch(name, wanted, on_progress=bar)
        return _told(memory, name, memory.switching(name), done.state, done)


def _told(memory: Memory, bank: str, under_way: Switching | None, state: str, done: Switched | None = None) -> Answer:
    recipe = memory.bank(bank, create=False).recipe.name
    data: dict[str, Any] = {
        "bank": bank,
        "recipe": recipe,
        "state": state,
        "to": under_way.name if under_way else recipe,
        "events": under_way.done if under_way else done.events if done else 0,
        "total": under_way.total if under_way else done.events if done else 0,
        "reason": done.reason if done else "",
        "records": done.records if done else 0,
        "superseded": done.superseded if done else 0,
        "carried": dict(done.carried) if done else {},
        "kept": list(done.kept) if done else [],
        "left": {record: list(kinds) for record, kinds in done.left.items()} if done else {},
    }

    def show(screen: Screen) -> None:
        if under_way is not None and state != "given up":
            _show_under_way(screen, data, under_way)
        elif done is not None:
            _show_done(screen, data)
        elif state == "given up":
            screen.say(f"The switch to {data['to']} was given up; bank {bank!r} is as it was, by {recipe}.")
        else:
            screen.say(f"No switch is under way; bank {bank!r} is kept by {recipe}.")

    return Answer(data, show, _PAUSED if state == "paused" else 0)


def _show_under_way(screen: Screen, data: dict[str, Any], under_way: Switching) -> None:
    screen.say(
        f"Bank {data['bank']!r} is being switched from {data['recipe']} to {data['to']} since "
        f"{moment(under_way.started_at)}: {data['events']:,} of {counted(data['total'], 'event')} formed."
    )
    if data["reason"]:
        screen.check("warning", f"paused: {data['reason']}")
    screen.note("Until it is done the bank is as before. 'mnemic switch' goes on; 'mnemic switch --give-up' ends it.")


def _show_done(screen: Screen, data: dict[str, Any]) -> None:
    screen.say(
        f"Bank {data['bank']!r} is kept by {data['recipe']} now: {counted(data['records'], 'record')} made of "
        f"{counted(data['events'], 'event')}, {data['superseded']:,} superseded."
    )
    if data["carried"]:
        words = ", ".join(f"{count} {kind}" for kind, count in data["carried"].items())
        screen.note(f"Of what you changed, these went over: {words}.")
    if data["kept"]:
        screen.note(f"{counted(len(data['kept']), 'record')} of yours stayed as they are.")
    for record, kinds in data["left"].items():
        screen.check("warning", f"{' and '.join(kinds)} on record {record} found no new record to go to")


def reflect(call: Call) -> Answer:
    """Run the rules that derive beliefs and summaries now, due or not; show what they made."""
    with progress("reflecting"), call.bank() as bank:
        made = bank.reflect()

    def show(screen: Screen) -> None:
        for record in made:
            screen.say(f"{record.kind}: {one_line(record.shown())}")
        if not made:
            screen.say("Nothing new was derived.")

    return Answer({"records": [record.to_json() for record in made]}, show)
