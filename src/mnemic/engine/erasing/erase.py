"""Erase: plan, form anew, take out in one transaction, clean the files, search them, and sign what was done.

    1. a plan, of the log alone: what goes, what is left, what must be formed anew
    2. what shared evidence is formed anew in a hidden bank; the store goes on meanwhile
    3. one transaction: entries, rows, indexes, what is kept beside the log, and a note that this erasure is under way
    4. the files: full text index, write-ahead log, free pages; then they are searched byte by byte
    5. the receipt takes the place of the note, signed, and the audit names its hash

Killed before 3 nothing has happened; killed after it, ``finish`` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.erasure import ErasurePlan, ErasureReceipt, Selection
from mnemic.core.errors import Conflict, MnemicError
from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.engine import switch_notes
from mnemic.engine.apply import Working, apply
from mnemic.engine.branching import stored_vectors
from mnemic.engine.engine import RETRIES, Engine
from mnemic.engine.erasing.beside import Beside, beside
from mnemic.engine.erasing.copies import branches_of, exports_of
from mnemic.engine.erasing.planning import Plan, plan, traces_of
from mnemic.engine.erasing.reach import reach_of
from mnemic.engine.erasing.reforming import ACTOR, Compared, Former, compare, form_anew, hidden_name, tidy
from mnemic.engine.erasing.rewriting import unasked
from mnemic.engine.erasing.verifying import cleaned
from mnemic.engine.evolve import scheduled_rules
from mnemic.engine.hiding import make_hidden
from mnemic.engine.replay import new_units
from mnemic.store.erasing import ERASED, Erased, Erasure
from mnemic.store.notes import Note
from mnemic.store.protocol import Batch, Snapshot

#: The kind of the notes that receipts are kept as.
NOTE = "erasure"
_SAMPLES = 5


def dry_run(engine: Engine, bank: str, selection: Selection, recipe: Recipe) -> ErasurePlan:
    """What an erasure would do; nothing is written."""
    with engine.store.snapshot(bank) as snapshot:
        found = plan(snapshot, selection)
        samples = {
            "events": tuple(sorted(found.cascade.events)[:_SAMPLES]),
            "records": tuple(list(found.records)[:_SAMPLES]),
        }
        return ErasurePlan(
            bank=bank,
            events=len(found.cascade.events),
            records=len(found.cascade.records),
            remade=len(found.cascade.to_form(reach_of(recipe))),
            kinds=dict(found.kinds),
            samples={name: ids for name, ids in samples.items() if ids},
            mentioned=found.trace.mentioned,
            branches=tuple(row.name for row in branches_of(engine, bank, found.first)),
            exports=len(exports_of(engine, bank, found.first)),
        )


def erase(
    engine: Engine,
    bank: str,
    selection: Selection,
    recipe: Recipe,
    *,
    who: str,
    reason: str = "",
    branches: bool = False,
    on_gone: Callable[[str], None] | None = None,
) -> ErasureReceipt:
    """Erase what is selected and all that rests on it; gives the signed receipt. See the module.

    ``on_gone`` is told the receipt's id when all rows are gone, before files are cleaned and searched.
    """
    if switch_notes.under_way(engine, bank) is not None:
        # Its hidden bank holds the same events; whoever wants the switch begins it again.
        switch_notes.give_up(engine, bank)
    # So does what a trial left that was killed.
    switch_notes.tidy(engine, bank)
    tidy(engine)
    engine.store.flush()
    job = _Job(engine, bank, selection, recipe, who, reason)
    receipt, pieces, terms = job.run()
    engine.forget(bank)
    receipt = receipt.with_(branches=tuple(row.name for row in branches_of(engine, bank, job.first)))
    if branches:
        chosen = Selection(events=tuple(job.events)) if job.events else None
        others = [
            erase(engine, row.name, chosen or selection, recipe, who=who, reason=reason, branches=True).id
            for row in (branches_of(engine, bank, job.first) if chosen else ())
        ]
        receipt = receipt.with_(how={**receipt.how, "branches": f"erased there too: {', '.join(others) or 'none'}"})
    elif receipt.branches:
        copies = tuple({"kind": "branch", "name": name} for name in receipt.branches)
        receipt = receipt.with_(out_of_reach=(*receipt.out_of_reach, *copies))
    if on_gone is not None:
        on_gone(receipt.id)
    return cleaned(engine, receipt, pieces, terms)


@dataclass(slots=True)
class _Job:
    engine: Engine
    bank: str
    selection: Selection
    recipe: Recipe
    who: str
    reason: str
    first: int = 0
    events: list[str] = field(default_factory=list)

    def run(self) -> tuple[ErasureReceipt, list[bytes], set[str]]:
        """The transaction, tried again when others write meanwhile, at last with the lock held while planning."""
        engine = self.engine
        erasure = engine.ids.new(engine.clock.now())
        former = Former(engine, self.bank)
        hidden = hidden_name(erasure)
        formed: set[str] | None = None
        failure = ""
        try:
            for attempt in range(RETRIES):
                with engine.store.snapshot(self.bank) as snapshot:
                    found = plan(snapshot, self.selection)
                    wanted = found.cascade.to_form(reach_of(self.recipe))
                if wanted and formed != wanted and not failure:
                    failure = self._form(former, hidden, found, wanted)
                    formed = wanted
                try:
                    return self._commit(erasure, found, wanted, hidden, failure, former, last=attempt == RETRIES - 1)
                except Conflict:
                    if attempt == RETRIES - 1:
                        raise
            raise AssertionError
        finally:
            if engine.store.bank(hidden) is not None:
                engine.store.drop_bank(hidden)

    def _form(self, former: Former, hidden: str, found: Plan, wanted: set[str]) -> str:
        engine = self.engine
        if engine.store.bank(hidden) is not None:
            engine.store.drop_bank(hidden)
        row = engine.store.bank(self.bank)
        make_hidden(engine, hidden, row.recipe if row else "", self.bank)
        rules = bool(scheduled_rules(self.recipe))
        try:
            form_anew(former, hidden, self.recipe, found.trace, wanted, rules=rules)
        except MnemicError as error:
            return str(error)
        return ""

    def _commit(
        self, erasure: str, found: Plan, wanted: set[str], hidden: str, failure: str, former: Former, *, last: bool
    ) -> tuple[ErasureReceipt, list[bytes], set[str]]:
        engine = self.engine
        compared = Compared()
        vectors: dict[Any, bytes] = {}
        with engine.store.snapshot(self.bank) as snapshot:
            if snapshot.seq != found.seq:
                raise Conflict("the bank was written to meanwhile; plan the erasure again")
            if wanted and not failure:
                with engine.store.snapshot(hidden) as made:
                    compared = self._compared(found, wanted, snapshot, made)
                    adds = [op.record for op in compared.ops if op.record is not None]
                    vectors = dict(stored_vectors(made)(_units_of(adds)))
            elif wanted:
                compared = Compared(gone=self._resting(found, wanted))
            if compared.gone:
                found.cascade.take(records=compared.gone)
                found.settle(snapshot)
            aside = beside(engine, self.bank, snapshot, found, former.heard)
            unasked(found.cascade, snapshot, aside.receipts, found.entries)
        with engine.store.transaction(self.bank) as transaction:
            if transaction.row.seq != found.seq:
                raise Conflict("the bank was written to meanwhile; plan the erasure again")
            done = transaction.erase(_erasure(found, aside))
            done.rows["jobs"] += len([left for left in aside.jobs.values() if left is None])
            waiting = sorted(wanted, key=lambda i: found.trace.events[i].seq) if failure else []
            ops = [*_living(compared.ops, found), *self._closing(found, compared, waiting, erasure)]
            self._apply(transaction, ops, vectors)
            receipt = self._receipt(erasure, found, compared, done, aside, failure, waiting, transaction.row.seq)
            transaction.put_note(Note(bank=self.bank, kind=NOTE, id=erasure, at=receipt.at, body=receipt.to_json()))
        # Jobs may lie in another database; what they name is gone before they forget it.
        engine.store.rewrite_jobs(aside.jobs)
        if gone := sum(body is None for body in aside.jobs.values()):
            receipt = receipt.with_(erased={**receipt.erased, "jobs": gone})
        self.first, self.events = found.first, sorted(found.cascade.events)
        return receipt, [*traces_of(found), *done.traces], done.terms

    def _compared(self, found: Plan, wanted: set[str], snapshot: Snapshot, made: Snapshot) -> Compared:
        resting = self._resting(found, wanted)
        standing = found.standing()
        there = {**snapshot.records([i for i in resting if i not in standing])}
        there.update({i: standing[i] for i in resting if i in standing})
        there = {i: there[i] for i in resting if i in there and there[i].state != "erased"}
        strict = reach_of(self.recipe) != "event"
        changed = {i for i, record in there.items() if record.version > 1} if strict else set()
        unclean = {i for i in changed if not _clean(i, snapshot, made)} - found.trace.wished
        out = compare(
            {i: record for i, record in there.items() if i not in unclean},
            found.trace.wished,
            made,
            [edge for edge in snapshot.edges(list(there), None, "out") if self._stays(edge, found)],
            strict=strict,
        )
        out.gone += sorted(unclean)
        return out

    @staticmethod
    def _stays(edge: Any, found: Plan) -> bool:
        seqs = found.trace.links.get((edge.src, edge.rel, edge.dst), [])
        return any(seq not in found.cascade.entries for seq in seqs)

    @staticmethod
    def _resting(found: Plan, wanted: set[str]) -> list[str]:
        """Records made of the events to be formed anew, and of such records."""
        trace, gone = found.trace, found.cascade.records
        out: dict[str, None] = {}
        for record in trace.histories:
            sources, above = trace.sources.get(record, set()), trace.derived.get(record, set())
            made = trace.makers.get(record, "")
            if record in gone or made in ("user", "rollback"):
                continue
            if not sources.isdisjoint(wanted) or not above.isdisjoint(out.keys()):
                out[record] = None
        return list(out)

    def _closing(self, found: Plan, compared: Compared, waiting: Sequence[str], erasure: str) -> list[Op]:
        head = found.seq + len(_living(compared.ops, found)) + bool(waiting) + 1
        ops = []
        if waiting:
            ops.append(Op(kind="NOOP", changes={"reopened": list(waiting)}, reason="to be formed anew", actor=ACTOR))
        ran: dict[str, int] = {ERASED: head}
        if reach_of(self.recipe) == "bank" and (compared.made or compared.gone):
            with self.engine.store.snapshot(self.bank) as snapshot:
                known = snapshot.rules()
            # What was formed anew was looked at where it was formed.
            ran |= {name: head for name, _ in scheduled_rules(self.recipe) if known.get(name, (0, None))[0]}
        # Who asked is in the receipt and the audit; the log of a branch need not repeat it.
        ops.append(Op(kind="ERASE", changes={"erasure": erasure, "ran": ran}, actor=ACTOR))
        return ops

    def _apply(self, transaction: Any, ops: Sequence[Op], vectors: dict[Any, bytes]) -> None:
        row, now = transaction.row, self.engine.clock.now()
        working = Working(transaction.records)
        changes = [
            apply(op, seq=row.seq + i, batch=row.batch + 1, at=now, working=working) for i, op in enumerate(ops, 1)
        ]
        space = row.space if new_units(changes) else None
        transaction.apply(Batch(changes, vectors, space))

    def _receipt(
        self,
        erasure: str,
        found: Plan,
        compared: Compared,
        done: Erased,
        aside: Beside,
        failure: str,
        waiting: Sequence[str],
        head: int,
    ) -> ErasureReceipt:
        how = {
            "rows": "exact: one transaction",
            "records": "exact"
            if not (compared.made or compared.changed or failure)
            else "formed anew from what is left",
        }
        if failure:
            how["records"] = f"pending: {len(waiting)} events wait to be formed anew ({failure})"
        if done.rows.get("answers"):
            how["answers"] = "the cache of this bank was emptied; what was spent stays counted"
        remade = {"records": compared.made, "changed": compared.changed, "restored": len(found.again)}
        return ErasureReceipt(
            id=erasure,
            bank=self.bank,
            who=self.who,
            reason=self.reason,
            at=self.engine.clock.now(),
            selection={"by": list(self.selection.by), "sha256": self.selection.sha},
            head=head,
            events=len(found.cascade.events),
            erased={name: count for name, count in sorted(done.rows.items()) if count},
            kinds=dict(found.kinds),
            remade={name: count for name, count in remade.items() if count},
            how=how,
            out_of_reach=tuple(exports_of(self.engine, self.bank, found.first)),
        )


def _erasure(found: Plan, aside: Beside) -> Erasure:
    return Erasure(
        entries=found.entries,
        events=sorted(found.cascade.events),
        records=found.records,
        redone=found.redone,
        again=found.again,
        edges=found.cascade.cut(),
        rules=found.rules,
        receipts=aside.receipts,
        notes=aside.notes,
        answers=aside.answers,
    )


def _living(ops: Sequence[Op], found: Plan) -> list[Op]:
    gone = found.cascade.records
    return [op for op in ops if op.edge is None or (op.edge.src not in gone and op.edge.dst not in gone)]


def _units_of(records: Sequence[Any]) -> list[Any]:
    from mnemic.store.protocol import units_of

    return [unit for record in records for unit in units_of(record) if "d" in unit.mode]


def _clean(record_id: str, snapshot: Snapshot, made: Snapshot) -> bool:
    """Whether all that a record ever was is also said by some version in the hidden bank."""
    values = {version.record.value for version in snapshot.versions(record_id)}
    if len(values) == 1:
        return True
    return values <= {record.value for record in made.records(made.index().ids).values()}
