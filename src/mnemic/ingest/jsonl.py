"""JSON Lines: one chat message a line, read as a stream.

Source: jsonlines.org.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from mnemic.core.errors import BadInput
from mnemic.ingest.chat_message import chat_message
from mnemic.ingest.document import parse
from mnemic.ingest.message import Message
from mnemic.ingest.report import BadLine
from mnemic.ingest.source import MAX_LINE_CHARS, Source


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Each line's message, or why it is none; blank lines are passed over.

    >>> from datetime import UTC
    >>> [str(found) for found in read(Source.of(b'{"role": "user"}'), UTC)]
    ['line 1: content: is missing or empty; give text, or parts with something in them']
    """
    order = 0
    for number, line in source.lines():
        if line is not None and not line.strip():
            continue
        order += 1
        if line is None:
            yield BadLine(number, f"is longer than {MAX_LINE_CHARS >> 20} Mi characters; shorten the message")
            continue
        try:
            yield chat_message(parse(line, one_line=True), number, order, timezone)
        except BadInput as error:
            yield BadLine(number, str(error))
