"""``banks``, ``stats``, ``reembed``, ``export`` and ``import``: whole banks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Column, Screen, counted, moment, size

if TYPE_CHECKING:
    from mnemic.store.protocol import BankRow

_COUNTS = ("events", "records", "sessions", "edges", "ops", "units", "keys", "vectors", "receipts", "waiting")

_SPENT = ("calls", "cached", "tokens_in", "tokens_out", "failures")


def banks(call: Call) -> Answer:
    """List the banks of the store."""
    with call.memory() as memory:
        rows = [_row(bank) for bank in memory.banks()]

    def show(screen: Screen) -> None:
        columns = [Column("bank"), Column("recipe"), Column("changes", right=True), Column("made"), Column("branch of")]
        shown = [[r["bank"], r["recipe"], f"{r['seq']:,}", moment(r["created_at"]), r["origin"]] for r in rows]
        if any(row["sealed"] for row in rows):
            columns.append(Column("sealed"))
            shown = [[*cells, "yes" if row["sealed"] else ""] for cells, row in zip(shown, rows, strict=True)]
        screen.table(columns, shown)

    return Answer({"banks": rows}, show)


def _row(bank: BankRow) -> dict[str, Any]:
    import tomllib

    # A recipe of the user's own is kept as TOML.
    recipe = tomllib.loads(bank.recipe).get("name", "") if "\n" in bank.recipe else bank.recipe
    return {
        "bank": bank.name,
        "recipe": recipe,
        "seq": bank.seq,
        "created_at": bank.created_at.isoformat(),
        "origin": bank.origin,
        "sealed": bool(bank.sealed),
    }


def stats(call: Call) -> Answer:
    """Count what a bank holds."""
    from mnemic.config import without_password

    with call.memory() as memory:
        data = memory.bank(create=False).stats() | {"bytes": memory.engine.store.size()}

    def show(screen: Screen) -> None:
        screen.title(f"Bank {data['bank']!r}", without_password(call.settings.store))
        pairs = [
            ("recipe", data["recipe"]),
            ("embedder", data["embedder"] or "none yet"),
            ("language model", data["language_model"] or "none"),
            ("made", moment(data["created_at"])),
        ]
        pairs += [(name, f"{data[name]:,}") for name in _COUNTS if name in data]
        if data["set_aside"]:
            pairs.append(("set aside", f"{data['set_aside']:,}; 'mnemic consolidate --retry' tries them again"))
        screen.fields([*pairs, ("store", size(data["bytes"]))])
        if any(any(spent.values()) for spent in data["usage"].values()):
            columns = [Column("asked to"), *(Column(name, right=True) for name in _SPENT)]
            rows = ([purpose, *(f"{spent[n]:,}" for n in _SPENT)] for purpose, spent in data["usage"].items())
            screen.table([Column(column.name.replace("_", " "), column.right) for column in columns], rows)

    return Answer(data, show)


def reembed(call: Call) -> Answer:
    """Move a bank to the embedder that is configured; stopped in the middle, it goes on where it was."""
    with call.memory() as memory, progress("embedding") as bar:
        name = memory.bank(create=False).name
        done = memory.reembed(name, on_progress=bar)
    data = {"bank": name, "embedder": done.embedder, "embedded": done.embedded, "already": done.already}

    def show(screen: Screen) -> None:
        if done.already:
            screen.say(f"Bank {name!r} is in {done.embedder} already.")
        else:
            screen.say(f"Bank {name!r} is in {done.embedder} now: {counted(done.embedded, 'text')} embedded.")

    return Answer(data, show)


def export(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Archive to write, such as anna.mnemic.")],
    clear: Annotated[bool, typer.Option("--clear", help="Also of a sealed bank: an archive lies in clear.")] = False,
) -> Answer:
    """Write a whole bank to a portable, checksummed archive."""
    with call.memory() as memory, progress("exporting") as bar:
        manifest = memory.export(memory.bank(create=False).name, file, clear=clear, on_progress=bar)
    data: dict[str, Any] = {"path": str(file), "bytes": file.stat().st_size, "manifest": manifest}

    def show(screen: Screen) -> None:
        changes = counted(manifest["entries"], "change")
        screen.say(f"Bank {manifest['bank']!r}, {changes}, is in {file} ({size(data['bytes'])}).")

    return Answer(data, show)


def import_(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Archive that 'mnemic export' wrote.")],
    as_: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Another name for the bank.")] = None,
) -> Answer:
    """Rebuild a bank from an archive, all of it or nothing."""
    with progress("importing") as bar, call.memory(make=True) as memory:
        bank = memory.import_bank(file, name=as_ or call.bank_name, on_progress=bar)
        data = bank.stats()

    def show(screen: Screen) -> None:
        held = f"{counted(data['events'], 'event')}, {counted(data['records'], 'record')}"
        screen.say(f"Bank {data['bank']!r} is back: {held}; recipe {data['recipe']}.")

    return Answer(data, show)
