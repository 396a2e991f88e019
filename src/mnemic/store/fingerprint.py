"""A hash of all that a bank holds: two stores of one log are identical when it is equal, whatever their engine.

SHA-256 over log, events, records and their versions, edges, keys, units, term statistics, marks, intervals, runs
of rules, vectors and sketches; not over the bank's name and its place in the store, nor over the numbers of units and
keys, among which an erasure leaves gaps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mnemic.core.op import LogEntry

#: Tables with the columns that count and the order of rows; ``place`` is a row's number within its bank.
CONTENT = (
    ("events", "place, id, session, occurred_at, formed, sha", "place"),
    ("records", "place, id, kind, state, session, actor, role, tier, epistemic, event_from, event_to, version,"
     " from_seq, changed_seq", "place"),
    ("versions", "id, version, from_seq, to_seq, body", "id, from_seq"),
    ("units", "place, name, sha, mode, terms, counts, length", "place"),
    ("keys", "n, name, unit, from_seq, to_seq", "n, name, from_seq"),
    ("term_stats", "name, term, df", "name, term"),
    ("length_stats", "name, docs, total", "name"),
    ("marks", "field, value, n", "field, value, n"),
    ("intervals", "n, low, high", "n, low, high"),
    ("rules", "rule, seq, at", "rule"),
    ("edges", "src, rel, dst, from_seq, to_seq, body", "src, rel, dst, from_seq"),
)  # fmt: skip


def fingerprint(
    rows: Callable[[str, str, str], Iterable[Sequence[Any]]],
    log: Iterable[LogEntry],
    bodies: Iterable[tuple[int, str, str]],
    blobs: Sequence[Mapping[int, bytes]],
) -> str:
    """The hash of what is given: ``rows`` reads a table of :data:`CONTENT`, ``bodies`` come in order of place."""
    digest = hashlib.sha256()
    names: dict[int, tuple[str, str, str]] = {}
    for table, columns, order in CONTENT:
        digest.update(table.encode())
        found: Iterable[Sequence[Any]] = rows(table, columns, order)
        if table == "units":
            named = [(row[0], (row[1], bytes(row[2]).hex(), row[3]), row[4:]) for row in found]
            names = {place: name for place, name, _ in named}
            found = sorted([*name, *rest] for _, name, rest in named)
        elif table == "keys":
            found = ([n, name, *names[unit], *seqs] for n, name, unit, *seqs in found)
        for row in found:
            digest.update(repr(list(row)).encode("utf-8", "surrogatepass"))
    for entry in log:
        digest.update(repr(entry.to_json()).encode())
    for place, body, stats in bodies:
        digest.update(f"{place}{body}{stats}".encode("utf-8", "surrogatepass"))
    for vectors in blobs:
        for name, blob in sorted((names[unit], blob) for unit, blob in vectors.items()):
            digest.update(repr(name).encode() + blob)
    return digest.hexdigest()
