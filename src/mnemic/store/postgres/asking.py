"""Answers of language models and what they cost, in the tables ``answers`` and ``usage``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mnemic.core.times import from_micros, to_micros
from mnemic.core.usage import Usage
from mnemic.store.asked import Asked, Spent
from mnemic.store.erasing import ERASED
from mnemic.store.postgres.connections import Session
from mnemic.store.rows import dumps

_COUNTED = ("calls", "cached", "tokens_in", "tokens_out", "failures")


def write_asked(session: Session, bundle: Sequence[Asked]) -> None:
    """Keep questions within a write; what is of a bank that is gone is left out.

    So is an answer to what was asked before something was erased, and waited to be written in another process.
    """
    names = sorted({asked.bank for asked in bundle})
    numbers: dict[str, int] = dict(session.rows("SELECT name, bank FROM banks WHERE name = ANY(%s)", (names,)))
    erased: dict[int, int] = dict(
        session.rows("SELECT bank, at FROM rules WHERE rule = %s AND bank = ANY(%s)", (ERASED, [*numbers.values()]))
    )
    # In one order for all writers, so that no two wait for each other.
    for asked in sorted(bundle, key=lambda a: (a.bank, a.day, a.purpose, a.task)):
        number = numbers.get(asked.bank)
        if number is None:
            continue
        if not asked.purpose:
            continue
        usage = asked.usage
        sums = ", ".join(f"{column} = u.{column} + excluded.{column}" for column in _COUNTED)
        session.run(
            f"INSERT INTO usage AS u (bank, day, purpose, task, {', '.join(_COUNTED)})"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            f" ON CONFLICT (bank, day, purpose, task) DO UPDATE SET {sums}",
            (
                number, asked.day, asked.purpose, asked.task, usage.calls, usage.cached, usage.tokens_in,
                usage.tokens_out, asked.failures,
            ),
        )  # fmt: skip
    for asked in sorted(bundle, key=lambda a: (a.bank, a.key)):
        if asked.bank not in numbers or not asked.key or asked.answer is None:
            continue
        if not asked.before(erased.get(numbers[asked.bank], 0)):
            session.run(
                "INSERT INTO answers (bank, key, task, at, answer) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (bank, key)"
                " DO UPDATE SET task = excluded.task, at = excluded.at, answer = excluded.answer",
                (numbers[asked.bank], asked.key, asked.task, to_micros(asked.at), dumps(asked.answer)),
            )


def read_answer(session: Session, waiting: Iterable[Asked], bank: str, key: bytes) -> Mapping[str, Any] | None:
    """An answer that was given in this bank, or None."""
    for asked in waiting:
        if asked.bank == bank and asked.key == key:
            return asked.answer
    row = session.row(
        "SELECT a.answer FROM answers a JOIN banks b ON b.bank = a.bank WHERE b.name = %s AND a.key = %s", (bank, key)
    )
    return json.loads(row[0]) if row else None


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


def read_answers(session: Session, bank: str) -> list[Asked]:
    """All answers that are known in a bank, as what another store may be given."""
    rows = session.rows(
        "SELECT a.key, a.task, a.at, a.answer FROM answers a JOIN banks b ON b.bank = a.bank WHERE b.name = %s"
        " ORDER BY a.key",
        (bank,),
    )
    return [Asked(bank, from_micros(at), "", task, Usage(), key, json.loads(answer)) for key, task, at, answer in rows]
