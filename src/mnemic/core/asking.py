"""How turns and records are shown to a language model: by alias, with speaker and date, never by id (law 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mnemic.core.alias import AliasMap
from mnemic.core.analysis import terms
from mnemic.core.errors import Refused
from mnemic.core.evidence import Event
from mnemic.core.record import Record
from mnemic.core.record_times import when_of

#: A draft most of whose words were remembered, and hardly any said, is memory coming back.
REMEMBERED = 0.8
SAID = 0.5


def shown_turns(lines: Iterable[tuple[Event, str]], aliases: AliasMap, mark: str = "") -> list[dict[str, Any]]:
    """Turns as a task's input; ``mark`` before the alias keeps what may not be cited apart from what may.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "Hi"),), occurred_at=instant("2026-06-02"))
    >>> shown_turns([(turn, turn.text)], AliasMap())
    [{'alias': '0', 'speaker': 'user', 'when': '2026-06-02 00:00', 'text': 'Hi'}]
    """
    return [
        {
            "alias": mark + aliases.alias(event.id),
            "speaker": event.speaker,
            "when": f"{event.occurred_at:%Y-%m-%d %H:%M}",
            "text": text,
        }
        for event, text in lines
    ]


def shown_records(records: Iterable[Record], aliases: AliasMap, mark: str = "") -> list[dict[str, Any]]:
    """Records as a task's input: alias, what is shown of them, and when that was.

    >>> shown_records([Record(id="r1", kind="semantic", value="Anna likes tea")], AliasMap())
    [{'alias': '0', 'text': 'Anna likes tea', 'when': ''}]
    """
    out = []
    for record in records:
        when = when_of(record)
        stamp = f"{when:%Y-%m-%d}" if when else ""
        out.append({"alias": mark + aliases.alias(record.id), "text": record.shown(), "when": stamp})
    return out


def ids_of(told: Iterable[Any], aliases: AliasMap) -> list[str]:
    """The ids behind aliases that a model gave; those that were never shown are left out.

    >>> ids_of(["1", "7", "1"], AliasMap.of(["a", "b"]))
    ['b']
    """
    out: dict[str, None] = {}
    for alias in told:
        try:
            out[aliases.id(alias)] = None
        except Refused:
            continue
    return list(out)


def is_echo(text: str, said: Sequence[str], remembered: Sequence[str]) -> bool:
    """Whether a text comes out of what was remembered and not out of what was said: it is no news then.

    >>> is_echo("Anna lives in Lisbon", ["What a rainy day"], ["Anna lives in Lisbon, Portugal"])
    True
    >>> is_echo("Anna lives in Lisbon", ["I still live in Lisbon, says Anna"], ["Anna lives in Lisbon"])
    False
    """
    words = set(terms(text))
    if not words or not remembered:
        return False
    spoken = {term for line in said for term in terms(line)}
    best = max(len(words.intersection(terms(line))) for line in remembered)
    return best / len(words) >= REMEMBERED and len(words & spoken) / len(words) < SAID
