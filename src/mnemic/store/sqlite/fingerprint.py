"""A hash of all that a bank holds: two stores of one log are identical when it is equal.

SHA-256 over log, events, records and their versions, edges, keys, units, term statistics, marks, intervals, runs
of rules, vectors and sketches; not over the bank's name and its place in the file, nor over the numbers of units and
keys, which an erasure leaves gaps in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mnemic.store.sqlite.packing import bounds, pack, unpack

if TYPE_CHECKING:
    from mnemic.store.sqlite.snapshot import SqliteSnapshot

_CONTENT = (
    ("events", "pk, id, session, occurred_at, formed, sha", "pk"),
    ("records", "pk, id, kind, state, session, actor, role, tier, epistemic, event_from, event_to, version, from_seq,"
     " changed_seq", "pk"),
    ("versions", "id, version, from_seq, to_seq, body", "id, from_seq"),
    ("units", "pk, name, sha, mode, terms, counts, length", "name, mode, sha"),
    ("keys", "n, name, unit, from_seq, to_seq", "n, name, from_seq"),
    ("term_stats", "name, term, df", "name, term"),
    ("length_stats", "name, docs, total", "name"),
    ("marks", "field, value, n", "field, value, n"),
    ("intervals", "n, low, high", "n, low, high"),
    ("rules", "rule, seq, at", "rule"),
    ("edges", "src, rel, dst, from_seq, to_seq, body", "src, rel, dst, from_seq"),
)  # fmt: skip


def fingerprint(snapshot: SqliteSnapshot) -> str:
    """The hash of a bank as its snapshot shows it."""
    digest = hashlib.sha256()
    names: dict[int, tuple[Any, ...]] = {}
    bank, low = snapshot.row.bank, pack(snapshot.row.bank, 0)
    for table, columns, order in _CONTENT:
        digest.update(table.encode())
        rows: Iterable[Sequence[Any]] = snapshot.connection.execute(
            f"SELECT {columns} FROM {table} WHERE bank = ? ORDER BY {order}", (bank,)
        )
        if table == "units":
            rows = list(rows)
            names = {unpack(row[0]): tuple(row[1:4]) for row in rows}
            rows = [row[1:] for row in rows]
        elif table == "keys":
            rows = [(n, name, names[unit], *seqs) for n, name, unit, *seqs in rows]
        else:
            named = columns.split(", ")
            rows = ([v - low if c == "pk" else v for c, v in zip(named, row, strict=True)] for row in rows)
        for row in rows:
            digest.update(repr(tuple(row)).encode())
    for entry in snapshot.log():
        digest.update(repr(entry.to_json()).encode())
    for pk, body, stats in snapshot.connection.execute(
        "SELECT pk, body, stats FROM bodies WHERE pk BETWEEN ? AND ? ORDER BY pk", bounds(bank)
    ):
        digest.update(f"{unpack(pk)}{body}{stats}".encode("utf-8", "surrogatepass"))
    for found in (snapshot.vectors(None), snapshot.sketches(None)):
        for unit, blob in sorted((names[unit], blob) for unit, blob in found.items()):
            digest.update(repr(unit).encode() + blob)
    return digest.hexdigest()
