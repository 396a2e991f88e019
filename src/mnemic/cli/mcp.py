"""``mcp``: memory for any client of the Model Context Protocol."""

from __future__ import annotations

import os

import typer

from mnemic.cli.command import Call, as_command

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def serve(call: Call, context: typer.Context) -> None:
    """Serve the store over MCP on standard input and output, for one client; --bank walls off all other banks."""
    if context.invoked_subcommand is not None:
        return
    from mnemic.serve.mcp.stdio import serve_stdio

    with call.memory(make=True) as memory:
        serve_stdio(memory, key=os.environ.get("MNEMIC_KEY", ""), bank=call.bank_name)


app.callback()(as_command(serve))
