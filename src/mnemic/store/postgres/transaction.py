"""A write: the rows of each table in one statement, all statements of a batch sent in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mnemic.core.errors import Conflict
from mnemic.core.record import Record
from mnemic.store.erasing import Erased, Erasure
from mnemic.store.gathering import FORMED_MEANWHILE, Gathering, Known, placed
from mnemic.store.notes import Note
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.erasing import Eraser
from mnemic.store.postgres.noting import write_note
from mnemic.store.postgres.rows import known_units, scope_hash, signed, word_hash
from mnemic.store.postgres.vectors import Bits, Floats
from mnemic.store.protocol import BankRow, Batch
from mnemic.store.rows import record_of
from mnemic.store.sealing import Codec, Seals

Rows = Sequence[Sequence[Any]]


#: Types whose values are sent as they are, instead of being written out.
_BINARY = ("bytea", "varbit", "vector")


@dataclass(frozen=True, slots=True)
class _Laying:
    """A statement that takes the columns of its rows as arrays ``t``."""

    columns: str
    statement: str

    def __str__(self) -> str:
        names, types = zip(*(column.split() for column in self.columns.split(", ")), strict=True)
        arrays = ", ".join(f"{'%b' if kind in _BINARY else '%s'}::{kind}[]" for kind in types)
        return self.statement.replace("{columns}", ", ".join(names)).replace(
            "{rows}", f"unnest({arrays}) AS t({', '.join(names)})"
        )


def _insert(table: str, columns: str, rest: str = "") -> str:
    return str(_Laying(columns, f"INSERT INTO {table} ({{columns}}) SELECT * FROM {{rows}}{rest}"))


def _change(columns: str, statement: str) -> str:
    return str(_Laying(columns, statement))


_RECORD = (
    "bank bigint, n bigint, id text, kind text, state text, session text, actor text, role text, tier text,"
    " epistemic text, event_from bigint, event_to bigint, version bigint, from_seq bigint, changed_seq bigint"
)
_REPLACED = ", ".join(f"{column.split()[0]} = excluded.{column.split()[0]}" for column in _RECORD.split(", ")[3:])
_UNIT = (
    "bank bigint, unit bigint, name text, sha bytea, mode text, text text, terms text, counts bytea, length integer,"
    " grams text"
)
_STATEMENTS = {
    "log": _insert("log", "bank bigint, seq bigint, batch bigint, at bigint, kind text, body text"),
    "events": _insert(
        "events",
        "bank bigint, seq bigint, id text, session text, occurred_at bigint, formed smallint, sha text",
    ),
    "formed": _change(
        "bank bigint, id text",
        "UPDATE events e SET formed = 1 FROM {rows}"
        " WHERE e.bank = %s AND e.bank = t.bank AND e.id = t.id AND e.formed = 0",
    ),
    "settled": _change(
        "formed smallint, bank bigint, id text",
        "UPDATE events e SET formed = t.formed FROM {rows} WHERE e.bank = %s AND e.bank = t.bank AND e.id = t.id",
    ),
    "versions": _insert("versions", "bank bigint, id text, version bigint, from_seq bigint, to_seq bigint, body text"),
    "records": _insert("records", _RECORD, f" ON CONFLICT (bank, n) DO UPDATE SET {_REPLACED}"),
    "bodies": _insert(
        "bodies",
        "bank bigint, n bigint, body text, stats text",
        " ON CONFLICT (bank, n) DO UPDATE SET body = excluded.body, stats = excluded.stats",
    ),
    "units": _change(
        _UNIT,
        "INSERT INTO units ({columns}) SELECT t.bank, t.unit, t.name, t.sha, t.mode, t.text, t.terms, t.counts,"
        " t.length, t.grams::bigint[] FROM {rows}",
    ),
    "sketches": _insert(
        "sketches",
        "bank bigint, space integer, unit bigint, bits varbit",
        " ON CONFLICT (bank, space, unit) DO UPDATE SET bits = excluded.bits",
    ),
    "closed": _change(
        "to_seq bigint, bank bigint, n bigint, name text",
        "UPDATE keys k SET to_seq = t.to_seq FROM {rows}"
        " WHERE k.bank = %s AND k.bank = t.bank AND k.n = t.n AND k.name = t.name AND k.to_seq IS NULL",
    ),
    "keys": _insert(
        "keys", "bank bigint, key bigint, n bigint, name text, unit bigint, from_seq bigint, to_seq bigint"
    ),
    "unmarked": _change(
        "bank bigint, field text, hash bigint, value text, n bigint",
        "DELETE FROM marks m USING {rows} WHERE m.bank = %s AND m.bank = t.bank AND m.field = t.field"
        " AND m.hash = t.hash AND m.n = t.n",
    ),
    "marks": _insert("marks", "bank bigint, field text, hash bigint, value text, n bigint", " ON CONFLICT DO NOTHING"),
    "unspanned": _change(
        "bank bigint, n bigint",
        "DELETE FROM intervals i USING {rows} WHERE i.bank = %s AND i.bank = t.bank AND i.n = t.n",
    ),
    "intervals": _insert("intervals", "bank bigint, n bigint, low bigint, high bigint"),
    "unlinked": _change(
        "to_seq bigint, bank bigint, src text, rel text, dst text",
        "UPDATE edges e SET to_seq = t.to_seq FROM {rows} WHERE e.bank = %s AND e.bank = t.bank AND e.src = t.src"
        " AND e.rel = t.rel AND e.dst = t.dst AND e.to_seq IS NULL",
    ),
    "edges": _insert("edges", "bank bigint, src text, rel text, dst text, from_seq bigint, to_seq bigint, body text"),
    "term_stats": _insert(
        "term_stats",
        "bank bigint, name text, hash bigint, term text, df bigint",
        " ON CONFLICT (bank, name, hash) DO UPDATE SET df = term_stats.df + excluded.df",
    ),
    "unused": _change(
        "bank bigint, name text, hash bigint",
        "DELETE FROM term_stats s USING {rows} WHERE s.bank = %s AND s.bank = t.bank AND s.name = t.name"
        " AND s.hash = t.hash AND s.df = 0",
    ),
    "length_stats": _insert(
        "length_stats",
        "bank bigint, name text, docs bigint, total bigint",
        " ON CONFLICT (bank, name) DO UPDATE SET docs = length_stats.docs + excluded.docs,"
        " total = length_stats.total + excluded.total",
    ),
    "rules": _insert(
        "rules",
        "bank bigint, rule text, seq bigint, at bigint",
        " ON CONFLICT (bank, rule) DO UPDATE SET seq = excluded.seq, at = excluded.at",
    ),
}
#: Statements that change rows which are there, and ask for the bank once more.
_CHANGING = ("formed", "settled", "closed", "unmarked", "unspanned", "unlinked", "unused")
_VECTORS = "bank bigint, space integer, unit bigint, emb {}"
_REPLACE_VECTOR = " ON CONFLICT (bank, space, unit) DO UPDATE SET emb = excluded.emb"
_SEALED_STATEMENTS = {
    table: _insert(
        table,
        "bank bigint, space integer, unit bigint, sealed bytea",
        f" ON CONFLICT (bank, space, unit) DO UPDATE SET {column} = NULL, sealed = excluded.sealed",
    )
    for table, column in (("vectors", "emb"), ("sketches", "bits"))
}
_VECTOR_STATEMENTS = {kind: _insert("vectors", _VECTORS.format(kind), _REPLACE_VECTOR) for kind in ("vector", "bytea")}


def _hashed(rows: Rows) -> Rows:
    return [(*row[:2], word_hash(row[2]), *row[2:]) for row in rows]


def _hashed_only(rows: Rows) -> Rows:
    return [(*row[:2], word_hash(row[2])) for row in rows]


def _with_grams(rows: Rows) -> Rows:
    return [(*row, _grams(row[0], row[2], row[7])) for row in rows]


def _with_token_grams(rows: Rows) -> Rows:
    # What stands for a word is its hash already.
    return [
        (*row, _array(int(token, 16) ^ scope_hash(row[0], row[2]) for token in dict.fromkeys(row[6].split())))
        for row in rows
    ]


def _array(words: Iterable[int]) -> str:
    return "{" + ",".join(str(signed(word)) for word in words) + "}"


def _grams(bank: int, name: str, counts: bytes) -> str:
    mixed = np.frombuffer(counts, np.uint64, len(counts) // 10) ^ np.uint64(scope_hash(bank, name))
    return "{" + ",".join(map(str, mixed.view(np.int64).tolist())) + "}"


def _first_of_each(rows: Rows) -> Rows:
    # A later row would find nothing left to change, and which of two rows an UPDATE takes is left to chance.
    kept: dict[tuple[Any, ...], Sequence[Any]] = {}
    for row in rows:
        kept.setdefault(tuple(row[1:]), row)
    return list(kept.values())


_PREPARED: dict[str, Callable[[Rows], Rows]] = {
    "units": _with_grams,
    "marks": _hashed,
    "unmarked": _hashed,
    "term_stats": _hashed,
    "unused": _hashed_only,
    "closed": _first_of_each,
    "unlinked": _first_of_each,
    "vectors": lambda rows: [(*row[:3], Floats(row[3])) for row in rows],
    "sketches": lambda rows: [(*row[:3], Bits(row[3])) for row in rows],
}
_SEALED_PREPARED: dict[str, Callable[[Rows], Rows]] = {
    **_PREPARED,
    "units": _with_token_grams,
    "vectors": lambda rows: rows,
    "sketches": lambda rows: rows,
}


@dataclass(slots=True)
class PostgresTransaction:
    """A transaction on one bank, whose row it has locked; see :class:`mnemic.store.protocol.Transaction`."""

    session: Session
    row: BankRow
    pgvector: bool
    seals: Seals
    _known: Known | None = None

    @property
    def known(self) -> Known:
        """What this transaction knows of its bank."""
        if self._known is None:
            (counters,) = self.session.rows(
                "SELECT next_n, next_key, next_unit FROM heads WHERE bank = %s", (self.row.bank,)
            )
            self._known = Known(*counters)
        return self._known

    @property
    def codec(self) -> Codec:
        """How the bank's content lies in its columns."""
        return self.seals.codec(self.row)

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id as they stand now; ids that are unknown are left out."""
        kept = self.codec.sealed_all("records.id", ids)
        if not kept:
            return {}
        rows = self.session.rows(
            "SELECT r.id, r.n, r.from_seq, b.body, b.stats FROM records r JOIN bodies b ON b.bank = r.bank"
            " AND b.n = r.n WHERE r.bank = %s AND r.id = ANY(%s)",
            (self.row.bank, list(kept)),
        )
        out = {}
        for named, number, since, body, stats in self.codec.opened(rows, "", "", "", "bodies.body", "bodies.stats"):
            record_id = kept[named]
            self.known.numbers[record_id] = number
            self.known.since[record_id] = since
            out[record_id] = record_of(body, stats, self.row.name)
        return out

    def event_shas(self, ids: Sequence[str]) -> dict[str, str]:
        """Content hashes of the events that are already in evidence."""
        kept = self.codec.sealed_all("events.id", ids)
        statement = "SELECT id, sha FROM events WHERE bank = %s AND id = ANY(%s)"
        rows = self.session.rows(statement, (self.row.bank, list(kept)))
        return {kept[named]: sha for named, sha in self.codec.opened(rows, "", "events.sha")}

    def ran(self, rule: str) -> int:
        """The seq up to which a rule of evolution has looked; 0 when it never ran."""
        named = self.codec.seal("rules.rule", rule)
        row = self.session.row("SELECT seq FROM rules WHERE bank = %s AND rule = %s", (self.row.bank, named))
        return int(row[0]) if row else 0

    def apply(self, batch: Batch) -> None:
        """Lay down a batch: log, rows and indexes. Nothing is visible before the transaction commits."""
        if not batch.changes:
            return
        known, bank = self.known, self.row.bank
        self.records(known.missing(batch))
        known.units.update(known_units(self.session, bank, known.wanted_units(batch), self.codec))
        space = self.row.space if batch.space is None else batch.space
        tables = placed(Gathering(bank, space, known).gather(batch), bank)
        last = batch.changes[-1].entry
        recipe = next((c.recipe for c in reversed(batch.changes) if c.recipe is not None), None)
        self.row = replace(
            self.row, seq=last.seq, batch=last.batch, space=space, recipe=self.row.recipe if recipe is None else recipe
        )
        self._lay_down(tables, recipe)

    def _lay_down(self, tables: dict[str, Rows], recipe: str | None) -> None:
        connection, known, row = self.session.connection, self.known, self.row
        tables = self.codec.rows(tables)
        done = {}
        with connection.pipeline():
            for table, rows in tables.items():
                if rows:
                    # Told the bank as well, the server looks into its partition alone.
                    given = [*self._columns(table, rows), *([row.bank] if table in _CHANGING else [])]
                    done[table] = connection.execute(self._statement(table).encode(), given)
            connection.execute(
                b"UPDATE heads SET next_n = %s, next_key = %s, next_unit = %s, seq = %s, batch = %s, space = %s"
                b" WHERE bank = %s",
                (known.n, known.key, known.unit, row.seq, row.batch, row.space, row.bank),
            )
            if recipe is not None:
                connection.execute(b"UPDATE heads SET recipe = %s WHERE bank = %s", (recipe, row.bank))
        if "formed" in done and done["formed"].rowcount != len(tables["formed"]):
            raise Conflict(FORMED_MEANWHILE)

    def _statement(self, table: str) -> str:
        if self.codec.sealed and table in _SEALED_STATEMENTS:
            return _SEALED_STATEMENTS[table]
        if table == "vectors":
            return _VECTOR_STATEMENTS["vector" if self.pgvector else "bytea"]
        return _STATEMENTS[table]

    def erase(self, erasure: Erasure) -> Erased:
        """Take rows out, and lay down what is left of those that stay; gives what went."""
        lay = partial(self._lay_down, recipe=None)
        done = Eraser(self.session, self.row, self.known, self.pgvector, self.codec, lay).run(erasure)
        # What is known of records and units may be of those that went.
        self._known = None
        return done

    def put_note(self, note: Note) -> None:
        """Keep a note together with what else this transaction writes."""
        write_note(self.session, note, self.seals)

    def put_vectors(self, rows: Rows, sketches: Rows) -> None:
        """Lay vectors and sketches down, rows of bank, space, unit and bytes."""
        with self.session.connection.pipeline():
            for table, given in self.codec.rows({"vectors": rows, "sketches": sketches}).items():
                self.lay(table, given)

    def lay(self, table: str, rows: Rows) -> None:
        """Lay rows down in one table, as they are to lie there."""
        self.session.run(self._statement(table), self._columns(table, rows))

    def _columns(self, table: str, rows: Rows) -> list[list[Any]]:
        prepare = (_SEALED_PREPARED if self.codec.sealed else _PREPARED).get(table)
        return [list(column) for column in zip(*(prepare(rows) if prepare else rows), strict=True)]
