"""Checks that the log, the rows and every index of a store agree."""

from __future__ import annotations

import sqlite3
from collections import Counter

from mnemic.store.sqlite.packing import N_BITS, N_MASK

_QUESTIONS = {
    "a bank's seq is not that of its last log entry": f"""SELECT COUNT(*) FROM banks b WHERE b.seq <>
        COALESCE((SELECT MAX(pk) FROM log WHERE pk BETWEEN b.bank << {N_BITS} AND b.bank << {N_BITS} | {N_MASK})
        & {N_MASK}, 0)""",
    "events without their log entry": "SELECT COUNT(*) FROM events e LEFT JOIN log l ON l.pk = e.pk WHERE l.pk IS NULL",
    "records without content": "SELECT COUNT(*) FROM records r LEFT JOIN bodies b ON b.pk = r.pk WHERE b.pk IS NULL",
    "content without a record": "SELECT COUNT(*) FROM bodies b LEFT JOIN records r ON r.pk = b.pk WHERE r.pk IS NULL",
    "keys without a unit": f"""SELECT COUNT(*) FROM keys k LEFT JOIN units u ON u.pk = k.bank << {N_BITS} | k.unit
        WHERE u.pk IS NULL""",
    "keys without a record": f"""SELECT COUNT(*) FROM keys k LEFT JOIN records r ON r.pk = k.bank << {N_BITS} | k.n
        WHERE r.pk IS NULL""",
    "dense units without a vector": """SELECT COUNT(*) FROM units u JOIN banks b ON b.bank = u.bank
        LEFT JOIN vectors v ON v.pk = b.space << 56 | u.pk
        WHERE u.mode LIKE '%d%' AND b.space IS NOT NULL AND v.pk IS NULL""",
    "vectors without a sketch": "SELECT COUNT(*) FROM vectors v LEFT JOIN sketches s ON s.pk = v.pk WHERE s.pk IS NULL",
    "document frequencies that do not count the keys": """SELECT COUNT(*) FROM (SELECT l.docs AS docs,
        (SELECT COUNT(*) FROM keys k JOIN units u ON u.pk = k.bank << 34 | k.unit
         JOIN records r ON r.pk = k.bank << 34 | k.n AND r.state = 'active' WHERE k.bank = l.bank
         AND k.name = l.name AND k.to_seq IS NULL AND u.mode LIKE '%l%') AS counted FROM length_stats l)
        WHERE docs <> counted""",
}


def findings(connection: sqlite3.Connection) -> list[str]:
    """What is wrong, in words: SQLite's own checks, the full text index, and how tables fit together."""
    out = [f"SQLite: {row[0]}" for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO fts (fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        out.append(f"full text index: {error}")
    finally:
        if connection.in_transaction:
            connection.rollback()
    for finding, question in _QUESTIONS.items():
        if count := connection.execute(question).fetchone()[0]:
            out.append(f"{count} {finding}")
    if wrong := _terms(connection):
        out.append(f"{wrong} terms whose document frequency is not what the keys hold")
    return out


def _terms(connection: sqlite3.Connection) -> int:
    counted: Counter[tuple[int, str, str]] = Counter()
    for bank, name, terms in connection.execute(
        f"SELECT k.bank, k.name, u.terms FROM keys k JOIN units u ON u.pk = k.bank << {N_BITS} | k.unit"
        f" JOIN records r ON r.pk = k.bank << {N_BITS} | k.n WHERE k.to_seq IS NULL AND r.state = 'active'"
        " AND u.mode LIKE '%l%'"
    ):
        counted.update((bank, name, term) for term in set(terms.split()))
    kept = {(bank, name, term): df for bank, name, term, df in connection.execute("SELECT * FROM term_stats")}
    return sum(counted[key] != kept.get(key, 0) for key in counted.keys() | kept.keys())
