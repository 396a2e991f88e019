"""Messages as chat APIs take them: a JSON array, or an object whose ``messages`` is one.

Source: OpenAI, "API reference: chat completions, messages", 2025.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from mnemic.core.errors import BadInput
from mnemic.ingest.chat_message import chat_message
from mnemic.ingest.document import parse
from mnemic.ingest.message import Message, shown
from mnemic.ingest.report import BadLine
from mnemic.ingest.source import Source


def read(source: Source, timezone: tzinfo) -> Iterator[Message | BadLine]:
    """Each message of the array, or why it is none; raises BadInput when there is no array.

    >>> from datetime import UTC
    >>> text = b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}'
    >>> [found.text for found in read(Source.of(text), UTC)]
    ['Hi']
    """
    data = parse(source.text())
    messages = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(messages, list):
        raise BadInput(f"{shown(data)} holds no messages; give an array, or an object with an array in messages")
    for number, item in enumerate(messages, start=1):
        try:
            yield chat_message(item, number, number, timezone)
        except BadInput as error:
            yield BadLine(number, str(error), "message")
