"""Transcripts: lines such as ``[2026-05-01 10:00] Name: text`` or ``**Name:** text`` begin a turn.

A name is one to four words that begin with a capital letter, or a role such as user; a line that begins
otherwise goes on with the turn before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Part
from mnemic.ingest.message import MAX_MESSAGE_BYTES, Message
from mnemic.ingest.moment import moment
from mnemic.ingest.report import BadLine
from mnemic.ingest.roles import is_role, speaker

_STAMP = re.compile(r"\[(\d{4}-\d{1,2}-\d{1,2}[^\]\n]{0,40})\] ?")
_NAME = r"[^\s:*\[\]()#>`|/\"“]{1,30}"
_TURN = re.compile(rf"(?:\*\*({_NAME}(?: {_NAME}){{0,3}})(?::\*\*|\*\*:)|({_NAME}(?: {_NAME}){{0,3}}):)(?:\s|$)")
_PARTICLES = frozenset(["al", "bin", "da", "de", "del", "der", "di", "do", "dos", "e", "la", "van", "von", "y"])


@dataclass(frozen=True, slots=True)
class Turn:
    """The beginning of a turn: speaker, first words and, when the line says so, its time as written."""

    name: str
    text: str
    stamp: str = ""


def turn(line: str) -> Turn | None:
    """The turn that a line begins, or None.

    >>> turn("[2026-05-01 10:00] Anna: Hello")
    Turn(name='Anna', text='Hello', stamp='2026-05-01 10:00')
    >>> turn("**Assistant:** Good morning.").name
    'Assistant'
    >>> turn("there is one thing: it rains"), turn("http://example.org")
    (None, None)
    """
    stamp = _STAMP.match(line)
    rest = line[stamp.end() :] if stamp else line
    found = _TURN.match(rest)
    if not found:
        return None
    name = found[1] or found[2]
    if not is_role(name) and not _is_name(name):
        return None
    return Turn(name, rest[found.end() :].strip(), stamp[1] if stamp else "")


def _is_name(text: str) -> bool:
    first, *others = text.split(" ")
    return first[0].isalpha() and not any(word[0].islower() and word not in _PARTICLES for word in (first, *others))


def is_dialogue(lines: Iterable[str]) -> bool:
    """Whether lines are a transcript: of the lines that begin a paragraph, at least half begin a turn.

    One such line alone must carry a time or a role, since ``Note: buy milk`` is no dialogue.

    >>> is_dialogue(["Anna: Hi", "Ben: Hello"]), is_dialogue(["Note: buy milk"])
    (True, False)
    """
    turns = begins = sure = 0
    after_blank = True
    for line in lines:
        if not line.strip():
            after_blank = True
            continue
        found = turn(line)
        turns += found is not None
        sure += found is not None and bool(found.stamp or is_role(found.name))
        begins += after_blank or found is not None
        after_blank = False
    return bool(turns) and 2 * turns >= begins and (turns > 1 or sure == 1)


@dataclass(slots=True)
class Transcript:
    """Collects lines into turns (``dialogue``) or paragraphs, one session at a time.

    >>> from datetime import UTC
    >>> transcript = Transcript(timezone=UTC, dialogue=True)
    >>> [m for m in transcript.add(1, "Anna: Hi")], [m for m in transcript.add(2, "there")]
    ([], [])
    >>> [(m.actor, m.text) for m in transcript.end()]
    [('Anna', 'Hi\\nthere')]
    """

    timezone: tzinfo
    dialogue: bool
    session: str = ""
    at: datetime | None = None
    _orders: dict[str, int] = field(default_factory=dict)
    _start: int = 0
    _turn: Turn | None = None
    _held: list[str] = field(default_factory=list)
    _length: int = 0

    def open(self, session: str, at: datetime | None) -> None:
        """Begin a session; turns without a time of their own get ``at``."""
        self.session, self.at = session, at

    def add(self, number: int, line: str | None) -> Iterator[Message | BadLine]:
        """Take one line; gives what was complete before it. None stands for a line that was too long."""
        if line is None:
            yield from self.end()
            yield BadLine(number, "is too long; break it into lines")
            return
        found = turn(line) if self.dialogue else None
        if found:
            yield from self.begin(number, found)
            return
        if not line.strip() and self._turn is None:
            yield from self.end()
            return
        if not self._held and not self._turn:
            self._start = number
        self._hold(line)

    def begin(self, number: int, opening: Turn) -> Iterator[Message | BadLine]:
        """Begin a turn at a line; gives what was complete before it."""
        yield from self.end()
        self._start, self._turn = number, opening
        self._hold(opening.text)

    def _hold(self, line: str) -> None:
        # What exceeds the limit is refused by its size, so that no more than that need be held.
        if self._length <= MAX_MESSAGE_BYTES:
            self._held.append(line)
            self._length += len(line) + 1

    def end(self) -> Iterator[Message | BadLine]:
        """Give the turn or paragraph that is still open."""
        opened, text = self._turn, "\n".join(self._held).strip()
        start = self._start
        self._turn, self._held, self._length = None, [], 0
        if not opened and not text:
            return
        # Counted by name: two headings of one name are one session.
        order = self._orders[self.session] = self._orders.get(self.session, 0) + 1
        role, actor = speaker(opened.name) if opened else ("document", "")
        try:
            at = moment(opened.stamp, self.timezone, "time") if opened and opened.stamp else self.at
        except BadInput as error:
            yield BadLine(start, str(error))
            return
        yield Message(
            number=start,
            order=order,
            role=role,
            parts=(Part("text", text),) if text else (),
            actor=actor,
            session=self.session,
            at=at,
        )
