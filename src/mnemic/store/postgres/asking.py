"""Answers of language models and what they cost, in the tables ``answers`` and ``usage``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mnemic.core.times import to_micros
from mnemic.core.usage import Usage
from mnemic.store.asked import Asked, Spent
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.rows import find_bank, held_still
from mnemic.store.rows import dumps
from mnemic.store.sealed_rows import answers_of
from mnemic.store.sealing import Seals

_COUNTED = ("calls", "cached", "tokens_in", "tokens_out", "failures")


def write_asked(session: Session, bundle: Sequence[Asked], seals: Seals) -> None:
    """Keep questions within a write; what is of a bank that is gone is left out.

    So is an answer to what was asked before something was erased, and waited to be written in another process.
    """
    rows, erased = held_still(session, (asked.bank for asked in bundle))
    # In one order for all writers, so that no two wait for each other.
    for asked in sorted(bundle, key=lambda a: (a.bank, a.day, a.purpose, a.task)):
        if asked.bank not in rows or not asked.purpose:
            continue
        usage = asked.usage
        sums = ", ".join(f"{column} = u.{column} + excluded.{column}" for column in _COUNTED)
        session.run(
            f"INSERT INTO usage AS u (bank, day, purpose, task, {', '.join(_COUNTED)})"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            f" ON CONFLICT (bank, day, purpose, task) DO UPDATE SET {sums}",
            (
                rows[asked.bank].bank, asked.day, asked.purpose, asked.task, usage.calls, usage.cached, usage.tokens_in,
                usage.tokens_out, asked.failures,
            ),
        )  # fmt: skip
    for asked in sorted(bundle, key=lambda a: (a.bank, a.key)):
        row = rows.get(asked.bank)
        if row is None or not asked.key or asked.answer is None or asked.before(erased.get(row.bank, 0)):
            continue
        # A bank that was sealed meanwhile takes nothing in clear from who has no key.
        if (codec := seals.or_none(row)) is None:
            continue
        key, answer = codec.seal("answers.key", asked.key), codec.seal("answers.answer", dumps(asked.answer))
        session.run(
            "INSERT INTO answers (bank, key, task, at, answer) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (bank, key)"
            " DO UPDATE SET task = excluded.task, at = excluded.at, answer = excluded.answer",
            (row.bank, key, asked.task, to_micros(asked.at), answer),
        )


def read_answer(
    session: Session, waiting: Iterable[Asked], bank: str, key: bytes, seals: Seals
) -> Mapping[str, Any] | None:
    """An answer that was given in this bank, or None."""
    for asked in waiting:
        if asked.bank == bank and asked.key == key:
            return asked.answer
    if (row := find_bank(session, bank)) is None:
        return None
    codec = seals.codec(row)
    values = (row.bank, codec.seal("answers.key", key))
    found = session.row("SELECT answer FROM answers WHERE bank = %s AND key = %s", values)
    return json.loads(codec.open("answers.answer", found[0])) if found else None


def read_spent(session: Session, waiting: Iterable[Asked], bank: str, day: str | None) -> list[Spent]:
    """What a bank has spent, on one day or on all."""
    one = "" if day is None else " AND day = %s"
    rows = session.rows(
        f"SELECT day, purpose, task, {', '.join(_COUNTED)} FROM usage"
        f" WHERE bank = (SELECT bank FROM banks WHERE name = %s){one} ORDER BY day, purpose, task",
        (bank,) if day is None else (bank, day),
    )
    spent = [Spent(row[0], row[1], row[2], Usage(*row[3:7]), row[7]) for row in rows]
    spent += [
        Spent(asked.day, asked.purpose, asked.task, asked.usage, asked.failures)
        for asked in waiting
        if asked.bank == bank and day in (None, asked.day) and asked.purpose
    ]
    return spent


def read_answers(session: Session, bank: str, seals: Seals) -> list[Asked]:
    """All answers that are known in a bank, as what another store may be given."""
    if (row := find_bank(session, bank)) is None:
        return []
    rows = session.rows("SELECT key, task, at, answer FROM answers WHERE bank = %s ORDER BY key", (row.bank,))
    return answers_of(rows, bank, seals.codec(row))
