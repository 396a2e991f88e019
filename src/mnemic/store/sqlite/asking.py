"""Answers of language models and what they cost, in the tables ``answers`` and ``usage``."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mnemic.core.times import to_micros
from mnemic.core.usage import Usage
from mnemic.store.asked import Asked, Spent
from mnemic.store.erasing import ERASED
from mnemic.store.rows import dumps
from mnemic.store.sealed_rows import answers_of
from mnemic.store.sealing import Seals
from mnemic.store.sqlite.rows import bank_of

_COUNTED = "calls, cached, tokens_in, tokens_out, failures"


def write_asked(connection: sqlite3.Connection, bundle: Sequence[Asked], seals: Seals) -> None:
    """Keep questions within a write; what is of a bank that is gone is left out.

    So is an answer to what was asked before something was erased, and waited to be written in another process.
    """
    rows = {name: bank_of(connection, name) for name in {asked.bank for asked in bundle}}
    erased = dict(connection.execute("SELECT bank, at FROM rules WHERE rule = ?", (ERASED,)).fetchall())
    for asked in bundle:
        if (row := rows[asked.bank]) is None:
            continue
        number = row.bank
        usage = asked.usage
        if asked.purpose:
            connection.execute(
                f"INSERT INTO usage (bank, day, purpose, task, {_COUNTED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (bank, day, purpose, task) DO UPDATE SET calls = calls + excluded.calls,"
                " cached = cached + excluded.cached, tokens_in = tokens_in + excluded.tokens_in,"
                " tokens_out = tokens_out + excluded.tokens_out, failures = failures + excluded.failures",
                (
                    number, asked.day, asked.purpose, asked.task, usage.calls, usage.cached, usage.tokens_in,
                    usage.tokens_out, asked.failures,
                ),
            )  # fmt: skip
        if not asked.key or asked.answer is None or asked.before(erased.get(number, 0)):
            continue
        # A bank that was sealed meanwhile takes nothing in clear from who has no key.
        if (codec := seals.or_none(row)) is not None:
            key, answer = codec.seal("answers.key", asked.key), codec.seal("answers.answer", dumps(asked.answer))
            connection.execute(
                "INSERT OR REPLACE INTO answers (bank, key, task, at, answer) VALUES (?, ?, ?, ?, ?)",
                (number, key, asked.task, to_micros(asked.at), answer),
            )


def read_answer(
    connection: sqlite3.Connection, waiting: Iterable[Asked], bank: str, key: bytes, seals: Seals
) -> Mapping[str, Any] | None:
    """An answer that was given in this bank, or None."""
    for asked in waiting:
        if asked.bank == bank and asked.key == key:
            return asked.answer
    if (row := bank_of(connection, bank)) is None:
        return None
    codec = seals.codec(row)
    found = connection.execute(
        "SELECT answer FROM answers WHERE bank = ? AND key = ?", (row.bank, codec.seal("answers.key", key))
    ).fetchone()
    return json.loads(codec.open("answers.answer", found[0])) if found else None


def read_spent(connection: sqlite3.Connection, waiting: Iterable[Asked], bank: str, day: str | None) -> list[Spent]:
    """What a bank has spent, on one day or on all."""
    rows = connection.execute(
        f"SELECT day, purpose, task, {_COUNTED} FROM usage WHERE bank = (SELECT bank FROM banks WHERE name = ?)"
        " AND (day = ? OR ? IS NULL) ORDER BY day, purpose, task",
        (bank, day, day),
    ).fetchall()
    spent = [Spent(row[0], row[1], row[2], Usage(*row[3:7]), row[7]) for row in rows]
    spent += [
        Spent(asked.day, asked.purpose, asked.task, asked.usage, asked.failures)
        for asked in waiting
        if asked.bank == bank and day in (None, asked.day) and asked.purpose
    ]
    return spent


def read_answers(connection: sqlite3.Connection, bank: str, seals: Seals) -> list[Asked]:
    """All answers that are known in a bank, as what another store may be given."""
    if (row := bank_of(connection, bank)) is None:
        return []
    rows = connection.execute("SELECT key, task, at, answer FROM answers WHERE bank = ? ORDER BY key", (row.bank,))
    return answers_of(rows, bank, seals.codec(row))
