"""Re-forming: makes of a bank's events what another recipe makes of them, while the bank goes on as it is.

    1. a note in the bank's log says which recipe is wanted
    2. a hidden bank takes in the same events in their order under that recipe, in commits of its own
    3. one transaction supersedes the former records, repeats the hidden bank's ops, and changes the recipe

Until the third the bank reads and writes by its former recipe; what it retains meanwhile the job takes in too. Killed
anywhere, it goes on where it was. All that it changes is in the log: replay, branches and archives need no more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby

from mnemic.core.errors import BadInput, Conflict, ModelFailure, NotFound, Refused
from mnemic.core.evidence import Event
from mnemic.core.op import LogEntry, Op
from mnemic.core.outcomes import Switched as Switched
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Record
from mnemic.engine.branching import stored_vectors
from mnemic.engine.carrying import Carried, carry, texts
from mnemic.engine.engine import Engine
from mnemic.engine.evolve import is_stepwise, scheduled_rules
from mnemic.engine.hiding import make_hidden
from mnemic.engine.labels import settled
from mnemic.engine.quarantining import release_ops, withheld
from mnemic.engine.reembed import reembed
from mnemic.engine.replay import UnitKey, replay
from mnemic.engine.switch_notes import SWITCHED, UNDER_WAY, begin, hidden_name, tidy
from mnemic.store.protocol import Snapshot, Unit

WINDOW = 2048

Progress = Callable[[int, int], None]


def switch(
    engine: Engine, bank: str, recipe: Recipe, recorded: str, *, on_progress: Progress | None = None
) -> Switched:
    """Re-form a bank's events under ``recipe``, which is kept as ``recorded``; goes on where an earlier call ended.

    Raises ModelUnavailable when the recipe writes with a language model and none is configured, EmbedderMismatch when
    the bank must be re-embedded first.
    """
    engine.models.require(recipe)
    since = begin(engine, bank, recorded, recipe.name)
    hidden = hidden_name(bank, since)
    tidy(engine, bank, keep=hidden)
    with suppress(BadInput):
        # Another process may have begun on it.
        make_hidden(engine, hidden, recorded, bank)
    _same_embedder(engine, bank, hidden, recipe)
    job = _Job(engine, bank, hidden, recipe, recorded, since, on_progress)
    try:
        while True:
            job.catch_up()
            if (done := job.finish()) is not None:
                break
    except ModelFailure as error:
        return Switched(recipe=recipe.name, state="paused", reason=str(error))
    except NotFound:
        if engine.store.bank(bank) is None:
            raise
        raise _ended(bank) from None
    engine.store.drop_bank(hidden)
    return done


def _ended(bank: str) -> Refused:
    return Refused(f"switch: that of bank {bank!r} was ended by another process; 'mnemic switch --status' tells more")


def _same_embedder(engine: Engine, bank: str, hidden: str, recipe: Recipe) -> None:
    rows = [engine.store.bank(name) for name in (bank, hidden)]
    main, made = (row.space if row is not None else None for row in rows)
    if main is not None and "embedder" in recipe.needs():
        engine.space_for(bank, main)
    if made is not None:
        # The bank may have been moved to another embedder since the job began.
        reembed(engine, hidden)


@dataclass(slots=True)
class _Job:
    engine: Engine
    bank: str
    hidden: str
    recipe: Recipe
    recorded: str
    since: int
    on_progress: Progress | None
    after: int = 0
    vectors: dict[UnitKey, bytes] = field(default_factory=dict)

    def catch_up(self) -> None:
        """Form what the bank has retained and the hidden bank has not, as sessions that are over."""
        kept = self._kept_back()
        self._form_waiting(closed=False)
        while True:
            with self.engine.store.snapshot(self.bank) as now:
                window = list(now.log(self.after, self.after + WINDOW))
                total = now.counters()["events"]
            if not window:
                break
            for run in self._runs(window):
                ended = any("reward" in event.meta for event in run)
                if self.engine.retain(self.hidden, self.recipe, run, close=ended, quarantined=kept).pending:
                    self._form_waiting(closed=False)
                self._report(total)
            self.after = window[-1].seq
        self._form_waiting(closed=True)
        if reason := self.engine.run_due(self.hidden, self.recipe, closed=True, idle=True).pending_reason:
            raise ModelFailure(reason)

    def _kept_back(self) -> dict[str, list[str]]:
        """What must not be formed; what was, and was released meanwhile, waits in the hidden bank from here on."""
        with self.engine.store.snapshot(self.bank) as now, self.engine.store.snapshot(self.hidden) as made:
            kept = withheld(now.log(0, None))
            released = [i for i in withheld(made.log(0, None)) if i not in kept]
        if released:
            self.engine.commit(self.hidden, lambda view: release_ops(view.snapshot, released, "", "switch"))
        return kept

    def _form_waiting(self, *, closed: bool) -> None:
        with self.engine.store.snapshot(self.hidden) as made:
            sessions = list(dict.fromkeys(event.session for event in made.unformed(None)))
        for session in sessions:
            while True:
                try:
                    self.engine.form_session(self.hidden, self.recipe, session, closed=closed)
                except ModelFailure as error:
                    # A segment that cannot be formed at all is set aside by the engine after some tries.
                    if not error.lasting:
                        raise
                else:
                    break

    def _runs(self, window: Sequence[LogEntry]) -> list[list[Event]]:
        # Where it matters in which portions events came, they come in the portions in which they came first.
        told = [(entry.batch, entry.op.event) for entry in window if entry.op.event is not None]
        with self.engine.store.snapshot(self.hidden) as made:
            known = made.events([event.id for _, event in told])
        fresh = [(batch, event) for batch, event in told if event.id not in known]
        if not is_stepwise(self.recipe) and not scheduled_rules(self.recipe):
            return [[event for _, event in fresh]] if fresh else []
        return [[event for _, event in run] for _, run in groupby(fresh, key=lambda pair: pair[0])]

    def _report(self, total: int) -> None:
        if self.on_progress is not None:
            with self.engine.store.snapshot(self.hidden) as made:
                self.on_progress(made.counters()["events"], total)

    def finish(self) -> Switched | None:
        """Put the new records into the place of the former ones; None when the bank went on meanwhile."""
        space = None
        planned = self._plan()
        if planned is None:
            return None
        units, has_vectors = planned.units, planned.has_vectors
        if missing := [unit for unit in units if (unit.name, unit.mode, unit.sha) not in self.vectors]:
            self.vectors.update(self.engine.embed_units(missing))
        if self.vectors or has_vectors:
            row = self.engine.store.bank(self.bank)
            space = self.engine.space_for(self.bank, row.space if row else None).space
        with self.engine.store.transaction(self.bank) as transaction:
            if transaction.ran(UNDER_WAY) != self.since:
                raise _ended(self.bank)
            if transaction.row.seq != planned.seen:
                # The lock is held now, so that this plan is of the bank as it will stay.
                planned = self._plan()
                if planned is None or any((u.name, u.mode, u.sha) not in self.vectors for u in planned.units):
                    return None
            if space is not None and transaction.row.space not in (None, space):
                raise Conflict("the bank was moved to another embedder meanwhile; switch again")
            with self.engine.store.snapshot(self.hidden) as made:
                find = stored_vectors(made)
                replay(planned.entries, transaction, lambda units: {**self.vectors, **find(units)}, space=space)
        return planned.result

    def _plan(self) -> _Plan | None:
        with (
            self.engine.store.snapshot(self.bank) as now,
            self.engine.store.snapshot(self.hidden) as made,
        ):
            if now.counters()["events"] != made.counters()["events"]:
                return None
            if withheld(now.log(0, None)).keys() != withheld(made.log(0, None)).keys():
                return None
            former, new = (snapshot.records(snapshot.index().ids) for snapshot in (now, made))
            last = now.rules().get(SWITCHED, (0, None))[0]
            carried = carry(now, former, new, last)
            carried.ops = settled(carried.ops, self.engine.view_of(made))
            aside = [r for r in former.values() if r.state == "active" and r.id not in carried.kept]
            units = dict.fromkeys(texts([*carried.ops, *carried.rekeyed]))
            known = now.unit_ids(list(units)) if units else {}
            return _Plan(
                seen=now.seq,
                entries=self._entries(now, made, aside, carried),
                units=[u for u in units if "d" in u.mode and (u.name, u.mode, u.sha) not in known],
                has_vectors=made.row.space is not None,
                result=Switched(
                    recipe=self.recipe.name,
                    events=made.counters()["events"],
                    records=sum(record.state == "active" for record in new.values()),
                    superseded=len(aside),
                    carried=dict(carried.counts),
                    kept=tuple(carried.kept),
                    left=dict(carried.left),
                ),
            )

    def _entries(self, now: Snapshot, made: Snapshot, aside: Iterable[Record], carried: Carried) -> list[LogEntry]:
        reason = "recipe switch"
        ops = [Op.supersede(r, carried.by.get(r.id, ""), reason=reason, actor="switch") for r in aside]
        repeated: list[int] = []
        first = now.seq + len(ops)
        waiting = dict(carried.seeds)
        for entry in made.log(0, None):
            op = entry.op
            if op.kind == "RETAIN" or set(op.changes) & {"quarantined", "released"} or set(op.changes) == {"formed"}:
                continue
            repeated.append(entry.seq)
            if op.record is not None and op.record.id in waiting:
                op = replace(op, record=op.record.with_(stats=waiting.pop(op.record.id)))
            if "ran" in op.changes:
                # A rule has looked at as much of what is repeated here as it had looked at there.
                seen = op.changes["ran"].items()
                ran = {rule: seq and first + bisect_right(repeated, seq) for rule, seq in seen}
                op = replace(op, changes={**op.changes, "ran": ran})
            ops.append(op)
        ops += [*carried.ops, *carried.rekeyed]
        # A rule that never ran there has all before it here too, whatever a former one of its name had seen.
        unseen = dict.fromkeys(set(now.rules()) - set(made.rules()), 0)
        ops.append(
            Op(
                kind="NOOP",
                changes={
                    "recipe": {"from": now.row.recipe, "to": self.recorded},
                    "formed": [event.id for event in now.unformed(None)],
                    "ran": {**dict(sorted(unseen.items())), UNDER_WAY: 0, SWITCHED: now.seq},
                },
                reason="recipe switched",
                actor="switch",
            )
        )
        at = self.engine.clock.now()
        return [LogEntry(now.seq + i, now.row.batch + 1, at, op) for i, op in enumerate(ops, 1)]


@dataclass(frozen=True, slots=True)
class _Plan:
    seen: int
    entries: list[LogEntry]
    units: list[Unit]
    has_vectors: bool
    result: Switched
