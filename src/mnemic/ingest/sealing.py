"""Messages become events: checked, given ids and times, and freed of duplicates.

id = the source's own, else format:SHA-256(format, session, order, role, actor, parts, time in the source),
so that to import a file again adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, canonical, sha
from mnemic.ingest.document import check_storable
from mnemic.ingest.message import MAX_MESSAGE_BYTES, Format, Message, shown
from mnemic.ingest.source import Source


@dataclass(slots=True)
class Sealer:
    """Makes events of the messages of one file; remembers which ids and times it has seen.

    ``session`` and ``at`` are for messages that have none.

    >>> from datetime import UTC
    >>> from mnemic.core.evidence import Part
    >>> sealer = Sealer("text", Source.of(b"Anna: Hi"), "s1", datetime(2026, 5, 1, tzinfo=UTC))
    >>> event = sealer.seal(Message(number=1, order=1, role="user", parts=(Part("text", "Hi"),)))
    >>> event.id[:12], event.session, event.occurred_at.isoformat()
    ('text:1fd6954', 's1', '2026-05-01T00:00:00+00:00')
    """

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
