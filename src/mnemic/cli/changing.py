"""``update``, ``delete``, ``restore`` and ``feedback``: what a user says about records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mnemic.cli.arguments import Reason, RecordId
from mnemic.cli.command import Answer, Call
from mnemic.cli.screen import Screen, counted, one_line

if TYPE_CHECKING:
    from mnemic.core.record import Record


def update(
    call: Call,
    record: RecordId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it is to say from now on.")],
    reason: Reason = "",
) -> Answer:
    """Give a record another text; the former one stays in its history."""
    with call.bank() as bank:
        changed = bank.update(record, text, reason=reason)
    return _changed(changed, "Updated")


def delete(call: Call, record: RecordId, reason: Reason = "") -> Answer:
    """Set a record aside: nothing finds it any more, and it can be restored."""
    with call.bank() as bank:
        changed = bank.delete(record, reason=reason)
    return _changed(changed, "Set aside")


def restore(call: Call, record: RecordId, reason: Reason = "") -> Answer:
    """Make a record that was set aside current again."""
    with call.bank() as bank:
        changed = bank.restore(record, reason=reason)
    return _changed(changed, "Restored")


def _changed(record: Record, what: str) -> Answer:
    def show(screen: Screen) -> None:
        screen.say(f"{what}: {one_line(record.value)}")
        screen.note(f"record {record.id} · version {record.version} · {record.state}")

    return Answer({"record": record.to_json()}, show)


def feedback(
    call: Call,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="cited, uncited, correct, wrong, liked, label or correction.")
    ],
    records: Annotated[list[str], typer.Argument(metavar="RECORD...", help="Ids of records.")],
    text: Annotated[str, typer.Option(metavar="TEXT", help="The label, or the right wording of a correction.")] = "",
    value: Annotated[float, typer.Option(metavar="X", help="How much it counts.")] = 1.0,
    receipt: Annotated[str, typer.Option(metavar="ID", help="Receipt of the recall that it is about.")] = "",
) -> Answer:
    """Tell what became of records that were recalled."""
    with call.bank() as bank:
        written = bank.feedback(kind, records, receipt=receipt, text=text, value=value)

    def show(screen: Screen) -> None:
        screen.say(f"Noted: {kind}, on {counted(len(records), 'record')}.")

    return Answer({"kind": kind, "records": list(records), "ops": written.ops}, show)
