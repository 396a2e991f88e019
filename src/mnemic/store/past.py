"""What a bank was at a former point of its log, put together from versions and the log: the same on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from mnemic.core.op import LogEntry
from mnemic.core.record import Record, Stats
from mnemic.store.protocol import Version
from mnemic.store.rows import marks_of

Touches = Mapping[str, Sequence[tuple[datetime, Mapping[str, float]]]]


def touches_of(entries: Iterable[LogEntry]) -> Touches:
    """What TOUCH entries added to the counters of each record, and when."""
    out: dict[str, list[tuple[datetime, Mapping[str, float]]]] = {}
    for entry in entries:
        out.setdefault(entry.op.targets[0], []).append((entry.at, entry.op.changes.get("counts", {})))
    return out


def record_as_it_was(versions: Sequence[Version], made_by: LogEntry, touches: Touches) -> Record:
    """The last of a record's versions, with its counters as they were; ``made_by`` is the entry that made it."""
    # Counters are kept as they are now; what they were is in the log.
    last, made = versions[-1].record, made_by.op.record
    stats = made.stats if made is not None and made.id == last.id else Stats()
    for at, counts in touches.get(last.id, ()):
        stats = stats.add(counts, at)
    return last.with_(stats=stats)


def grouped(marks: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Places by word, each once, in order.

    >>> grouped([("b", 2), ("a", 3), ("b", 1), ("b", 2)])
    {'b': [1, 2], 'a': [3]}
    """
    out: dict[str, set[int]] = {}
    for word, n in marks:
        out.setdefault(word, set()).add(n)
    return {word: sorted(places) for word, places in out.items()}


def past_marks(
    records: Iterable[tuple[int, Record]], field: str, *, current: bool = False
) -> Iterator[tuple[str, int]]:
    """Words of a field with the place of each record that carries them; ``current`` leaves out what is set aside."""
    for n, record in records:
        if not current or (record.state == "active" and record.kind != "secret"):
            yield from ((word, n) for name, word in sorted(marks_of(record)) if name == field)
