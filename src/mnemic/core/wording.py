"""Wording: how a record reads in a line, for a model or a person: date, speaker, text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mnemic.core.record import Record
from mnemic.core.record_times import when_of

#: Spelled out here because strftime follows the machine's locale.
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def date_words(when: datetime) -> str:
    """A date as it is written in English prose.

    >>> from mnemic.core.times import instant
    >>> date_words(instant("2026-06-02T14:30:00"))
    '2 June 2026'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def speaker_of(record: Record) -> str:
    """Who said it: the actor's name, or the role when no name is known."""
    return record.actor or record.role


def words_of(record: Record, text: str | None = None) -> str:
    """The text of a record (default: what is shown of it) with the captions of its pictures.

    >>> words_of(Record(id="r1", kind="episodic", value="Look!", fields={"captions": ["a cat"]}))
    'Look! [image: a cat]'
    """
    words = record.shown() if text is None else text
    captions = " ".join(f"[image: {caption}]" for caption in record.fields.get("captions", ()))
    # A turn that only shows something has no words but the name of what it shows.
    return " ".join(part for part in ("" if words in ("[image]", "[screen]") and captions else words, captions) if part)


def dated_line(record: Record, text: str | None = None) -> str:
    """``date, speaker: text`` with what is known of the first two; ``text`` defaults to what is shown.

    >>> from mnemic.core.times import Interval, Times, instant
    >>> times = Times(event=Interval(instant("2026-06-02"), instant("2026-06-02")))
    >>> dated_line(Record(id="r1", kind="episodic", value="Hello", actor="Anna", times=times))
    '2 June 2026, Anna: Hello'
    >>> dated_line(Record(id="r2", kind="semantic", value="Anna lives in Lisbon"))
    'Anna lives in Lisbon'
    >>> dated_line(Record(id="r3", kind="semantic", value="Anna: I moved", actor="Anna", times=times))
    '2 June 2026, Anna: I moved'
    """
    when, speaker = when_of(record), speaker_of(record)
    words = record.shown() if text is None else text
    date = date_words(when) if when else ""
    # A fact may name its speaker itself; saying it twice would cost tokens and tell nothing.
    if speaker and words.startswith(f"{speaker}: "):
        return f"{date}, {words}" if date else words
    head = ", ".join(part for part in (date, speaker) if part)
    return f"{head}: {words}" if head else words


def indexed_text(record: Record, names: Sequence[str]) -> str:
    """A record's value with a line for each of the named fields (or its tags, entities) that it has.

    >>> indexed_text(Record(id="r1", kind="note", value="Rex barks", fields={"keywords": ["dog"]}, tags=("pets",)),
    ...              ("context", "keywords", "tags"))
    'Rex barks\\nkeywords: dog\\ntags: pets'
    """
    return "\n".join([record.value, *field_lines(record, names)])


def field_lines(record: Record, names: Sequence[str]) -> list[str]:
    """``name: text`` for each of the named fields (or tags, entities, labels) that the record has.

    >>> field_lines(Record(id="r1", kind="note", value="", fields={"mood": "calm"}, tags=("a", "b")), ("mood", "tags"))
    ['mood: calm', 'tags: a, b']
    """
    rows = []
    for name in names:
        told = getattr(record, name) if name in ("tags", "entities", "labels") else record.fields.get(name, "")
        text = told if isinstance(told, str) else ", ".join(str(part) for part in told)
        if text:
            rows.append(f"{name}: {text}")
    return rows


def attributes_text(pairs: Sequence[Sequence[str]]) -> str:
    """Pairs of an attribute and its value as one text.

    >>> attributes_text([("place", "Lisbon"), ("emotion", "joy")])
    'place: Lisbon; emotion: joy'
    """
    return "; ".join(f"{attribute}: {value}" for attribute, value in pairs)
