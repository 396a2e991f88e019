"""``servers`` and ``banks``: on which servers banks live, and whether their content is encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnemic.cli.banks import banks as list_banks
from mnemic.cli.command import Answer, Call, as_command, command
from mnemic.cli.progress import progress
from mnemic.cli.screen import Column, Screen, counted

if TYPE_CHECKING:
    from mnemic.memory import Memory
    from mnemic.store.routed import RoutedStore

banks = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
servers = typer.Typer(rich_markup_mode=None, help="Servers of banks: add and list them.")


def overview(call: Call, context: typer.Context) -> Answer | None:
    """List the banks of the store; make, move, seal or unseal one."""
    return None if context.invoked_subcommand is not None else list_banks(call)


banks.callback()(as_command(overview))


Name = Annotated[str, typer.Argument(metavar="BANK", help="Which bank.")]


@command(banks)
def create(
    call: Call,
    name: Name,
    recipe: Annotated[str | None, typer.Option("--recipe", metavar="NAME", help="By what it is to be kept.")] = None,
    sealed: Annotated[bool, typer.Option("--sealed", help="Encrypt its content at rest.")] = False,
) -> Answer:
    """Make a bank; --sealed encrypts its content under a key of its own, which the vault's key wraps."""
    from mnemic.core.errors import BadInput

    with call.memory(make=True) as memory:
        if memory.engine.store.bank(name) is not None:
            raise BadInput(f"bank: {name!r} exists already; 'mnemic banks seal' encrypts one that is there")
        made = memory.bank(name, recipe, sealed=sealed)
        data = {"bank": made.name, "recipe": made.recipe.name, "sealed": sealed}
    return Answer(data, lambda screen: screen.say(f"Bank {name!r} is made{', and sealed' if sealed else ''}."))


@command(banks)
def seal(
    call: Call,
    name: Name,
    renew: Annotated[bool, typer.Option("--renew", help="One that is sealed already: under a new key.")] = False,
) -> Answer:
    """Encrypt the content of a bank at rest; stopped in the middle, the same command goes on."""
    with call.memory() as memory:
        done = memory.seal(name, renew=renew)

    def show(screen: Screen) -> None:
        screen.say(f"Bank {name!r} is sealed: {'; '.join(done.steps)}.")
        for waiting in done.waits:
            screen.say(f"Still to be driven out: {waiting}. Run this again.")

    return Answer({"bank": name, "sealed": True, "steps": list(done.steps), "waits": list(done.waits)}, show)


@command(banks)
def unseal(call: Call, name: Name) -> Answer:
    """Lay a sealed bank down in clear again."""
    with call.memory() as memory:
        memory.unseal(name)
    return Answer({"bank": name, "sealed": False}, lambda screen: screen.say(f"Bank {name!r} lies in clear."))


@command(banks)
def move(
    call: Call,
    name: Name,
    to: Annotated[str, typer.Option("--to", metavar="SERVER", help="Where it is to live.")],
) -> Answer:
    """Move a bank to another server while it is used; broken off, the same command goes on where it was."""
    with call.memory() as memory, progress("moving") as bar:
        moved = memory.move_bank(name, to, on_progress=bar)
    data = {"bank": moved.bank, "from": moved.source, "to": moved.target, "seq": moved.seq}
    return Answer(data, lambda screen: screen.say(f"Bank {name!r} moved from {moved.source} to {moved.target}."))


@command(servers)
def add(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Its store, such as postgresql://host/database.")],
) -> Answer:
    """Make a server known, with the banks that it has already; it takes new banks from now on."""
    from mnemic.memory import open_store
    from mnemic.migration import own_banks

    if "://" not in address:
        # Processes that start in another folder find it too; a trailing slash means a folder of files.
        address = str(Path(address).absolute()) + ("/" if address.endswith("/") else "")
    with call.memory(make=True) as memory:
        store = open_store(address)
        try:
            rows = own_banks(store)
        finally:
            store.close()
        added = _routed(memory).directory.add(name, address, rows)
    data = {"server": added.name, "open": added.open, "banks": len(rows)}
    return Answer(data, lambda screen: screen.say(f"Server {name} is known now, with {counted(len(rows), 'bank')}."))


@command(servers, name="list")
def list_(call: Call) -> Answer:
    """List the servers, with how many banks live on each and whether it answers."""
    from mnemic.config import without_password

    with call.memory() as memory:
        store = _routed(memory)
        places = [place.server for place in store.directory.placements()]
        rows = [
            {
                "server": server.name,
                "address": without_password(server.dsn),
                "open": server.open,
                "banks": places.count(server.name),
                "answers": store.answering(server.name),
            }
            for server in store.directory.servers()
        ]

    def show(screen: Screen) -> None:
        columns = [Column("server"), Column("address"), Column("banks", right=True), Column("new banks"), Column("up")]
        cells = (
            [str(r["server"]), str(r["address"]), str(r["banks"]), _yes(r["open"]), _yes(r["answers"])] for r in rows
        )
        screen.table(columns, cells)

    return Answer({"servers": rows}, show)


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _routed(memory: Memory) -> RoutedStore:
    from mnemic.core.errors import BadInput
    from mnemic.store.routed import RoutedStore

    store = memory.engine.store
    if not isinstance(store, RoutedStore):
        raise BadInput("store: is on one server; give --store directory+postgresql://... or directory+sqlite:///PATH")
    return store
