"""``retain`` and ``consolidate``: events in."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.arguments import RecipeName
from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import Bar, progress
from mnemic.cli.screen import Screen, counted

if TYPE_CHECKING:
    from mnemic.core.evidence import Event
    from mnemic.engine.intake import Written
    from mnemic.ingest import ImportReport

_INPUT = "standard input"


def retain(
    call: Call,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files of conversations; - is standard input.")],
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Such as jsonl, openai, chatgpt, claude, mem0 or text; else found out."),
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="NAME", help="Session of messages that name none; else the file's name.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Time of messages without one, such as 2026-06-02T14:30.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out messages that cannot be read.")] = False,
    recipe: RecipeName = None,
) -> Answer:
    """Take conversations in: JSON Lines, chat API messages, ChatGPT and Claude exports, Markdown, text.

    All files are read to their end before anything is written. What is known already is skipped.
    """
    from mnemic.engine.intake import Written

    started = time.perf_counter()
    with progress("reading") as bar:
        read = []
        for number, file in enumerate(files):
            bar(number, len(files))
            read.append(_read(file, format, session, at, skip_bad))
    total = sum(len(events) for events, _ in read)
    written = last = Written()
    with progress("retaining") as bar, call.memory(make=True) as memory:
        found = memory.engine.store.bank(call.settings.bank)
        former = memory.bank(create=False).recipe.name if found is not None else ""
        bank = memory.bank(recipe=recipe)
        chosen, before = bank.recipe.name, 0
        for events, _ in read:
            last = bank.retain(events, on_progress=partial(_shifted, bar, before, total))
            written += last
            before += len(events)
    name = call.settings.bank
    data: dict[str, Any] = {
        "bank": name,
        "files": [_account(report) for _, report in read],
        "added": len(written.added),
        "known": written.skipped,
        "records": len(written.records),
        "calls": written.calls,
        "pending": last.pending,
        "pending_reason": last.pending_reason,
        "ms": round(1000 * (time.perf_counter() - started), 1),
    }

    def show(screen: Screen) -> None:
        for _, report in read:
            screen.check("warning" if report.bad else "ok", str(report))
            for bad in report.bad:
                screen.note(f"  {bad}")
        known = f", {written.skipped:,} known already" if written.skipped else ""
        screen.say(
            f"Bank {name!r}: {counted(data['added'], 'event')} added{known}, "
            f"{counted(data['records'], 'record')} made, {data['ms'] / 1000:.1f} s"
        )
        _tell_pending(screen, last)
        if former and former != chosen:
            screen.note(
                f"The bank is kept by {chosen} from now on. What it remembered before stays as {former} made it; "
                f"'mnemic switch {recipe}' has all of it made anew."
            )

    return Answer(data, show)


def _shifted(bar: Bar, before: int, total: int, done: int, _: int) -> None:
    bar(before + done, total)


def _read(
    file: str, format: str | None, session: str | None, at: str | None, skip_bad: bool
) -> tuple[list[Event], ImportReport]:
    from mnemic.ingest import read_all

    if file == "-":
        return _read_input(format, session, at, skip_bad)
    return read_all(file, format, session=session, at=at, skip_bad=skip_bad)


def _read_input(
    format: str | None, session: str | None, at: str | None, skip_bad: bool
) -> tuple[list[Event], ImportReport]:
    """Read standard input through a file, whose time stands for that of messages without one."""
    import shutil
    import tempfile

    from mnemic.core.errors import BadInput
    from mnemic.ingest import read_all

    if sys.stdin.isatty():
        print("mnemic: reading from the keyboard; end with Ctrl-D", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="mnemic-") as folder:
        path = Path(folder, "stdin")
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        try:
            events, report = read_all(path, format, session=session, at=at, skip_bad=skip_bad)
        except BadInput as error:
            raise BadInput(str(error).replace(str(path), _INPUT)) from None
    report.source = _INPUT
    return events, report


def _account(report: ImportReport) -> dict[str, Any]:
    return {
        "source": report.source,
        "format": report.format,
        "events": report.events,
        "duplicates": report.duplicates,
        "without_content": report.skipped,
        "bad": [{"number": bad.number, "unit": bad.unit, "reason": bad.reason} for bad in report.bad],
    }


def _tell_pending(screen: Screen, written: Written) -> None:
    if written.pending:
        screen.check("warning", f"{counted(written.pending, 'event')} stored, not yet formed: {written.pending_reason}")
    elif written.pending_reason:
        screen.check("warning", f"not done yet: {written.pending_reason}")


def consolidate(
    call: Call,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try again what was set aside because a model could not form it.")
    ] = False,
) -> Answer:
    """Form what still waits in open sessions and run every rule that is due."""
    with progress("consolidating"), call.bank() as bank:
        written = bank.consolidate(retry=retry)
    data = {
        "bank": bank.name,
        "records": len(written.records),
        "ops": written.ops,
        "calls": written.calls,
        "pending": written.pending,
        "pending_reason": written.pending_reason,
    }

    def show(screen: Screen) -> None:
        made, ops = counted(len(written.records), "record"), counted(written.ops, "change")
        screen.say(f"Bank {bank.name!r}: {made} made, {ops} in all" if written.ops else "Nothing was due.")
        _tell_pending(screen, written)

    return Answer(data, show)
