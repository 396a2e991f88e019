"""Markdown: headings open sessions, ``**Name:** text`` or ``Name: text`` is a turn, the rest is paragraphs.

A date in a heading is the time of what stands below it, down to the next heading of its level.
Source: CommonMark 0.31, sections 4.2 (ATX headings) and 4.5 (fenced code).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import chain, islice

from mnemic.core.errors import BadInput
from mnemic.ingest.dialogue import Transcript, Turn, is_dialogue
from mnemic.ingest.message import Message
from mnemic.ingest.moment import date_in
from mnemic.ingest.report import BadLine
from mnemic.ingest.roles import is_speaker
from mnemic.ingest.source import Source

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(\S.*)")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_DECORATION = re.compile(r"^\W+|\W+$")
_LOOKED_AT = 200
_LONGEST_HEADING = 200


def heading(line: str) -> tuple[int, str] | None:
    """Level and text of a heading, or None.

    >>> heading("## 2025-10-04 Boxes ##"), heading("#tag")
    ((2, '2025-10-04 Boxes'), None)
    """
    found = _HEADING.match(line[: 4 * _LONGEST_HEADING])
    if not found:
        return None
    text = found[2].rstrip()
    return len(found[1]), (text.rstrip("#").rstrip() or text)[:_LONGEST_HEADING]


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Turns and paragraphs under their headings; fenced code stays within the turn that it stands in.

    A heading that is nothing but a role, as in ``## Assistant``, begins a turn and no session.

    >>> from datetime import UTC
    >>> text = b"# Move\\n## 4 October 2025\\n**Anna:** Done.\\n\\n**Assistant:** Good."
    >>> [(found.session, found.role, found.text, found.at.day) for found in read(Source.of(text), UTC)]
    [('4 October 2025', 'user', 'Done.', 4), ('4 October 2025', 'assistant', 'Good.', 4)]
    """
    lines = source.lines()
    first = list(islice(lines, _LOOKED_AT))
    dialogue = is_dialogue("" if line is None or heading(line) else line for _, line in first)
    transcript = Transcript(timezone=timezone, dialogue=dialogue)
    dates: dict[int, datetime] = {}
    fence = ""
    for number, line in chain(first, lines):
        found = None if line is None or fence else heading(line)
        if found is None:
            marked = _FENCE.match(line) if line else None
            if marked and fence in ("", marked[1]):
                fence = "" if fence else marked[1]
            yield from transcript.add(number, line)
            continue
        level, title = found
        if is_speaker(name := _DECORATION.sub("", title)):
            yield from transcript.begin(number, Turn(name, ""))
            continue
        yield from transcript.end()
        dates = {above: date for above, date in dates.items() if above < level}
        try:
            date = date_in(title, timezone)
        except BadInput as error:
            yield BadLine(number, str(error))
            date = None
        if date:
            dates[level] = date
        transcript.open(title, dates[max(dates)] if dates else None)
    yield from transcript.end()
