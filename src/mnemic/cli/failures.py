"""Failures: one line on standard error, an exit code that tells the kind, and never a traceback."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import typer

from mnemic.core.errors import MnemicError

#: What the shell is told, and what it means; the docs print this table.
EXIT_CODES = {
    0: "done",
    1: "a failure of no kind below: the disk is full, or a pipe was closed",
    2: "bad input: an argument, an option, a variable, a configuration or a file that cannot be taken",
    3: "not found: a bank, record, event, receipt or recipe of that name",
    4: "the store cannot be opened, read or written as it stands",
    5: "a model is not installed",
    6: "the bank's vectors come from another embedder; see 'mnemic reembed'",
    7: "refused: another writer was faster, or a limit was reached",
    8: "a language model gave no answer that can be used; what waits for it is kept",
    9: "a call of a language model would go over the budget",
    10: "unauthenticated: no key or token was given, or one that is unknown, spent or forged",
    11: "denied: there is no grant for it",
    70: "a defect of mnemic",
    130: "stopped with Ctrl-C",
}
# typer brings its own click or takes the installed one, by version: the class is found through its child.
_USAGE: type[Exception] = cast("type[Exception]", typer.BadParameter.__bases__[0])


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` is among the options of a command line.

    >>> wants_json(["list", "--json"]), wants_json(["recall", "--", "--json"])
    (True, False)
    """
    options = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    return "--json" in options


@contextmanager
def reported(as_json: bool) -> Iterator[None]:
    """Turn what goes wrong inside into a message and SystemExit with its code."""
    try:
        yield
    except (KeyboardInterrupt, typer.Abort):
        _leave("stopped; what was committed before is kept", 130, as_json)
    except BrokenPipeError:
        # Without this Python would complain when it flushes the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MnemicError as error:
        _leave(str(error), error.exit_code, as_json)
    except _USAGE as error:
        _leave(_usage(error), 2, as_json)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _leave(f"{where}{error.strerror or error}", 1, as_json)
    except Exception as error:
        _leave(_defect(error), 70, as_json)


def _usage(error: BaseException) -> str:
    text = str(getattr(error, "format_message", lambda: error)())
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "mnemic"
    return f"{text.rstrip('.')}; see '{path} --help'"


def _defect(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}: {error}; this is a defect: "
        "please report this line with what you typed and what 'mnemic doctor --json' prints"
    )


def _leave(message: str, code: int, as_json: bool) -> None:
    line = " ".join(message.split())
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    if as_json:
        print(json.dumps({"error": {"message": shown, "code": code}}), file=sys.stderr)
    else:
        print(f"mnemic: {shown}", file=sys.stderr)
    sys.exit(code)
