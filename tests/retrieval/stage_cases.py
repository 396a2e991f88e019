"""Small hand-written conversations that the stage tests share."""

from __future__ import annotations

from mnemic.core.evidence import Span
from mnemic.core.list_view import ListView
from mnemic.core.reading import Hit, Query, Where
from mnemic.core.record import Key, Record
from mnemic.core.times import Interval, Times, instant

NOW = "2026-06-30"


def turn(number: int, actor: str, text: str, *, session: str = "s1", at: str = "2026-05-01") -> Record:
    """A turn as formation makes it: one key, one event behind it."""
    when = instant(at)
    return Record(
        id=f"r{number:02d}",
        kind="episodic",
        value=text,
        keys={"turn": Key(text)},
        entities=tuple(word.strip(".,?!") for word in text.split()[1:] if word[0].isupper() and len(word) > 1),
        actor=actor,
        role="user",
        session=session,
        times=Times(event=Interval(when, when)),
        sources=(Span(f"e{number:02d}"),),
    )


TALK = (
    turn(0, "Anna", "We moved to Lisbon last week.", at="2026-05-01T10:00:00"),
    turn(1, "Ben", "Lovely! Is the flat big?", at="2026-05-01T10:01:00"),
    turn(2, "Anna", "Two rooms, with a view of the river.", at="2026-05-01T10:02:00"),
    turn(3, "Ben", "I started a pottery class with Clara.", session="s2", at="2026-06-10T18:00:00"),
    turn(4, "Anna", "I would love to try pottery too.", session="s2", at="2026-06-10T18:01:00"),
    turn(5, "Ben", "We make bowls and cups.", session="s2", at="2026-06-10T18:02:00"),
)


def talk() -> ListView:
    """A view over two short sessions of Anna and Ben."""
    return ListView(TALK, now=NOW)


def ask(text: str, *, tokens: int = 1500, where: Where | None = None) -> Query:
    """A question asked at the end of June 2026."""
    return Query(text=text, asked_at=instant(NOW), where=where or Where(), tokens=tokens)


def ids(hits: list[Hit]) -> list[str]:
    """The ids of hits, in order."""
    return [hit.id for hit in hits]
