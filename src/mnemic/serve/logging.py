"""Logs as lines of JSON: when, how grave, where in the program, what; never content."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """A line of JSON for each record of a log; ``extra={"fields": {...}}`` adds to it.

    >>> record = logging.LogRecord("mnemic", logging.INFO, "x.py", 1, "started", (), None)
    >>> json.loads(JsonLines().format(record))["message"]
    'started'
    """

    def format(self, record: logging.LogRecord) -> str:
        """See :class:`logging.Formatter`."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            # The kind alone: a message may quote what was sent.
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def log_lines() -> None:
    """Write mnemic's logs to standard error as lines of JSON, once."""
    log = logging.getLogger("mnemic")
    if any(isinstance(handler.formatter, JsonLines) for handler in log.handlers):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
