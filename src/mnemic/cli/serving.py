"""``serve``: a store for others, over HTTP."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from mnemic.cli.command import Answer, Call
from mnemic.cli.screen import open_screen


def serve(
    call: Call,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="Port; 0 takes a free one.")] = 8420,
    open_to_all: Annotated[
        bool, typer.Option("--open-to-all", help="Listen beyond this machine although there are no keys.")
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", metavar="N", min=1, max=64, help="Processes that answer, one a core at most.")
    ] = 1,
    check: Annotated[bool, typer.Option("--check", help="Only try whether it would start, and end.")] = False,
) -> Answer | None:
    """Serve the store over HTTP until stopped with Ctrl-C."""
    from mnemic.models.extras import require

    for module in ("fastapi", "uvicorn"):
        require(module, "serve")
    from mnemic.config import without_password
    from mnemic.identifying import doorkeeper_of
    from mnemic.serve.app import create_app
    from mnemic.serve.processes import serve_in_processes
    from mnemic.serve.server import address_of, bind, check_reach
    from mnemic.serve.server import serve as run

    store = without_password(call.settings.store)

    def started(url: str) -> None:
        if call.as_json:
            print(json.dumps({"url": url, "store": store}), flush=True)
        else:
            open_screen().say(f"Serving {store} at {url}; Ctrl-C stops.")
            sys.stdout.flush()

    with ExitStack() as kept:
        with call.memory(make=True) as memory:
            check_reach(host, has_keys=doorkeeper_of(memory).closed, open_to_all=open_to_all)
            listening = kept.enter_context(bind(host, port))
            if check:
                create_app(memory)
                url = address_of(listening)
                return Answer(
                    {"url": url, "store": store}, lambda screen: screen.say(f"{store} can be served at {url}.")
                )
            if processes == 1:
                run(memory, listening, on_start=started)
                return None
        # The processes that serve open the store for themselves.
        serve_in_processes(call.settings, listening, processes, on_start=started)
    return None
