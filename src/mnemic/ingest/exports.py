"""What the exports of chat applications have in common: conversations whose messages may lack a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.archive import conversation_texts
from mnemic.ingest.document import name_of, parse, text_of
from mnemic.ingest.message import Message, shown
from mnemic.ingest.moment import moment
from mnemic.ingest.report import BadLine
from mnemic.ingest.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """How one application writes its conversations down.

    ``chosen`` gives the messages of a conversation that the user saw, ``said`` a message's role and parts;
    the rest are the names of fields.

    >>> from datetime import UTC
    >>> export = Export(chosen=lambda c: c["m"], said=lambda m: ("user", (Part("text", m["t"]),)),
    ...                 session="c", title="n", id="i", time="at")
    >>> [found.text for found in export.read(Source.of(b'[{"c": "1", "m": [{"t": "Hi"}]}]'), UTC)]
    ['Hi']
    """

    chosen: Callable[[Any], list[Mapping[str, Any]]]
    said: Callable[[Mapping[str, Any]], tuple[str, tuple[Part, ...]]]
    session: str
    title: str
    id: str
    time: str

    def read(self, source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
        """Messages in order; one without a time takes its neighbour's or the conversation's."""
        for number, conversation in conversations(source):
            try:
                messages = self.chosen(conversation)
                session = name_of(conversation.get(self.session) or conversation.get("id"), self.session)
                title = text_of(conversation.get(self.title), self.title)
                start = own_time(conversation.get(self.time), timezone, self.time)
            except BadInput as error:
                yield BadLine(number, str(error), "conversation")
                continue
            times: list[datetime | None] = []
            wrong: dict[int, BadInput] = {}
            for place, message in enumerate(messages):
                try:
                    times.append(own_time(message.get(self.time), timezone, self.time))
                except BadInput as error:
                    times.append(None)
                    wrong[place] = error
            for place, (message, time) in enumerate(zip(messages, filled(times, start), strict=True)):
                try:
                    if place in wrong:
                        raise wrong[place]
                    role, parts = self.said(message)
                    meta = {"title": title} if title else {}
                    yield Message(
                        number=number,
                        order=place + 1,
                        role=role,
                        parts=parts,
                        session=session or f"conversation-{number}",
                        id=name_of(message.get(self.id), self.id),
                        at=time,
                        meta=meta if times[place] else {**meta, "time_from": "neighbour"},
                    )
                except BadInput as error:
                    yield BadLine(number, f"message {place + 1}: {error}", "conversation")


def conversations(source: Source) -> Iterator[tuple[int, Any]]:
    """Number and value of each conversation in a JSON document, or in those of a zip archive.

    >>> [number for number, value in conversations(Source.of(b'[{"uuid": "a"}, {"uuid": "b"}]'))]
    [1, 2]
    """
    number = 0
    for text in conversation_texts(source) if source.is_zip() else (source.text(),):
        data = parse(text)
        if isinstance(data, dict):
            data = data.get("conversations", [data])
        if not isinstance(data, list):
            raise BadInput(f"{shown(data)} holds no conversations; give conversations.json of an export")
        for item in data:
            number += 1
            yield number, item


def own_time(value: object, timezone: tzinfo, field: str) -> datetime | None:
    """The time of a field that may be null.

    >>> from datetime import UTC
    >>> own_time(None, UTC, "create_time")
    """
    return None if value is None else moment(value, timezone, field)


def filled(times: Sequence[datetime | None], otherwise: datetime | None) -> list[datetime | None]:
    """Times in which those missing are the one before, else the one after, else that of the conversation.

    >>> one, two = datetime(2026, 1, 1), datetime(2026, 1, 2)
    >>> [time.day for time in filled([None, one, None, two], None)]
    [1, 1, 1, 2]
    """
    first = next((time for time in times if time is not None), otherwise)
    out: list[datetime | None] = []
    for time in times:
        out.append(time if time is not None else out[-1] if out else first)
    return out
