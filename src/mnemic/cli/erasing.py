"""``erase`` and ``erasures``: erase from a bank with a receipt, list and check receipts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mnemic.cli.command import Answer, Call, command
from mnemic.cli.screen import Column, Screen, counted, moment
from mnemic.cli.working import row_of

app = typer.Typer(help="Receipts of erasures.", no_args_is_help=True)


def erase(
    call: Call,
    event: Annotated[list[str] | None, typer.Option("--event", metavar="ID", help="An event; can be repeated.")] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="NAME", help="All events of a session.")] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="NAME", help="All that somebody said.")] = None,
    mentions: Annotated[bool, typer.Option("--mentions", help="With --person: also events that name him.")] = False,
    since: Annotated[str | None, typer.Option("--since", metavar="WHEN", help="What happened from then on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="WHEN", help="What happened before then.")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="All events of the bank.")] = False,
    branches: Annotated[bool, typer.Option("--branches", help="Also in banks that branched off.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the receipt.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go, and erase nothing.")] = False,
    later: Annotated[bool, typer.Option("--later", help="Leave it to a worker, as a job.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
) -> Answer:
    """Erase events and all that was made of them, search the store for traces, and give a signed receipt."""
    from mnemic.core.errors import BadInput

    during = (since, until) if since or until else None
    chosen: dict[str, Any] = {
        "session": session, "person": person, "mentions": mentions, "during": during, "everything": everything,
    }  # fmt: skip
    with call.memory() as memory:
        bank = memory.bank(create=False)
        plan = bank.erase_plan(event, **chosen)
        if dry_run:
            return Answer(plan.to_json(), lambda screen: _planned(screen, plan.to_json()))
        if not yes:
            if call.as_json:
                raise BadInput("erase: cannot be undone; give --yes, or --dry-run to see what would go")
            events, records = counted(plan.events, "event"), counted(plan.records, "record")
            typer.confirm(f"Erase {events} and {records} of bank {bank.name!r} for good?", abort=True)
        if later:
            given = {"events": event, **chosen, "branches": branches, "reason": reason}
            options = {name: list(value) if name == "during" else value for name, value in given.items() if value}
            row = row_of(memory.enqueue("erase", bank.name, options))
            return Answer({"job": row}, lambda screen: screen.say(f"Job {row['id']} waits; 'mnemic worker' does it."))
        receipt = bank.erase(event, **chosen, branches=branches, reason=reason)
    return Answer(receipt.to_json(), lambda screen: _receipt(screen, receipt.to_json()), 0 if receipt.clean else 1)


def _planned(screen: Screen, plan: dict[str, Any]) -> None:
    screen.say(f"Would erase {counted(plan['events'], 'event')} and {counted(plan['records'], 'record')}.")
    screen.fields(
        [
            *((f"records: {kind}", str(count)) for kind, count in plan["kinds"].items()),
            ("formed anew from", counted(plan["remade"], "event")),
            ("named by others in", counted(plan["mentioned"], "event")),
            ("branches", ", ".join(plan["branches"]) or "none"),
            ("exports", str(plan["exports"])),
        ]
    )


def _receipt(screen: Screen, receipt: dict[str, Any]) -> None:
    verification = receipt["verification"]
    screen.title(f"Erasure {receipt['id']}", f"bank {receipt['bank']!r}")
    screen.fields(
        [
            ("events", str(receipt["events"])),
            ("rows", ", ".join(f"{name} {count}" for name, count in receipt["erased"].items())),
            ("how", "; ".join(f"{name}: {how}" for name, how in receipt["how"].items())),
            ("clean", "yes" if verification.get("clean") else "no"),
            ("searched", ", ".join(verification.get("places", ()))),
            ("not searched", "; ".join(verification.get("unsearched", ())) or "nothing"),
            ("found", str(verification.get("found", 0))),
            ("waits", "; ".join(verification.get("waits", ())) or "nothing"),
            ("out of reach", "; ".join(copy.get("path") or copy["name"] for copy in receipt["out_of_reach"]) or "none"),
        ]
    )


def _list(call: Call) -> Answer:
    """List the receipts of a bank, and of banks that were erased whole."""
    with call.memory() as memory:
        found = [*memory.bank(create=False).erasures(), *memory.erasures()]
    rows = [receipt.to_json() for receipt in found]

    def show(screen: Screen) -> None:
        columns = [Column("id"), Column("bank"), Column("when"), Column("events", right=True), Column("clean")]
        screen.table(columns, ([r.id, r.bank, moment(r.at), str(r.events), "yes" if r.clean else "no"] for r in found))

    return Answer({"erasures": rows}, show)


def _show(
    call: Call, erasure: Annotated[str | None, typer.Argument(metavar="ID", help="A receipt's id; the newest.")] = None
) -> Answer:
    """Show a receipt."""
    from mnemic.core.errors import NotFound

    with call.memory() as memory:
        found = [*memory.bank(create=False).erasures(), *memory.erasures()]
    matching = [receipt for receipt in found if erasure in (None, receipt.id)]
    if not matching:
        named = "any receipt" if erasure is None else f"a receipt {erasure!r}"
        raise NotFound(f"erasure: there is not {named} here; 'mnemic erasures list' lists them")
    receipt = max(matching, key=lambda one: one.at)
    return Answer(receipt.to_json(), lambda screen: _receipt(screen, receipt.to_json()))


def _verify(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A receipt as JSON.")],
    key: Annotated[str, typer.Option("--key", metavar="HEX", help="The store's public key; no store is opened.")] = "",
) -> Answer:
    """Check that a receipt is as it was signed: by a public key, or by the store."""
    from mnemic.core.erasure import ErasureReceipt
    from mnemic.core.errors import BadInput
    from mnemic.erasing_verbs import receipt_holds

    try:
        receipt = ErasureReceipt.from_json(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise BadInput(f"file: {file} is no receipt ({error})") from None
    if key:
        good = receipt_holds(receipt, key)
    else:
        with call.bank() as bank:
            good = bank.erasure_holds(receipt)
    word = "is as it was signed" if good else "is NOT what was signed"
    data = {"id": receipt.id, "holds": good}
    return Answer(data, lambda screen: screen.say(f"Receipt {receipt.id} {word}."), int(not good))


command(app, name="list")(_list)
command(app, name="show")(_show)
command(app, name="verify")(_verify)
