"""Plain text: a transcript of ``Name: text`` lines with or without times, else a document of paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import chain, islice

from mnemic.ingest.dialogue import Transcript, is_dialogue
from mnemic.ingest.message import Message
from mnemic.ingest.report import BadLine
from mnemic.ingest.source import Source

_LOOKED_AT = 200


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Turns of a transcript, or paragraphs with the role ``document``; the first 200 lines say which.

    >>> from datetime import UTC
    >>> text = b"[2026-05-01 10:00] Anna: Hi\\n[2026-05-01 10:01] Ben: Hello"
    >>> [(found.actor, found.text, found.at.minute) for found in read(Source.of(text), UTC)]
    [('Anna', 'Hi', 0), ('Ben', 'Hello', 1)]
    >>> text = b"It rained.\\nAll day.\\n\\nThen it stopped."
    >>> [(found.role, found.text) for found in read(Source.of(text), UTC)]
    [('document', 'It rained.\\nAll day.'), ('document', 'Then it stopped.')]
    """
    lines = source.lines()
    first = list(islice(lines, _LOOKED_AT))
    transcript = Transcript(timezone=timezone, dialogue=is_dialogue(line or "" for _, line in first))
    for number, line in chain(first, lines):
        yield from transcript.add(number, line)
    yield from transcript.end()
