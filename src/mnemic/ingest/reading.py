"""From a file to events: messages are checked, given ids and times, and freed of duplicates, in one pass.

id = the source's own, else format:SHA-256(format, session, order, role, actor, parts, time in the source),
so that to import a file again adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, canonical, sha
from mnemic.ingest import chatgpt, claude, jsonl, markdown, openai_messages, plain_text
from mnemic.ingest.detect import detect_source
from mnemic.ingest.document import check_storable, name_of
from mnemic.ingest.message import FORMATS, MAX_MESSAGE_BYTES, UNITS, Format, Message, shown
from mnemic.ingest.moment import moment
from mnemic.ingest.report import BadLine, ImportReport
from mnemic.ingest.source import Source

_READERS: Mapping[Format, Callable[[Source, tzinfo], Iterator[Message | BadLine]]] = {
    "jsonl": jsonl.read,
    "openai": openai_messages.read,
    "chatgpt": chatgpt.read,
    "claude": claude.read,
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
    default_at = at.replace(tzinfo=at.tzinfo or timezone) if isinstance(at, datetime) else None
    if default_at is None and at is not None:
        default_at = moment(at, timezone, "at")
    source = Source.of(origin)
    chosen = format or detect_source(source)
    report.source, report.format = source.name, chosen
    sealer = _Sealer(chosen, source, name_of(session, "session") or source.stem, default_at)
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


@dataclass(slots=True)
class _Sealer:
    """Makes events of messages; remembers what one file has said so far."""

    format: Format
    source: Source
    session: str
    at: datetime | None
    duplicates: int = 0
    skipped: int = 0
    _seen: dict[str, str] = field(default_factory=dict)
    _times: dict[str, datetime] = field(default_factory=dict)

    def seal(self, message: Message) -> Event | None:
        """The event of a message; None when there is nothing in it, or it was there before."""
        if not message.parts:
            self.skipped += 1
            return None
        _check(message)
        session = message.session or self.session
        at, meta = self._time(message, session)
        event = Event(
            id=self._id(message, session),
            session=session,
            role=message.role,
            actor=message.actor,
            parts=message.parts,
            occurred_at=at,
            meta=meta,
        )
        before = self._seen.get(event.id)
        if before is None:
            self._seen[event.id] = event.sha
            return event
        if before != event.sha:
            raise BadInput(f"id {shown(message.id)} stands before with other content; make ids unique")
        self.duplicates += 1
        return None

    def _time(self, message: Message, session: str) -> tuple[datetime, Mapping[str, object]]:
        if message.at is not None:
            self._times[session] = message.at
            return message.at, message.meta
        if self.at is not None:
            return self.at, message.meta
        if session in self._times:
            return self._times[session], {**message.meta, "time_from": "neighbour"}
        if self.source.modified is not None:
            return self.source.modified, {**message.meta, "time_from": "file"}
        raise BadInput("has no time, and there is no file whose time could be taken; give at")

    def _id(self, message: Message, session: str) -> str:
        if message.id:
            if self.format == "jsonl":
                return message.id
            conversation = f"{session}/" if self.format in ("chatgpt", "claude") else ""
            return f"{self.format}:{conversation}{message.id}"
        written = message.at.isoformat() if message.at else ""
        parts = [part.to_json() for part in message.parts]
        said = [self.format, session, message.order, message.role, message.actor, parts, written]
        return f"{self.format}:{sha(canonical(said))[:32]}"


def _check(message: Message) -> None:
    """Raise BadInput for a message that is too large or holds what cannot be stored."""
    size = sum(len(part.text.encode("utf-8", "surrogatepass")) for part in message.parts)
    if size > MAX_MESSAGE_BYTES:
        raise BadInput(f"content: holds {size} bytes of text; a message may hold {MAX_MESSAGE_BYTES} (1 MiB)")
    for name, value in (("id", message.id), ("session", message.session), ("actor", message.actor)):
        check_storable(value, name)
    check_storable(message.meta, "meta")
    for part in message.parts:
        check_storable(part.text, "content")
        check_storable(part.uri, "uri")
        check_storable(part.meta, "parts.meta")
