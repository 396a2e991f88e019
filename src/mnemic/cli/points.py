"""``log``, ``diff``, ``branch`` and ``rollback``: a bank at points of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mnemic.cli.arguments import Limit, Reason, point
from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Column, Screen, counted, moment

if TYPE_CHECKING:
    from mnemic.core.op import Op

_POINT = "An instant, or a seq of the log."


def log(
    call: Call,
    after: Annotated[int, typer.Option(metavar="SEQ", help="Only what came behind this seq.")] = 0,
    limit: Limit = 50,
) -> Answer:
    """List the changes of a bank in their order; each has a seq to go back to."""
    with call.bank() as bank:
        entries = bank.log(after=after, limit=limit)

    def show(screen: Screen) -> None:
        columns = [Column("seq", right=True), *map(Column, ("at", "change", "by", "what", "reason"))]
        rows = ([str(e.seq), moment(e.at), e.op.kind, e.op.actor, _what(e.op), e.op.reason] for e in entries)
        screen.table(columns, rows)

    return Answer({"entries": [entry.to_json() for entry in entries]}, show)


def _what(op: Op) -> str:
    if op.event is not None:
        return op.event.text
    return op.record.value if op.record is not None else ", ".join(op.targets)


def diff(
    call: Call,
    since: Annotated[str, typer.Argument(metavar="SINCE", help=_POINT)],
    until: Annotated[str | None, typer.Argument(metavar="[UNTIL]", help="The same; now without it.")] = None,
) -> Answer:
    """Show which records were added, set aside and changed between two points."""
    with call.bank() as bank:
        found = bank.diff(point(since), None if until is None else point(until))

    def show(screen: Screen) -> None:
        rows = [("added", record.id, record.value) for record in found.added]
        rows += [("set aside", record.id, record.value) for record in found.removed]
        rows += [("changed", b.id, f"{a.value} → {b.value}") for a, b in found.changed]
        if rows:
            screen.table([Column("change"), Column("record", whole=True), Column("text")], rows)
        else:
            screen.say("Nothing changed.")

    return Answer(found.to_json(), show)


def branch(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new bank.")],
    at: Annotated[
        int | None, typer.Option(metavar="SEQ", help="What the bank was at this seq; now without it.")
    ] = None,
) -> Answer:
    """Make a new bank that is what this one is, or was; both go their own way."""
    with call.memory() as memory, progress("branching") as bar:
        memory.branch(call.settings.bank, name, at=at, on_progress=bar)
        row = next(row for row in memory.banks() if row.name == name)
    data = {"bank": row.name, "origin": row.origin, "seq": row.seq}

    def show(screen: Screen) -> None:
        screen.say(f"Bank {row.name!r} is {row.origin}, {counted(row.seq, 'change')}; read it with --bank {row.name}")

    return Answer(data, show)


def rollback(
    call: Call, to: Annotated[str, typer.Argument(metavar="POINT", help=_POINT)], reason: Reason = ""
) -> Answer:
    """Bring every record back to what it was; the log goes on, so this can be undone too."""
    with call.bank() as bank, progress("rolling back"):
        written = bank.rollback(point(to), reason=reason)

    def show(screen: Screen) -> None:
        screen.say(f"Bank {bank.name!r}: {counted(written.ops, 'change')} undone; events stay as evidence.")

    return Answer({"bank": bank.name, "to": to, "ops": written.ops}, show)
