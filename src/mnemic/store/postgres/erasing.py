"""Takes rows out of the tables of PostgreSQL, in sets, within one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.store.erasing import Erased, Erasure, emptied
from mnemic.store.gathering import Gathering, Known, placed
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.rows import known_units, word_hash
from mnemic.store.postgres.vectors import bits_of, floats_of
from mnemic.store.protocol import BankRow, Batch
from mnemic.store.rows import dumps, marks_of, record_of
from mnemic.store.sealed_rows import emptied_body
from mnemic.store.sealing import Codec


@dataclass(slots=True)
class Eraser:
    """One erasure of one bank; ``lay_down`` writes gathered rows."""

    session: Session
    row: BankRow
    known: Known
    pgvector: bool
    codec: Codec
    lay_down: Callable[[dict[str, Sequence[Sequence[Any]]]], None]
    done: Erased = field(default_factory=Erased)
    _loose: set[int] = field(default_factory=set)

    def run(self, erasure: Erasure) -> Erased:
        """Do it; gives what went."""
        bank, seal = self.row.bank, self.codec.seal
        self._trace("log", "seq", list(erasure.entries))
        self.session.many(
            "UPDATE log SET kind = %s, body = %s WHERE bank = %s AND seq = %s",
            [(op.kind, seal("log.body", dumps(op.to_json())), bank, seq) for seq, op in erasure.entries.items()],
        )
        self.done.rows["log"] += len(erasure.entries)
        self._delete("events", "id", erasure.events)
        wanted = [*erasure.records, *erasure.again]
        kept = self.codec.sealed_all("records.id", wanted)
        rows = self.session.rows("SELECT id, n FROM records WHERE bank = %s AND id = ANY(%s)", (bank, list(kept)))
        numbers: dict[str, int] = {kept[named]: n for named, n in rows}
        self._strip(numbers)
        self.done.rows["records"] += len(erasure.records)
        for column in ("src", "dst"):
            self._delete("edges", column, list(erasure.records))
        for edge in erasure.edges:
            ends = [seal(f"edges.{end}", part) for end, part in zip(("src", "rel", "dst"), edge, strict=True)]
            self.done.rows["edges"] += self.session.run(
                "DELETE FROM edges WHERE bank = %s AND src = %s AND rel = %s AND dst = %s", (bank, *ends)
            )
        self._trace("bodies", "n", [numbers[record_id] for record_id in erasure.records])
        self.session.many(
            "UPDATE records SET id = %s, kind = '', state = 'erased', session = '', actor = '', role = '',"
            " tier = '', epistemic = 'evidence', event_from = NULL, event_to = NULL, version = 1, from_seq = %s,"
            " changed_seq = %s WHERE bank = %s AND n = %s",
            [(seal("records.id", emptied(seq).id), seq, seq, bank, numbers[i]) for i, seq in erasure.records.items()],
        )
        self.session.many(
            "UPDATE bodies SET body = %s, stats = %s WHERE bank = %s AND n = %s",
            [(*emptied_body(seq, self.codec), bank, numbers[i]) for i, seq in erasure.records.items()],
        )
        self._relay(erasure, numbers)
        self._drop_units()
        self._delete("rules", "rule", erasure.rules)
        self._delete("receipts", "id", erasure.receipts)
        self._delete("answers", "key", erasure.answers)
        for kind, note_id in erasure.notes:
            self.done.rows["notes"] += self.session.run(
                "DELETE FROM notes WHERE bank = %s AND kind = %s AND id = %s",
                (bank, kind, self.codec.of_note(kind).seal("notes.id", note_id)),
            )
        self.done.rows = +self.done.rows
        return self.done

    def _delete(self, table: str, column: str, values: Sequence[Any]) -> None:
        if values:
            self.done.rows[table] += self.session.run(
                f"DELETE FROM {table} WHERE bank = %s AND {column} = ANY(%s)",
                (self.row.bank, list(self.codec.sealed_all(f"{table}.{column}", values))),
            )

    def _trace(self, table: str, column: str, places: list[int]) -> None:
        # What lies sealed is not found by its words: its own bytes are looked for, so many of each row as suffice.
        if self.codec.sealed:
            bodies = self.session.rows(
                f"SELECT substr(body, 1, 90) FROM {table} WHERE bank = %s AND {column} = ANY(%s)",
                (self.row.bank, places),
            )
            self.done.traces += [body.encode() for (body,) in bodies]

    def _strip(self, numbers: dict[str, int]) -> None:
        bank, places = self.row.bank, sorted(numbers.values())
        active: set[int] = set()
        marked: list[tuple[int, str, int, int]] = []
        rows = self.session.rows("SELECT n, body FROM bodies WHERE bank = %s AND n = ANY(%s)", (bank, places))
        for n, body in self.codec.opened(rows, "", "bodies.body"):
            record = record_of(body, "{}", "")
            if record.state == "active":
                active.add(n)
            marked += [
                (bank, name, word_hash(self.codec.seal("marks.value", word)), n) for name, word in marks_of(record)
            ]
        self.done.rows["marks"] += self.session.many(
            "DELETE FROM marks WHERE bank = %s AND field = %s AND hash = %s AND n = %s", marked
        )
        opened: Counter[int] = Counter()
        for n, unit, to_seq in self.session.rows(
            "SELECT n, unit, to_seq FROM keys WHERE bank = %s AND n = ANY(%s)", (bank, places)
        ):
            self._loose.add(unit)
            if to_seq is None and n in active:
                opened[unit] += 1
        self._uncount(opened)
        self._delete("keys", "n", places)
        self._delete("intervals", "n", places)
        self._delete("versions", "id", list(numbers))

    def _uncount(self, opened: Counter[int]) -> None:
        df: Counter[tuple[str, str]] = Counter()
        lengths: dict[str, list[int]] = {}
        for unit, name, terms, length, mode in self.session.rows(
            "SELECT unit, name, terms, length, mode FROM units WHERE bank = %s AND unit = ANY(%s)",
            (self.row.bank, list(opened)),
        ):
            if "l" not in mode:
                continue
            for term in set(terms.split()):
                df[name, term] += opened[unit]
            totals = lengths.setdefault(name, [0, 0])
            totals[0] += opened[unit]
            totals[1] += opened[unit] * length
        self.session.many(
            "UPDATE length_stats SET docs = docs - %s, total = total - %s WHERE bank = %s AND name = %s",
            [(docs, total, self.row.bank, name) for name, (docs, total) in lengths.items()],
        )
        self.session.many(
            "UPDATE term_stats SET df = df - %s WHERE bank = %s AND name = %s AND hash = %s",
            [(count, self.row.bank, name, word_hash(term)) for (name, term), count in df.items()],
        )

    def _relay(self, erasure: Erasure, numbers: dict[str, int]) -> None:
        if not erasure.redone:
            return
        batch = Batch(erasure.redone)
        self.known.numbers.update(numbers)
        self.known.units.update(known_units(self.session, self.row.bank, self.known.wanted_units(batch), self.codec))
        rows = Gathering(self.row.bank, self.row.space, self.known).gather(batch)
        rows.log.clear()
        self.lay_down(placed(rows, self.row.bank))

    def _drop_units(self) -> None:
        bank = self.row.bank
        gone = [
            row[0]
            for row in self.session.rows(
                "SELECT u.unit FROM units u WHERE u.bank = %s AND u.unit = ANY(%s) AND NOT EXISTS"
                " (SELECT 1 FROM keys k WHERE k.bank = u.bank AND k.unit = u.unit)",
                (bank, sorted(self._loose)),
            )
        ]
        for (terms,) in self.session.rows("SELECT terms FROM units WHERE bank = %s AND unit = ANY(%s)", (bank, gone)):
            self.done.traces.append(terms.encode())
            self.done.terms.update(terms.split())
        emb, bits = ("sealed", "sealed") if self.codec.sealed else ("emb", "bits")
        for (blob,) in self.session.rows(f"SELECT {emb} FROM vectors WHERE bank = %s AND unit = ANY(%s)", (bank, gone)):
            self.done.traces.append(blob if self.codec.sealed else floats_of(blob, pgvector=self.pgvector))
        for (blob,) in self.session.rows(
            f"SELECT {bits} FROM sketches WHERE bank = %s AND unit = ANY(%s)", (bank, gone)
        ):
            self.done.traces.append(blob if self.codec.sealed else bits_of(blob))
        for table in ("vectors", "sketches", "units"):
            self._delete(table, "unit", gone)
        self.session.run("DELETE FROM term_stats WHERE bank = %s AND df = 0", (bank,))
        kept = self.session.rows(
            "SELECT term FROM term_stats WHERE bank = %s AND term = ANY(%s)", (bank, list(self.done.terms))
        )
        self.done.terms.difference_update(row[0] for row in kept)
        self.session.run(
            "DELETE FROM length_stats l WHERE l.bank = %s AND l.docs = 0 AND NOT EXISTS (SELECT 1 FROM keys k"
            " JOIN units u ON u.bank = k.bank AND u.unit = k.unit WHERE k.bank = l.bank AND k.name = l.name"
            " AND u.mode LIKE '%%l%%')",
            (bank,),
        )
