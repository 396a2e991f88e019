"""A write: log entries, rows and every index of them, gathered and laid down in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mnemic.core.record import Record
from mnemic.store.erasing import Erased, Erasure
from mnemic.store.gathering import Gathering, Known, placed
from mnemic.store.notes import Note
from mnemic.store.protocol import BankRow, Batch
from mnemic.store.rows import record_of
from mnemic.store.sealing import Codec, Seals
from mnemic.store.sqlite.erasing import Eraser
from mnemic.store.sqlite.laying import lay_down
from mnemic.store.sqlite.noting import write_note
from mnemic.store.sqlite.packing import unpack
from mnemic.store.sqlite.rows import known_units, select_in


@dataclass(slots=True)
class SqliteTransaction:
    """A transaction on one bank, within BEGIN IMMEDIATE; see :class:`mnemic.store.protocol.Transaction`."""

    connection: sqlite3.Connection
    row: BankRow
    seals: Seals
    _known: Known | None = None

    @property
    def known(self) -> Known:
        """What this transaction knows of its bank."""
        if self._known is None:
            counters = self.connection.execute(
                "SELECT next_n, next_key, next_unit FROM banks WHERE bank = ?", (self.row.bank,)
            ).fetchone()
            self._known = Known(*counters)
        return self._known

    @property
    def codec(self) -> Codec:
        """How the bank's content lies in its columns."""
        return self.seals.codec(self.row)

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id as they stand now; ids that are unknown are left out."""
        kept = self.codec.sealed_all("records.id", ids)
        rows = select_in(
            self.connection,
            "SELECT r.id, r.pk, r.from_seq, b.body, b.stats FROM records r JOIN bodies b ON b.pk = r.pk"
            " WHERE r.bank = ? AND r.id IN ({})",
            (self.row.bank,),
            list(kept),
        )
        out = {}
        for named, pk, since, body, stats in self.codec.opened(rows, "", "", "", "bodies.body", "bodies.stats"):
            record_id = kept[named]
            self.known.numbers[record_id] = unpack(pk)
            self.known.since[record_id] = since
            out[record_id] = record_of(body, stats, self.row.name)
        return out

    def event_shas(self, ids: Sequence[str]) -> dict[str, str]:
        """Content hashes of the events that are already in evidence."""
        kept = self.codec.sealed_all("events.id", ids)
        statement = "SELECT id, sha FROM events WHERE bank = ? AND id IN ({})"
        rows = select_in(self.connection, statement, (self.row.bank,), list(kept))
        return {kept[named]: sha for named, sha in self.codec.opened(rows, "", "events.sha")}

    def ran(self, rule: str) -> int:
        """The seq up to which a rule of evolution has looked; 0 when it never ran."""
        named = self.codec.seal("rules.rule", rule)
        row = self.connection.execute(
            "SELECT seq FROM rules WHERE bank = ? AND rule = ?", (self.row.bank, named)
        ).fetchone()
        return int(row[0]) if row else 0

    def apply(self, batch: Batch) -> None:
        """Lay down a batch: log, rows and indexes. Nothing is visible before the transaction commits."""
        if not batch.changes:
            return
        known, bank = self.known, self.row.bank
        self.records(known.missing(batch))
        known.units.update(known_units(self.connection, bank, known.wanted_units(batch), self.codec))
        space = self.row.space if batch.space is None else batch.space
        lay_down(self.connection, self.codec.rows(placed(Gathering(bank, space, known).gather(batch), bank)))
        last = batch.changes[-1].entry
        self.row = replace(
            self.row,
            seq=last.seq,
            batch=last.batch,
            space=space,
            recipe=next((c.recipe for c in reversed(batch.changes) if c.recipe is not None), self.row.recipe),
        )
        self.connection.execute(
            "UPDATE banks SET next_n = ?, next_key = ?, next_unit = ?, seq = ?, batch = ?, space = ?, recipe = ?"
            " WHERE bank = ?",
            (
                known.n, known.key, known.unit, self.row.seq, self.row.batch, self.row.space, self.row.recipe, bank,
            ),
        )  # fmt: skip

    def erase(self, erasure: Erasure) -> Erased:
        """Take rows out, and lay down what is left of those that stay; gives what went."""
        done = Eraser(self.connection, self.row, self.known, self.codec).run(erasure)
        self.connection.execute(
            "UPDATE banks SET next_n = ?, next_key = ?, next_unit = ? WHERE bank = ?",
            (self.known.n, self.known.key, self.known.unit, self.row.bank),
        )
        # What is known of records and units may be of those that went.
        self._known = None
        return done

    def put_note(self, note: Note) -> None:
        """Keep a note together with what else this transaction writes."""
        write_note(self.connection, note, self.seals)
