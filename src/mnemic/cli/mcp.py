"""``mcp``: memory for any client of the Model Context Protocol."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mnemic.cli.command import Answer, Call, as_command, command
from mnemic.cli.screen import Screen

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def serve(
    call: Call,
    context: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Over HTTP at /mcp instead, for many clients.")] = False,
    host: Annotated[str, typer.Option(metavar="HOST", help="With --http: address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="With --http: port.")] = 8420,
) -> None:
    """Serve the store over MCP on standard input and output, for one client; --bank walls off all other banks."""
    if context.invoked_subcommand is not None:
        return
    if http:
        from mnemic.cli.serving import serve as serve_http

        serve_http(call, host=host, port=port)
        return
    from mnemic.serve.mcp.stdio import serve_stdio

    with call.memory(make=True) as memory:
        serve_stdio(memory, key=os.environ.get("MNEMIC_KEY", ""), bank=call.bank_name)


@command(app)
def install(
    call: Call,
    client: Annotated[
        str | None, typer.Argument(metavar="[CLIENT]", help="claude-desktop, claude-code, cursor...; all without it.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Merge it into the client's file, and keep the former.")
    ] = False,
) -> Answer:
    """Print the configuration by which desktop clients and coding agents start this server."""
    from mnemic.core.errors import BadInput
    from mnemic.serve.mcp import clients, installing

    if write and client is None:
        raise BadInput("client: --write needs one; name it, such as 'mnemic mcp install cursor --write'")
    chosen = clients.CLIENTS if client is None else [clients.client_named(client)]
    line = installing.command_line(call.settings.store, call.bank_name)
    kept = installing.install(chosen[0], line) if write else None
    rows = [
        {
            "client": one.name,
            "path": str(one.path()),
            "form": one.form,
            "config": one.text(line),
            "written": write,
            "backup": str(kept) if kept else None,
        }
        for one in chosen
    ]

    def show(screen: Screen) -> None:
        for one, row in zip(chosen, rows, strict=True):
            screen.title(one.title, f"written to {one.path()}" if write else f"goes into {one.path()}")
            screen.code(str(row["config"]), one.form)
        if kept:
            screen.note(f"The former file is {kept}.")

    return Answer({"clients": rows}, show)


app.callback()(as_command(serve))
