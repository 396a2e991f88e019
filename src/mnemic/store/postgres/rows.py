"""Reads and names rows of the server's schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mnemic.core.errors import NotFound
from mnemic.core.times import instant
from mnemic.store.erasing import ERASED
from mnemic.store.index.lexical_index import term_hash
from mnemic.store.notes import WHOLE_STORE
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.schema import lock_key
from mnemic.store.protocol import BankRow, Unit
from mnemic.store.rows import by_name_and_mode
from mnemic.store.sealing import CLEAR, Codec, Seals

BANKS = (
    "SELECT h.bank, b.name, h.recipe, h.created_at, h.seq, h.batch, h.space, h.origin, h.sealed"
    " FROM banks b JOIN heads h ON h.bank = b.bank"
)
_SIGN = 1 << 63


def bank_row(row: Sequence[Any]) -> BankRow:
    """A bank of its row."""
    return BankRow(row[0], row[1], row[2], instant(row[3]), row[4], row[5], row[6], row[7], row[8])


def find_bank(session: Session, name: str, *, lock: bool = False) -> BankRow | None:
    """A bank by name, or None; ``lock`` makes other writers of it wait until this write ends."""
    row = session.row(by_name(lock=lock), (name,))
    return bank_row(row) if row else None


def by_name(*, lock: bool = False) -> str:
    """The statement that finds a bank's row by its name."""
    return f"{BANKS} WHERE b.name = %s{' FOR UPDATE OF h' if lock else ''}"


def number_of(session: Session, bank: str) -> int:
    """A bank's number, 0 for the store itself; raises NotFound."""
    if bank == WHOLE_STORE:
        return 0
    row = session.row("SELECT bank FROM banks WHERE name = %s", (bank,))
    if row is None:
        raise NotFound(f"bank: there is none called {bank!r}; 'mnemic banks' lists those of a store")
    return int(row[0])


def home_of(session: Session, bank: str, seals: Seals, kind: str | None) -> tuple[int, Codec]:
    """A bank's number, and how notes of a kind lie there; raises NotFound, and StoreError where the key is missing."""
    row = find_bank(session, bank) if bank != WHOLE_STORE else None
    if row is None:
        return number_of(session, bank), CLEAR
    return row.bank, seals.of_notes(row, kind)


def not_resealed(session: Session, bank: str) -> None:
    """Wait until nobody lays the bank down anew, and keep it so until this write ends: for what lies beside the log."""
    session.rows("SELECT pg_advisory_xact_lock_shared(%s)", (lock_key(session.label, "seal", bank),))


def held_still(session: Session, names: Iterable[str]) -> tuple[dict[str, BankRow], dict[int, int]]:
    """Banks that are there, by name, for a write beside their logs; and when of each, by number, was last erased.

    Nobody lays them down anew until the write ends.
    """
    wanted = sorted(set(names))
    for name in wanted:
        not_resealed(session, name)
    rows = {name: row for name in wanted if (row := find_bank(session, name)) is not None}
    statement = "SELECT bank, at FROM rules WHERE rule = %s AND bank = ANY(%s)"
    return rows, dict(session.rows(statement, (ERASED, [row.bank for row in rows.values()])))


def signed(word: int) -> int:
    """A 64-bit hash as PostgreSQL's bigint.

    >>> signed((1 << 64) - 1)
    -1
    """
    return word - (1 << 64) if word >= _SIGN else word


def word_hash(word: str) -> int:
    """The hash under which a term or a mark is kept."""
    return signed(term_hash(word))


def scope_hash(bank: int, name: str) -> int:
    """What the hashes of a key's terms are mixed with, so that no other bank or key shares them."""
    return term_hash(f"{bank}\n{name}")


def known_units(session: Session, bank: int, units: Iterable[Unit], codec: Codec) -> dict[tuple[str, str, bytes], int]:
    """Those of the units that a bank already has, with their numbers."""
    wanted = {group: codec.sealed_all("units.sha", shas) for group, shas in by_name_and_mode(units).items()}
    if not wanted:
        return {}
    one = "SELECT name, mode, sha, unit FROM units WHERE bank = %s AND name = %s AND mode = %s AND sha = ANY(%s)"
    given = [value for (name, mode), kept in wanted.items() for value in (bank, name, mode, list(kept))]
    rows = session.rows(" UNION ALL ".join([one] * len(wanted)), given)
    return {(name, mode, wanted[name, mode][sha]): unit for name, mode, sha, unit in rows}
