"""``migrate`` and ``backup``: whole stores, brought to another place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Column, Screen, counted, size

if TYPE_CHECKING:
    pass

_COLUMNS = ("seq", "notes", "audit", "receipts", "usage", "answers")


def migrate(
    call: Call,
    to: Annotated[str, typer.Option("--to", metavar="STORE", help="A store that is not there yet.")],
    from_: Annotated[
        str | None, typer.Option("--from", metavar="STORE", help="The store to bring over; else that of --store.")
    ] = None,
) -> Answer:
    """Bring all of a store into a new one of any kind, verified by checksum; broken off, it goes on where it was."""
    source = from_ or call.settings.store
    with _opened(call, source) as memory, _opened(call, to, make=True) as target, progress("migrating") as bar:
        done = memory.migrate_to(target, on_progress=lambda bank, n, total: bar(n, total, f"migrating {bank}"))
    rows = [{"bank": bank, **counts} for bank, counts in done.banks.items()]

    def show(screen: Screen) -> None:
        columns = [Column("bank"), *(Column(name, right=True) for name in _COLUMNS)]
        screen.table(columns, ([row["bank"], *(f"{row[n]:,}" for n in _COLUMNS)] for row in rows))
        jobs = f", with {counted(done.jobs, 'job')} that wait" if done.jobs else ""
        screen.say(f"{counted(len(rows), 'bank')} of {source} are in {to} now, and verified{jobs}.")

    return Answer({"from": source, "to": to, "banks": rows, "jobs": done.jobs}, show)


def _opened(call: Call, store: str, *, make: bool = False) -> Any:
    from dataclasses import replace

    return replace(call, settings=replace(call.settings, store=store)).memory(make=make)


def backup(
    call: Call,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The backup: a file, or a folder for file-per-bank.")],
    restore: Annotated[bool, typer.Option("--restore", help="Make the store of the backup, instead.")] = False,
) -> Answer:
    """Copy the embedded store while it is used, or with --restore make it of such a copy."""
    from mnemic.core.errors import BadInput
    from mnemic.engine.erasing.copies import note_backup
    from mnemic.store.sqlite.backup import copy_store

    if "://" in call.settings.store:
        raise BadInput("store: is on a server; back it up with pg_dump, as the page 'From a laptop to a cluster' shows")
    store = Path(call.settings.store)
    source, target = (path, store) if restore else (store, path)
    with progress("restoring" if restore else "copying") as bar:
        files = copy_store(source, target, on_progress=bar)
    if not restore:
        # An erasure tells of it later on, since it does not reach there.
        with call.memory() as memory:
            note_backup(memory.engine, str(target.absolute()), memory.engine.clock.now())
    data: dict[str, Any] = {"from": str(source), "to": str(target), "files": files, "bytes": _bytes(target)}

    def show(screen: Screen) -> None:
        what = f"{counted(len(files), 'file')}, {size(data['bytes'])}"
        screen.say(f"{source} is in {target} now: {what}.")

    return Answer(data, show)


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
