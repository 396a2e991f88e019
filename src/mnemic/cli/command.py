"""Commands: a function that answers becomes a command with ``--store``, ``--bank`` and ``--json``.

The function gets a :class:`Call` and gives an :class:`Answer`; which form the answer takes is decided here.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from mnemic.cli.screen import Screen, open_screen

if TYPE_CHECKING:
    from mnemic.bank import Bank
    from mnemic.config import Settings
    from mnemic.guarded import GuardedBank
    from mnemic.memory import Memory

_MAX_ARGUMENT = 1 << 20
_COMMON = {
    "store": Annotated[
        str | None, typer.Option("--store", metavar="PATH", help="File, or folder with a trailing /, of the banks.")
    ],
    "bank": Annotated[str | None, typer.Option("--bank", metavar="NAME", help="Which bank of the store.")],
    "as_json": Annotated[bool, typer.Option("--json", help="Print JSON for a script, as the docs describe it.")],
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answers: ``data`` for a script, ``show`` for a person."""

    data: dict[str, Any]
    show: Callable[[Screen], None]
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a command: its settings, and which store and bank were named on the command line."""

    settings: Settings
    store: str | None = None
    bank_name: str | None = None
    as_json: bool = False

    @contextmanager
    def memory(self, *, make: bool = False) -> Iterator[Memory]:
        """The store, opened; raises StoreError when it is not there and ``make`` does not hold."""
        from mnemic.core.errors import StoreError
        from mnemic.memory import open_memory

        path = self.settings.store
        if not make and path.strip() and "://" not in path and not Path(path).exists():
            raise StoreError(f"store: {path} does not exist; name it with --store, or make it with 'mnemic retain'")
        with open_memory(settings=self.settings) as memory:
            yield memory

    @contextmanager
    def bank(self, *, make: bool = False, recipe: str | None = None) -> Iterator[Bank]:
        """The bank; raises NotFound when it is not there and ``make`` does not hold."""
        with self.memory(make=make) as memory:
            yield memory.bank(recipe=recipe, create=make)

    @contextmanager
    def read_for(self, recipient: str, purpose: str) -> Iterator[Bank | GuardedBank]:
        """The bank as it may be told to a recipient for a purpose, where either is named; policies hold then."""
        if not (recipient or purpose):
            with self.bank() as bank:
                yield bank
            return
        from mnemic.core.acting import Acting

        with self.memory() as memory:
            yield memory.acting(Acting(recipient=recipient, purpose=purpose)).bank()


Function = Callable[..., "Answer | None"]


def command(app: typer.Typer, group: str = "", name: str | None = None) -> Callable[[Function], None]:
    """Register a function ``(call, ...) -> Answer`` as a command of ``app`` under a heading of its help."""

    def register(function: Function) -> None:
        app.command(name or function.__name__, rich_help_panel=group or None)(as_command(function))

    return register


def as_command(function: Function) -> Callable[..., None]:
    """What typer is to call: takes the function's parameters and the common ones, and prints the answer."""
    hints = get_type_hints(function, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in inspect.signature(function).parameters.values()][1:]
    common = [
        inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=False if n == "as_json" else None, annotation=a)
        for n, a in _COMMON.items()
    ]

    def run(*, store: str | None, bank: str | None, as_json: bool, **given: Any) -> None:
        answer = function(_call(store, bank, as_json, given), **given)
        if answer is not None:
            _give(answer, as_json)

    signature = inspect.Signature([p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + common)
    functools.update_wrapper(run, function)
    del run.__wrapped__  # type: ignore[attr-defined]
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return run


def _call(store: str | None, bank: str | None, as_json: bool, given: dict[str, Any]) -> Call:
    from mnemic.config import Settings

    _check({"--store": store, "--bank": bank} | given)
    settings = Settings.load()
    settings = replace(
        settings,
        store=settings.store if store is None else store,
        bank=settings.bank if bank is None else bank,
    )
    return Call(settings, store, bank, as_json)


def _check(given: dict[str, Any]) -> None:
    from mnemic.core.errors import BadInput
    from mnemic.messages import check_text

    for name, value in given.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                check_text(text, name, limit=_MAX_ARGUMENT)
            elif isinstance(text, Path) and "\0" in str(text):
                raise BadInput(f"{name}: holds a NUL character; remove it")


def _give(answer: Answer, as_json: bool) -> None:
    if as_json:
        unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        print(json.dumps(answer.data, indent=2, ensure_ascii=not unicode))
    else:
        answer.show(open_screen())
    # Flushed here, where a closed pipe is still met by the handler of failures.
    sys.stdout.flush()
    if answer.exit_code:
        raise typer.Exit(answer.exit_code)
