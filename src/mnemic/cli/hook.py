"""``hook``: memory for a coding agent that runs commands at points of its session."""

from __future__ import annotations

import json
import sys
import threading
from typing import Annotated, Any

import typer

from mnemic.cli.command import Call

#: The most that is read from the agent, in characters.
_MAX_INPUT = 8 << 20


def hook(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME", help="session-start, prompt, stop or session-end.")],
    timeout: Annotated[int, typer.Option(metavar="SECONDS", min=1, max=600, help="Give up after so long.")] = 20,
) -> None:
    """Do what memory does at a point of a coding agent's session; reads the agent's JSON, and never fails it."""
    answer: dict[str, Any] = {}
    notes: list[str] = []

    def work() -> None:
        from mnemic.compat import coding_agent

        try:
            given = json.loads(sys.stdin.read(_MAX_INPUT) or "{}")
            if not isinstance(given, dict):
                raise TypeError("the input is no JSON object")
            with call.bank(make=True) as bank:
                answer.update(coding_agent.run(name, given, bank))
        except Exception as error:
            # An agent must go on whatever befalls its memory.
            notes.append(" ".join(f"{type(error).__name__}: {error}".split())[:400])

    working = threading.Thread(target=work, daemon=True)
    working.start()
    working.join(timeout)
    if working.is_alive():
        notes.append(f"not done within {timeout} s")
    if notes:
        print(f"mnemic hook {name}: {notes[0]}", file=sys.stderr)
    print(json.dumps({} if notes else answer), flush=True)
