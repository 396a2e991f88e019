"""Takes rows out of the embedded schema and lays down anew what is left of them, in sets, within one transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.store.erasing import Erased, Erasure, emptied
from mnemic.store.gathering import Gathering, Known, placed
from mnemic.store.protocol import BankRow, Batch
from mnemic.store.rows import dumps, marks_of, record_body, record_of
from mnemic.store.sqlite.laying import lay_down
from mnemic.store.sqlite.packing import N_BITS, bounds, pack, pack_vector, unpack
from mnemic.store.sqlite.rows import chunks, known_units, marks, select_in


@dataclass(slots=True)
class Eraser:
    """One erasure of one bank; ``known`` grows by the places that what is laid down anew takes."""

    connection: sqlite3.Connection
    row: BankRow
    known: Known
    done: Erased = field(default_factory=Erased)
    _loose: set[int] = field(default_factory=set)

    def run(self, erasure: Erasure) -> Erased:
        """Do it; gives what went."""
        bank = self.row.bank
        self.connection.executemany(
            "UPDATE log SET kind = ?, body = ? WHERE pk = ?",
            [(op.kind, dumps(op.to_json()), pack(bank, seq)) for seq, op in erasure.entries.items()],
        )
        self.done.rows["log"] += len(erasure.entries)
        self._delete("events", "id", erasure.events)
        numbers = self._numbers([*erasure.records, *erasure.again])
        self._strip(numbers, {*erasure.again})
        self._edges(erasure)
        self.connection.executemany(
            "UPDATE records SET id = ?, kind = '', state = 'erased', session = '', actor = '', role = '', tier = '',"
            " epistemic = 'evidence', event_from = NULL, event_to = NULL, version = 1, from_seq = ?, changed_seq = ?"
            " WHERE pk = ?",
            [(emptied(s).id, s, s, pack(bank, numbers[i])) for i, s in erasure.records.items()],
        )
        self.connection.executemany(
            "UPDATE bodies SET body = ?, stats = ? WHERE pk = ?",
            [(*record_body(emptied(s)), pack(bank, numbers[i])) for i, s in erasure.records.items()],
        )
        self._relay(erasure, numbers)
        self._drop_units()
        for table, column, values in (
            ("rules", "rule", erasure.rules), ("receipts", "id", erasure.receipts), ("answers", "key", erasure.answers),
        ):  # fmt: skip
            self._delete(table, column, values)
        for kind, note_id in erasure.notes:
            self.connection.execute(
                "DELETE FROM notes WHERE bank = ? AND kind = ? AND id = ?", (self.row.bank, kind, note_id)
            )
        self.done.rows["notes"] += len(erasure.notes)
        self.done.rows = +self.done.rows
        return self.done

    def _delete(self, table: str, column: str, values: Sequence[Any]) -> None:
        for part in chunks(values):
            done = self.connection.execute(
                f"DELETE FROM {table} WHERE bank = ? AND {column} IN ({marks(len(part))})", (self.row.bank, *part)
            )
            self.done.rows[table] += done.rowcount

    def _numbers(self, ids: Sequence[str]) -> dict[str, int]:
        rows = select_in(
            self.connection, "SELECT id, pk FROM records WHERE bank = ? AND id IN ({})", (self.row.bank,), ids
        )
        return {record_id: unpack(pk) for record_id, pk in rows}

    def _strip(self, numbers: dict[str, int], again: set[str]) -> None:
        """Take away all that hangs on records: versions, keys with their counts, marks, intervals."""
        bank = self.row.bank
        places = sorted(numbers.values())
        worded: list[tuple[Any, ...]] = []
        active: set[int] = set()
        for pk, body in select_in(
            self.connection, "SELECT pk, body FROM bodies WHERE pk IN ({})", (), [pack(bank, n) for n in places]
        ):
            record = record_of(body, "{}", "")
            worded += [(bank, name, word, unpack(pk)) for name, word in marks_of(record)]
            if record.state == "active":
                active.add(unpack(pk))
        self.connection.executemany("DELETE FROM marks WHERE bank = ? AND field = ? AND value = ? AND n = ?", worded)
        opened: Counter[int] = Counter()
        for n, unit, to_seq in select_in(
            self.connection, "SELECT n, unit, to_seq FROM keys WHERE bank = ? AND n IN ({})", (bank,), places
        ):
            self._loose.add(unit)
            if to_seq is None and n in active:
                opened[unit] += 1
        self._uncount(opened)
        self._delete("keys", "n", places)
        self._delete("intervals", "n", places)
        self._delete("versions", "id", list(numbers))
        self.done.rows["records"] += len(numbers) - len(again)
        self.done.rows["marks"] += len(worded)

    def _uncount(self, opened: Counter[int]) -> None:
        df: Counter[tuple[str, str]] = Counter()
        lengths: dict[str, list[int]] = {}
        keys = [pack(self.row.bank, unit) for unit in opened]
        for pk, name, terms, length, mode in select_in(
            self.connection, "SELECT pk, name, terms, length, mode FROM units WHERE pk IN ({})", (), keys
        ):
            if "l" not in mode:
                continue
            times = opened[unpack(pk)]
            for term in set(terms.split()):
                df[name, term] += times
            totals = lengths.setdefault(name, [0, 0])
            totals[0] += times
            totals[1] += times * length
        self.connection.executemany(
            "UPDATE term_stats SET df = df - ? WHERE bank = ? AND name = ? AND term = ?",
            [(count, self.row.bank, name, term) for (name, term), count in df.items()],
        )
        self.connection.executemany(
            "UPDATE length_stats SET docs = docs - ?, total = total - ? WHERE bank = ? AND name = ?",
            [(docs, total, self.row.bank, name) for name, (docs, total) in lengths.items()],
        )

    def _edges(self, erasure: Erasure) -> None:
        bank, gone = self.row.bank, list(erasure.records)
        for column in ("src", "dst"):
            self._delete("edges", column, gone)
        for src, rel, dst in erasure.edges:
            done = self.connection.execute(
                "DELETE FROM edges WHERE bank = ? AND src = ? AND rel = ? AND dst = ?", (bank, src, rel, dst)
            )
            self.done.rows["edges"] += done.rowcount

    def _relay(self, erasure: Erasure, numbers: dict[str, int]) -> None:
        """Lay down what is left of records and edges that stay, in the places that they have."""
        if not erasure.redone:
            return
        batch = Batch(erasure.redone)
        self.known.numbers.update(numbers)
        self.known.units.update(known_units(self.connection, self.row.bank, self.known.wanted_units(batch)))
        rows = Gathering(self.row.bank, self.row.space, self.known).gather(batch)
        rows.log.clear()
        # The row is there, and takes the columns of what is left; its counters are in its body.
        lay_down(self.connection, placed(rows, self.row.bank))

    def _drop_units(self) -> None:
        """Take away the texts under which nothing is found any more, with their vectors."""
        bank = self.row.bank
        if self._loose:
            # Keys are many and have no index by unit: one pass over them tells which units are still used.
            used = self.connection.execute("SELECT DISTINCT unit FROM keys WHERE pk BETWEEN ? AND ?", bounds(bank))
            self._loose.difference_update(unit for (unit,) in used)
        gone = sorted(self._loose)
        keys = [pack(bank, unit) for unit in gone]
        rows = list(
            select_in(self.connection, "SELECT pk, mode, scope, terms, text FROM units WHERE pk IN ({})", (), keys)
        )
        self.connection.executemany(
            "INSERT INTO fts (fts, rowid, scope, terms) VALUES ('delete', ?, ?, ?)",
            [(pk, scope, terms) for pk, mode, scope, terms, _ in rows if "l" in mode],
        )
        for _, _, _, terms, _ in rows:
            self.done.traces.append(terms.encode())
            self.done.terms.update(terms.split())
        for (space,) in self.connection.execute("SELECT space FROM spaces").fetchall():
            places = [pack_vector(space, bank, unit) for unit in gone]
            for table, column in (("vectors", "emb"), ("sketches", "bits")):
                blobs = select_in(self.connection, f"SELECT {column} FROM {table} WHERE pk IN ({{}})", (), places)
                self.done.traces += [bytes(blob) for (blob,) in blobs]
                self._by_key(table, places)
        self._by_key("units", keys)
        self.connection.execute("DELETE FROM term_stats WHERE bank = ? AND df = 0", (bank,))
        # A term that what stays holds too is no trace.
        for (term,) in select_in(
            self.connection,
            "SELECT term FROM term_stats WHERE bank = ? AND term IN ({})",
            (bank,),
            list(self.done.terms),
        ):
            self.done.terms.discard(term)
        self.connection.execute(
            "DELETE FROM length_stats WHERE bank = ? AND docs = 0 AND NOT EXISTS (SELECT 1 FROM keys k JOIN units u"
            f" ON u.pk = k.bank << {N_BITS} | k.unit WHERE k.bank = length_stats.bank AND k.name = length_stats.name"
            " AND u.mode LIKE '%l%')",
            (bank,),
        )

    def _by_key(self, table: str, keys: Iterable[int]) -> None:
        for part in chunks(list(keys)):
            done = self.connection.execute(f"DELETE FROM {table} WHERE pk IN ({marks(len(part))})", part)
            self.done.rows[table] += done.rowcount
