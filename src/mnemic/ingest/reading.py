"""From a file to events, in one pass: all checked before any is given out, or one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.ingest import (
    chatgpt,
    claude,
    graphiti,
    jsonl,
    letta,
    markdown,
    mcp_memory,
    mem0,
    openai_messages,
    plain_text,
)
from mnemic.ingest.detect import detect_source
from mnemic.ingest.document import name_of
from mnemic.ingest.message import FORMATS, UNITS, Format, Message, shown
from mnemic.ingest.moment import moment
from mnemic.ingest.report import BadLine, ImportReport
from mnemic.ingest.sealing import Sealer
from mnemic.ingest.source import Source

_READERS: Mapping[Format, Callable[[Source, tzinfo], Iterator[Message | BadLine]]] = {
    "jsonl": jsonl.read,
    "openai": openai_messages.read,
    "chatgpt": chatgpt.read,
    "claude": claude.read,
    "mem0": mem0.read,
    "letta": letta.read,
    "graphiti": graphiti.read,
    "mcp-memory": mcp_memory.read,
    "markdown": markdown.read,
    "text": plain_text.read,
}


def read_all(
    origin: str | Path | bytes,
    format: str | None = None,
    *,
    session: str | None = None,
    at: datetime | str | None = None,
    timezone: tzinfo = UTC,
    skip_bad: bool = False,
) -> tuple[list[Event], ImportReport]:
    """All events of a file and the account of it; what is returned has been checked to the end.

    Parameters as of :func:`read_events`. Raises BadInput.

    >>> events, report = read_all(b'{"role": "user", "content": "Hi", "at": "2026-05-01"}\\n{"role": "user"}',
    ...                           skip_bad=True)
    >>> [event.text for event in events], [str(bad) for bad in report.bad]
    (['Hi'], ['line 2: content: is missing or empty; give text, or parts with something in them'])
    """
    report = ImportReport()
    events = list(_events(origin, format, session, at, timezone, skip_bad, report, report.bad.append))
    return events, report


def read_events(
    origin: str | Path | bytes,
    format: str | None = None,
    *,
    session: str | None = None,
    at: datetime | str | None = None,
    timezone: tzinfo = UTC,
    skip_bad: bool = False,
    on_bad: Callable[[BadLine], None] | None = None,
) -> Iterator[Event]:
    """The events of a file one by one; JSON Lines, Markdown and plain text are never held as a whole.

    ``origin`` is a path, or the bytes of a file; ``format`` one of FORMATS, found out when None.
    ``session`` is for messages that name none (otherwise the file's name without extension), ``at`` for those
    without a time (otherwise the time before in the same session, otherwise when the file was last written).
    Times without an offset are in ``timezone``. The first bad line raises BadInput, unless ``skip_bad``: then
    ``on_bad`` is told. What was given before an error has not been checked against the rest of the file:
    to write all or nothing, use :func:`read_all`.

    >>> for event in read_events(b"[2026-05-01 10:00] Anna: Hi"):
    ...     print(event.speaker, event.occurred_at.isoformat())
    Anna 2026-05-01T10:00:00+00:00
    """
    yield from _events(origin, format, session, at, timezone, skip_bad, ImportReport(), on_bad)


def _events(
    origin: str | Path | bytes,
    format: str | None,
    session: str | None,
    at: datetime | str | None,
    timezone: tzinfo,
    skip_bad: bool,
    report: ImportReport,
    on_bad: Callable[[BadLine], None] | None,
) -> Iterator[Event]:
    if format is not None and format not in FORMATS:
        raise BadInput(f"format: {shown(format)} is unknown; use one of {', '.join(FORMATS)}")
    default_at = None if at is None else moment(at, timezone, "at")
    source = Source.of(origin)
    chosen = format or detect_source(source)
    report.source, report.format = source.name, chosen
    sealer = Sealer(chosen, source, name_of(session, "session") or source.stem, default_at)
    some_bad = False
    for found in _prefixed(_READERS[chosen](source, timezone), source.name):
        try:
            bad = found if isinstance(found, BadLine) else None
            event = sealer.seal(found) if isinstance(found, Message) else None
        except BadInput as error:
            assert isinstance(found, Message)
            bad, event = BadLine(found.number, str(error), UNITS[chosen]), None
        if bad:
            if not skip_bad:
                raise BadInput(f"{source.name}, {bad}. Correct it, or leave bad lines out with --skip-bad")
            some_bad = True
            if on_bad:
                on_bad(bad)
        elif event:
            report.events += 1
            yield event
    report.duplicates, report.skipped = sealer.duplicates, sealer.skipped
    if not (report.events or some_bad or report.skipped):
        raise BadInput(f"{source.name}: holds no messages; give a file with at least one")


def _prefixed(found: Iterator[Message | BadLine], name: str) -> Iterator[Message | BadLine]:
    """The same, where errors about the whole file begin with its name."""
    try:
        yield from found
    except BadInput as error:
        raise error if str(error).startswith(name) else BadInput(f"{name}: {error}") from None
