"""Importers: files of conversations become events.

``read_all`` checks a whole file before it gives anything out; ``read_events`` streams; ``detect`` names
the format.
"""

from mnemic.ingest.detect import detect
from mnemic.ingest.message import FORMATS, MAX_MESSAGE_BYTES, Format
from mnemic.ingest.reading import read_all, read_events
from mnemic.ingest.report import BadLine, ImportReport

__all__ = [
    "FORMATS",
    "MAX_MESSAGE_BYTES",
    "BadLine",
    "Format",
    "ImportReport",
    "detect",
    "read_all",
    "read_events",
]
