"""Passages: the wordings in which a record is put before a reranker.

A turn alone may say too little ("Yes, last week!"); its date, its speaker and the turns around it tell
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.view import View
from mnemic.core.wording import date_words, speaker_of, words_of


@dataclass(frozen=True)
class Wording:
    """What a passage says besides a record's own words: ``before`` and ``after`` count turns around it."""

    speaker: bool = True
    date: bool = False
    before: int = 0
    after: int = 0


#: The wordings by name.
WORDINGS: dict[str, Wording] = {
    "value": Wording(speaker=False),
    "turn": Wording(),
    "dated": Wording(date=True),
    "previous": Wording(before=1),
    "dated_previous": Wording(date=True, before=1),
    "following": Wording(after=1),
    "window": Wording(before=1, after=1),
}


def passages(ids: Sequence[str], wordings: Sequence[Wording], limit: int, view: View) -> list[list[str]]:
    """For each wording, the passages of the records; an id that the view does not hold gives an empty one.

    ``limit`` is how many characters of a turn are given, half of it for the turns around.

    >>> from mnemic.core.list_view import ListView
    >>> def turn(i, actor, text):
    ...     return Record(id=f"r{i}", kind="episodic", value=text, actor=actor, session="s1")
    >>> view = ListView([turn(0, "Anna", "Did you move?"), turn(1, "Ben", "Yes, in May.")])
    >>> passages(["r1"], (WORDINGS["value"], WORDINGS["previous"]), 500, view)
    [['Yes, in May.'], ['Anna: Did you move? Ben: Yes, in May.']]
    """
    ahead = {n: view.neighbours(ids, before=n, after=0) for n in {w.before for w in wordings if w.before}}
    behind = {n: view.neighbours(ids, before=0, after=n) for n in {w.after for w in wordings if w.after}}
    around = [i for beside in (*ahead.values(), *behind.values()) for row in beside.values() for i in row]
    records = view.get(dict.fromkeys([*ids, *around]))
    out = []
    for wording in wordings:
        before, after = ahead.get(wording.before, {}), behind.get(wording.after, {})
        row = []
        for record_id in ids:
            turns = [(n, limit // 2) for n in before.get(record_id, ())]
            turns += [(record_id, limit), *((n, limit // 2) for n in after.get(record_id, ()))]
            said = [_said(records[n], wording, cut) for n, cut in turns if n in records]
            when = when_of(records[record_id]) if wording.date and record_id in records else None
            row.append(" ".join([date_words(when), *said] if when else said))
        out.append(row)
    return out


def _said(record: Record, wording: Wording, limit: int) -> str:
    words, speaker = words_of(record, record.shown()[:limit]), speaker_of(record)
    return f"{speaker}: {words}" if wording.speaker and speaker else words
