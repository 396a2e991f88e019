"""The engine: takes events in, forms and evolves records, and commits each step whole."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np

from mnemic.core.chance import Clock, IdSource
from mnemic.core.errors import Conflict, EmbedderMismatch, ModelFailure, RecipeChanged
from mnemic.core.evidence import Event
from mnemic.core.execute import form, form_segment, segmenter_of
from mnemic.core.observing import span
from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Record
from mnemic.core.scope import EVERYTHING, Scope
from mnemic.engine.apply import Working, apply
from mnemic.engine.asking import Asking, InFlight
from mnemic.engine.evolve import Due, check_shown, due_rules, is_stepwise, run_rule, scheduled_rules, take_in
from mnemic.engine.holding import MOST_TRIES, held_ops, reopening, tries_of
from mnemic.engine.intake import Written, check_ids, content_of, unknown
from mnemic.engine.labels import settled
from mnemic.engine.patience import Patience
from mnemic.engine.pending import form_what_waits
from mnemic.engine.progress import RuleProgress, Tallies
from mnemic.engine.quarantining import NOTHING, Reasons, formed, retaining
from mnemic.engine.replay import UnitKey
from mnemic.engine.scoped import scoped
from mnemic.engine.store_view import StoreView
from mnemic.engine.tools import EngineTools, Models
from mnemic.models.calibration import Calibration, calibrate
from mnemic.store.protocol import Batch, Snapshot, SpaceRow, Store, Transaction, Unit, units_of

#: Events that are formed and committed together when nothing has to be resolved between them.
BULK = 256
RETRIES = 8

Result = TypeVar("Result")


@dataclass(slots=True)
class Engine:
    """Applies what stages propose to the banks of one store. ``seed`` fixes ids and chance (law 7)."""

    store: Store
    models: Models
    clock: Clock
    seed: int | None = None
    ids: IdSource = field(init=False)
    _spaces: dict[tuple[str, int], SpaceRow] = field(default_factory=dict)
    _uncalibrated: set[tuple[str, int]] = field(default_factory=set)
    _tallies: Tallies = field(default_factory=Tallies)
    _in_flight: InFlight = field(default_factory=InFlight)
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self.ids = IdSource(self.seed)

    @contextmanager
    def view(self, bank: str, at: int | None = None, scope: Scope = EVERYTHING) -> Iterator[StoreView]:
        """A view for a reader of a bank at the present or at seq ``at``, as far as his scope lets him see."""
        with span("store", "read"), self.store.snapshot(bank, at) as snapshot:
            yield self.view_of(scoped(snapshot, scope), purpose="read")

    def view_of(self, snapshot: Snapshot, pending: Sequence[Event] = (), *, purpose: str = "write") -> StoreView:
        """A view of a snapshot; what its stages ask a model counts as ``purpose``."""
        space = self._space_row(snapshot.row.name, snapshot.row.space)
        rng = random.Random(f"{self.seed}:{snapshot.row.name}:{snapshot.seq}")
        now = self.clock.now()
        make_id, calibrate_it = partial(self.ids.new, now), partial(self.calibration, snapshot.row.name, space)
        row = snapshot.row
        # A hidden bank works for the one it comes from: it spends that one's budget, and knows its answers.
        asking = self.asking(row.payer, purpose if row.payer == row.name else "idle", now)
        return StoreView(
            snapshot,
            EngineTools(self.models, rng, calibrate_it, make_id, asking),
            now,
            pending=pending,
            fingerprint=space.fingerprint if space else "",
        )

    def asking(self, bank: str, purpose: str, now: datetime) -> Asking:
        """What stands between a bank's stages and the language model."""
        models = self.models
        return Asking(
            self.store,
            bank,
            purpose,
            now,
            models.load_language_model,
            models.wordings,
            self._in_flight,
            self.patience,
            models.limits.day_tokens,
            models.limits.call_tokens,
        )

    def _space_row(self, bank: str, space: int | None) -> SpaceRow | None:
        if space is None:
            return None
        if (bank, space) not in self._spaces:
            found = self.store.space_by_id(bank, space)
            if found is not None:
                self._spaces[bank, space] = found
        return self._spaces.get((bank, space))

    def calibration(self, bank: str, space: SpaceRow | None) -> Calibration:
        """The embedder's calibration; made when first asked for, and kept with the space."""
        if space is not None and space.calibration:
            return Calibration.from_json(space.calibration)
        made = calibrate(self.models.load_embedder())
        if space is not None and space.fingerprint == made.fingerprint:
            # A read asked for it, and a read never waits for a writer: the bank's next write keeps it.
            self._spaces[bank, space.space] = replace(space, calibration=made.to_json())
            self._uncalibrated.add((bank, space.space))
        return made

    def _keep_calibration(self, bank: str) -> None:
        for slot in [slot for slot in list(self._uncalibrated) if slot[0] == bank]:
            self.store.set_calibration(bank, slot[1], self._spaces[slot].calibration)
            self._uncalibrated.discard(slot)

    def forget(self, bank: str) -> None:
        """Drop what is kept in memory of a bank, since it may hold what was erased."""
        self._tallies.forget(bank)
        self.patience.owed.pop(bank, None)

    # Writing.

    def retain(
        self,
        bank: str,
        recipe: Recipe,
        events: Sequence[Event],
        *,
        close: bool = False,
        kept_by: str | None = None,
        quarantined: Reasons = NOTHING,
        by: str = "",
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Written:
        """Take events into evidence and form what the recipe makes of them.

        When this returns, all of it is committed; what a language model could not form is said to be pending. With
        ``close`` the sessions of the events are over. ``kept_by`` is how the store knows the recipe: RecipeChanged is
        raised when it changed by then. ``quarantined`` are reasons by the ids of events that become evidence and no
        more; ``by`` is who brings them in. Raises ModelUnavailable, before anything is written, when the recipe writes
        with a language model and none is configured.
        """
        check_ids(events)
        self.models.require(recipe)
        if len(events) > BULK:
            # Runs are committed one by one, so what would be refused in a later one is looked for first.
            with self.store.snapshot(bank) as snapshot:
                unknown(events, {i: e.sha for i, e in snapshot.events([e.id for e in events]).items()})
        total = Written()
        stepwise = is_stepwise(recipe)
        for start in range(0, len(events) or 1, BULK):
            run = events[start : start + BULK]
            if stepwise:
                total += self.commit_events(bank, run, quarantined, by)
            else:
                total += self._retrying(partial(self._retain_bulk, bank, recipe, run, kept_by, quarantined, by))
            if on_progress is not None:
                on_progress(min(start + BULK, len(events)), len(events))
        sessions = list(dict.fromkeys(event.session for event in events))
        if stepwise or close:
            total += self.form_sessions(bank, recipe, sessions, closed=close)
        total += self.run_due(bank, recipe, closed=close)
        self._keep_calibration(bank)
        return total

    def _retain_bulk(
        self, bank: str, recipe: Recipe, events: Sequence[Event], kept_by: str | None, kept: Reasons, by: str
    ) -> Written:
        with self.store.snapshot(bank) as snapshot:
            fresh = unknown(events, {i: e.sha for i, e in snapshot.events([e.id for e in events]).items()})
            if not fresh:
                return Written(skipped=len(events))
            head = snapshot.seq
            pending = [replace(event, seq=head + i + 1) for i, event in enumerate(fresh) if event.id not in kept]
            view = self.view_of(snapshot, pending)
            drafts, used = self._form(recipe, snapshot, pending, view)
            entering = settled(take_in(recipe, drafts, view), view)
            check_shown(entering, view)
            ops = [*retaining(fresh, kept, by), *entering, *formed(used)]
            vectors, space = self._embed_new(snapshot, content_of(entering, snapshot))
        with self.store.transaction(bank) as transaction:
            if transaction.event_shas([event.id for event in fresh]):
                raise Conflict("another writer took in some of these events; retry")
            if kept_by is not None and transaction.row.recipe != kept_by:
                raise RecipeChanged(f"bank {bank!r} was switched to another recipe meanwhile; retry")
            self._apply(transaction, ops, vectors, space)
        return Written(
            tuple(event.id for event in fresh),
            len(events) - len(fresh),
            tuple(op.record.id for op in entering if op.kind == "ADD" and op.record is not None),
            len(ops),
            view.tools.calls,
        )

    def _form(
        self, recipe: Recipe, snapshot: Snapshot, pending: Sequence[Event], view: StoreView
    ) -> tuple[list[Record], list[Event]]:
        drafts: list[Record] = []
        used: list[Event] = []
        for session in dict.fromkeys(event.session for event in pending):
            waiting = [*snapshot.unformed(session), *(event for event in pending if event.session == session)]
            made = form(recipe.formation, waiting, view)
            drafts.extend(made.drafts)
            used.extend(made.used)
        now = view.now
        return [draft.with_(id=self.ids.new(now), state="proposed") for draft in drafts], used

    def commit_events(self, bank: str, events: Sequence[Event], kept: Reasons = NOTHING, by: str = "") -> Written:
        """Take events into evidence and form nothing."""
        with self.store.transaction(bank) as transaction:
            fresh = unknown(events, transaction.event_shas([event.id for event in events]))
            self._apply(transaction, retaining(fresh, kept, by), {}, None)
        return Written(tuple(event.id for event in fresh), len(events) - len(fresh), ops=len(fresh))

    def form_sessions(self, bank: str, recipe: Recipe, sessions: Iterable[str], *, closed: bool) -> Written:
        """Form what waits in sessions, and in those that a failing model has left; what fails again is pending."""

        def pending(session: str) -> int:
            with self.store.snapshot(bank) as snapshot:
                return len(snapshot.unformed(session))

        steps = partial(self._steps, bank, recipe)
        return form_what_waits(self.patience, bank, dict.fromkeys(sessions, closed), steps, pending, self.clock)

    def form_session(self, bank: str, recipe: Recipe, session: str, *, closed: bool) -> Written:
        """Form what waits in a session; raises ModelFailure at the segment that cannot be formed."""
        return sum(self._steps(bank, recipe, session, closed), Written())

    def _steps(self, bank: str, recipe: Recipe, session: str, closed: bool) -> Iterator[Written]:
        # Segment by segment, each committed before the next is looked at.
        while (step := self._retrying(lambda: self._form_step(bank, recipe, session, closed=closed))) is not None:
            yield step

    def _form_step(self, bank: str, recipe: Recipe, session: str, *, closed: bool) -> Written | None:
        with self.store.snapshot(bank) as snapshot:
            trying: Sequence[Event] = snapshot.unformed(session)
            view = self.view_of(snapshot)
            try:
                segments = segmenter_of(recipe.formation).split(trying, view, closed=closed) if trying else ()
                segment = next((s for s in segments if closed or not s.open), None)
                if segment is None:
                    return None
                trying = segment.events
                found = form_segment(recipe.formation, segment, view)
                drafts = [d.with_(id=self.ids.new(view.now), state="proposed") for d in found]
                ops = [*settled(take_in(recipe, drafts, view), view), *formed(segment.events)]
            except ModelFailure as error:
                if not error.lasting or not self._set_aside(snapshot, trying, error):
                    raise
                return Written(calls=view.tools.calls)
            check_shown(ops, view)
            vectors, space = self._embed_new(snapshot, content_of(ops, snapshot))
        with self.store.transaction(bank) as transaction:
            self._apply(transaction, ops, vectors, space)
        made = tuple(op.record.id for op in ops if op.kind == "ADD" and op.record is not None)
        return Written(records=made, ops=len(ops), calls=view.tools.calls)

    def _set_aside(self, snapshot: Snapshot, events: Sequence[Event], error: ModelFailure) -> bool:
        """Note in the log that a segment was tried in vain; True when that was the last try."""
        tries = tries_of(snapshot, events[0]) + 1
        with self.store.transaction(snapshot.row.name) as transaction:
            self._apply(transaction, held_ops(events, tries, error, transaction.row.seq + 1), {}, None)
        return tries >= MOST_TRIES

    def reopen(self, bank: str) -> None:
        """Let what was set aside wait again, so that it is formed with what waits."""
        self.commit(bank, lambda view: reopening(view.snapshot))

    def run_due(self, bank: str, recipe: Recipe, *, closed: bool = False, idle: bool = False) -> Written:
        """Run the scheduled rules that are due; each is committed with the note that it ran.

        A rule that a language model fails stays due, and the reason is told.
        """
        total = Written()
        if not scheduled_rules(recipe):
            return total
        with self.store.snapshot(bank) as snapshot:
            progress = self.progress_in(recipe, snapshot, closed=closed, idle=idle)
        for due in due_rules(recipe, progress):
            slot = f"{bank}\n{due.name}"
            reason = self.patience.reason(self.clock.now(), slot) if self.patience else ""
            try:
                total += Written(pending_reason=reason) if reason else self.run_one(bank, due)
            except ModelFailure as error:
                self.patience.failed(error, self.clock.now(), slot)
                total += Written(pending_reason=f"rule {due.name.partition(':')[2]}: {error}")
            else:
                if not reason:
                    self.patience.worked(slot)
        return total

    def run_one(self, bank: str, due: Due) -> Written:
        """Run a scheduled rule; it is committed with the note that it ran."""
        propose = partial(run_rule, due.rule, since=due.since)
        return self._retrying(partial(self._commit_ops, bank, propose, due=due))

    def progress_in(self, recipe: Recipe, snapshot: Snapshot, *, closed: bool, idle: bool) -> RuleProgress:
        """By scheduled rule what happened since it last ran, and up to which seq it had looked then."""
        names, count = [name for name, _ in scheduled_rules(recipe)], self.models.counter().count
        return self._tallies.progress(snapshot, names, count, closed=closed, idle=idle, now=self.clock.now())

    def commit(self, bank: str, propose: Callable[[StoreView], Iterable[Op]]) -> Written:
        """Apply the ops that ``propose`` makes of a view; retried when another writer was faster."""
        return self._retrying(lambda: self._commit_ops(bank, propose))

    def _commit_ops(self, bank: str, propose: Callable[[StoreView], Iterable[Op]], due: Due | None = None) -> Written:
        with self.store.snapshot(bank) as snapshot:
            view = self.view_of(snapshot, purpose="write" if due is None else "idle")
            ops = settled(list(propose(view)), view)
            check_shown(ops, view)
            vectors, space = self._embed_new(snapshot, content_of(ops, snapshot))
            seen = snapshot.seq
        if not ops and due is None:
            return Written()
        with self.store.transaction(bank) as transaction:
            if due is not None:
                if transaction.ran(due.name) != due.since:
                    return Written(calls=view.tools.calls)
                # What another writer put in between was not looked at yet.
                until = seen + len(ops) + 1 if transaction.row.seq == seen else seen
                ops.append(Op(kind="NOOP", changes={"ran": {due.name: until}}, reason="ran", actor="evolution"))
            self._apply(transaction, ops, vectors, space)
        made = tuple(op.record.id for op in ops if op.kind == "ADD" and op.record is not None)
        return Written(records=made, ops=len(ops), calls=view.tools.calls)

    def _apply(
        self,
        transaction: Transaction,
        ops: Sequence[Op],
        vectors: Mapping[UnitKey, bytes],
        space: int | None,
    ) -> None:
        now = self.clock.now()
        row = transaction.row
        if space is not None and row.space not in (None, space):
            raise Conflict("the bank was moved to another embedder meanwhile; read again and retry")
        # One query for all that the ops name, instead of one for each.
        named = {i for op in ops if op.event is None for i in op.targets}
        named |= {op.record.id for op in ops if op.record is not None}
        working = Working(transaction.records, transaction.records(named), named)
        changes = [
            apply(op, seq=row.seq + i + 1, batch=row.batch + 1, at=now, working=working) for i, op in enumerate(ops)
        ]
        transaction.apply(Batch(changes, vectors, space))

    def _retrying(self, attempt: Callable[[], Result]) -> Result:
        for _ in range(RETRIES - 1):
            try:
                return attempt()
            except Conflict:
                continue
        return attempt()

    # Embedding.

    def _embed_new(self, snapshot: Snapshot, records: Sequence[Record]) -> tuple[dict[UnitKey, bytes], int | None]:
        units = list({u: None for record in records for u in units_of(record) if "d" in u.mode})
        known = snapshot.unit_ids(units) if units else {}
        missing = [unit for unit in units if (unit.name, unit.mode, unit.sha) not in known]
        if not missing:
            return {}, None
        space = self.space_for(snapshot.row.name, snapshot.row.space)
        return self.embed_units(missing), space.space

    def space_for(self, bank: str, current: int | None) -> SpaceRow:
        """The space of the configured embedder; raises EmbedderMismatch when the bank is in another one."""
        spec = self.models.load_embedder().spec
        row = self._space_row(bank, current)
        if row is not None and row.fingerprint != spec.fingerprint:
            raise EmbedderMismatch(
                f"embedder: bank {bank!r} holds vectors of {row.name!r}, and {spec.name!r} is configured; "
                f"configure {row.name!r}, or run 'mnemic reembed' to move the bank to {spec.name!r}"
            )
        found = row or self.store.space(bank, spec.fingerprint)
        return found or self.store.add_space(bank, spec.fingerprint, spec.name, spec.dim, {})

    def embed_units(self, units: Sequence[Unit]) -> dict[UnitKey, bytes]:
        """Vectors of units, as bytes of float32."""
        rows = self.models.embed([unit.text for unit in units])
        return {
            (unit.name, unit.mode, unit.sha): np.ascontiguousarray(row, np.float32).tobytes()
            for unit, row in zip(units, rows, strict=True)
        }
