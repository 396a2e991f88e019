"""Evolution: runs a recipe's rules over new records, and those whose trigger is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator, Forgetter, Gate, Linker, Progress, Resolver, Stage, Trigger
from mnemic.core.view import View
from mnemic.engine.apply import Working, apply
from mnemic.engine.store_view import StoreView


def rule_name(index: int, rule: Chain) -> str:
    """How the store remembers when a rule last ran: its place and its first working stage."""
    names = [stage.name for stage in rule if isinstance(stage, Stage) and not isinstance(stage, Trigger)]
    return f"{index}:{names[0] if names else ''}"


def trigger_of(rule: Chain) -> Trigger | None:
    """The rule's trigger, or None when it runs on every event."""
    first = rule.items[0] if rule.items else None
    return first if isinstance(first, Trigger) else None


def per_event_rules(recipe: Recipe) -> list[Chain]:
    """Rules that take part in taking in each segment: resolvers and linkers without a trigger."""
    return [rule for rule in recipe.evolution if trigger_of(rule) is None]


def is_stepwise(recipe: Recipe) -> bool:
    """Whether a segment's records must be stored before the next segment is looked at.

    Not so where nothing resolves or links, or where all that does says that it tells versions apart itself (``bulk``).
    """
    entering = per_event_rules(recipe)
    if any("language-model" in chain.needs() for chain in (recipe.formation, *entering)):
        return True
    return any(not getattr(stage, "bulk", False) for rule in entering for stage in rule.stages())


def scheduled_rules(recipe: Recipe) -> list[tuple[str, Chain]]:
    """Rules that run when their trigger is due, with their names."""
    return [(rule_name(i, rule), rule) for i, rule in enumerate(recipe.evolution) if trigger_of(rule) is not None]


def take_in(recipe: Recipe, drafts: Sequence[Record], view: StoreView) -> list[Op]:
    """The ops by which drafts enter the bank: resolved, linked, and gated; inserted when nothing resolves."""
    ops: list[Op] = []
    resolved = False
    for rule in per_event_rules(recipe):
        for stage in rule:
            if isinstance(stage, Resolver):
                resolved = True
                ops.extend(_proposed(partial(stage.resolve, drafts, view), drafts, view))
    if not resolved:
        ops.extend(Op.add(draft, actor="formation") for draft in drafts)
    gates = [stage for rule in per_event_rules(recipe) for stage in rule if isinstance(stage, Gate)]
    ops = [_gated(op, gates, view) for op in ops]
    # Linkers get the records as they will stand, so that what they propose for them is compared with just that.
    entered = [record for record in standing(ops, view) if record.state == "active"]
    linkers = [stage for rule in per_event_rules(recipe) for stage in rule if isinstance(stage, Linker)]
    for linker in linkers if entered else ():
        linked = _proposed(partial(linker.link, entered, view), entered, view)
        ops.extend(_gated(op, gates, view) for op in linked)
    return ops


def _proposed(propose: Callable[[], Iterable[Op]], given: Sequence[Record], view: StoreView) -> list[Op]:
    """What one stage proposes, checked against what this very stage was given and shown."""
    shown, view.shown = view.shown, {record.id for record in given}
    ops = list(propose())
    check_shown(ops, view)
    view.shown |= shown
    return ops


def standing(ops: Sequence[Op], view: StoreView) -> list[Record]:
    """The records that ADD and MERGE ops will have made, as they will stand once these are applied."""
    working = Working(view.snapshot.records)
    made: dict[str, Record] = {}
    for op in ops:
        change = apply(op, seq=0, batch=0, at=view.now, working=working)
        if op.kind in ("ADD", "MERGE") and op.record is not None:
            made.update({new.id: new for _, new in change.records if new.id == op.record.id})
    return list(made.values())


def run_rule(rule: Chain, view: StoreView, since: int) -> list[Op]:
    """The ops of a scheduled rule."""
    ops: list[Op] = []
    for stage in rule:
        if isinstance(stage, Consolidator):
            ops.extend(_proposed(partial(stage.run, view, since), (), view))
        elif isinstance(stage, Forgetter):
            ops.extend(_proposed(partial(stage.sweep, view, view.now), (), view))
    gates = [stage for stage in rule if isinstance(stage, Gate)]
    return [_gated(op, gates, view) for op in ops]


def _gated(op: Op, gates: Iterable[Gate], view: View) -> Op:
    for gate in gates:
        reason = gate.admit(op, view)
        if reason is None:
            continue
        if op.kind == "ADD" and op.record is not None:
            # What is refused is kept apart, not lost: governance can look at it and let it in.
            return Op.add(op.record.with_(state="quarantined"), reason=reason, actor=gate.name)
        return Op.noop(reason=f"{op.kind} refused: {reason}", actor=gate.name)
    return op


def check_shown(ops: Sequence[Op], view: StoreView) -> None:
    """Raise Refused when an op targets a record that its stage was not shown and did not make (law 2)."""
    made = {op.record.id for op in ops if op.kind in ("ADD", "MERGE") and op.record is not None}
    for op in ops:
        if op.kind == "ERASE":
            raise Refused("ERASE: only governance may erase")
        if op.kind in ("RETAIN", "NOOP"):
            continue
        for target in op.targets:
            if target not in view.shown and target not in made:
                raise Refused(f"{op.kind}: record {target!r} was not shown to {op.actor or 'the stage'}")


@dataclass(frozen=True, slots=True)
class Due:
    """A scheduled rule that is due, and since when."""

    name: str
    rule: Chain
    since: int


def due_rules(recipe: Recipe, progress: dict[str, tuple[Progress, int]]) -> list[Due]:
    """The scheduled rules whose trigger fires on their progress since they last ran."""
    out = []
    for name, rule in scheduled_rules(recipe):
        trigger = trigger_of(rule)
        made, since = progress[name]
        if trigger is not None and trigger.due(made):
            out.append(Due(name, rule, since))
    return out
