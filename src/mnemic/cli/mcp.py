"""``mcp``: memory for any client of the Model Context Protocol."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mnemic.cli.command import Call, as_command

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


app.callback()(as_command(serve))
