"""Labels travel: what is formed, folded or changed carries the matters of all that it rests on.

    matters(new) ⊇ matters(its events) ∪ matters(records it is derived from, replaces or holds merged)

A fold of something labelled is labelled, whoever proposed it. What somebody has taken a label from by hand
(``fields["unlabelled"]``) does not get it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mnemic.core.facts import RESTS_ON
from mnemic.core.matters import matters_of
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.engine.apply import Working, apply
from mnemic.engine.dependents import ACTOR, STALE, with_dependents
from mnemic.engine.store_view import StoreView

UNLABELLED = "unlabelled"
_MAKING = ("ADD", "UPDATE", "MERGE")


def settled(ops: Sequence[Op], view: StoreView) -> list[Op]:
    """The ops with the labels that travel, and those that mark what rests on what they change."""
    return _with_premises(with_dependents(with_labels(list(ops), view), view), view)


def with_labels(ops: list[Op], view: StoreView) -> list[Op]:
    """The ops, with the labels of what each record rests on; the same list where none is to be added."""
    making = [op for op in ops if op.kind in _MAKING and op.record is not None]
    if not making:
        return ops
    carried = _carried(making, view)
    if not carried:
        return ops
    made = {op.record.id: op.record for op in making if op.record is not None}
    stood, stands = Working(view.snapshot.records), Working(view.snapshot.records)
    out: list[Op] = []
    for op in ops:
        new = op
        if op.kind in _MAKING and op.record is not None:
            labels = _reached(op, carried, made, set())
            new = replace(op, record=_labelled(op.record, labels))
        elif op.kind == "RETAG" and "labels" in op.changes and op.actor != "user":
            former = stands.get(op.targets[0])
            kept = matters_of(former.labels) if former is not None else ()
            given = tuple(op.changes["labels"])
            new = replace(op, changes={**op.changes, "labels": list(_union(given, kept))})
        # What a later op of the batch was shown is the record as it stands now that it has its labels.
        shas = {i: _sha_now(i, sha, stood, stands) for i, sha in op.before_sha.items()}
        new = replace(new, before_sha=shas)
        apply(replace(op, before_sha={}), seq=0, batch=0, at=view.now, working=stood)
        apply(replace(new, before_sha={}), seq=0, batch=0, at=view.now, working=stands)
        out.append(new)
    return out


def _sha_now(record_id: str, sha: str, stood: Working, stands: Working) -> str:
    before, now = stood.get(record_id), stands.get(record_id)
    return now.sha if before is not None and now is not None and before.sha == sha else sha


def _carried(making: Sequence[Op], view: StoreView) -> dict[str, tuple[str, ...]]:
    """Matters by the ids of events and of records that were there before, of those that have any."""
    pending = {event.id: event.labels for event in view.pending}
    sources: dict[str, None] = {}
    bases: dict[str, None] = {}
    for op in making:
        if op.record is not None:
            sources.update(dict.fromkeys(span.source for span in op.record.sources))
            bases.update(dict.fromkeys((*op.record.derived_from, *op.targets)))
    out = {i: matters_of(labels) for i, labels in pending.items() if labels}
    asked = [i for i in sources if i not in pending]
    found = view.snapshot.events(asked) if asked else {}
    out.update({i: matters_of(event.labels) for i, event in found.items() if event.labels})
    new = {op.record.id for op in making if op.kind == "ADD" and op.record is not None}
    records = [i for i in (*bases, *(i for i in asked if i not in found)) if i not in new]
    for record in view.snapshot.records(records).values() if records else ():
        out[record.id] = (*out.get(record.id, ()), *matters_of(record.labels))
    for op in making:
        if op.record is not None and op.kind == "ADD" and op.record.labels:
            out[op.record.id] = matters_of(op.record.labels)
    return {i: matters for i, matters in out.items() if matters}


def _reached(
    op: Op, carried: Mapping[str, tuple[str, ...]], made: Mapping[str, Record], seen: set[str]
) -> tuple[str, ...]:
    record = op.record
    if record is None:
        return ()
    out: list[str] = []
    waiting = [*(span.source for span in record.sources), *record.derived_from, *op.targets]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        out.extend(carried.get(one, ()))
        if one in made:
            waiting.extend((*(span.source for span in made[one].sources), *made[one].derived_from))
    return tuple(sorted(set(out)))


def _union(labels: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    own = tuple(labels)
    known = {label.casefold() for label in own}
    return (*own, *(label for label in more if label.casefold() not in known))


def _labelled(record: Record, labels: Iterable[str]) -> Record:
    freed = {str(label).casefold() for label in record.fields.get(UNLABELLED, ())}
    wanted = _union(record.labels, (label for label in labels if label not in freed))
    return record if wanted == record.labels else record.with_(labels=wanted)


def _with_premises(ops: list[Op], view: StoreView) -> list[Op]:
    """What is marked with a doubt tells of its premise in words, and so carries the premise's matters."""
    retags = (op for op in ops if op.actor == ACTOR and op.kind == "RETAG")
    marked = [op for op in retags if op.changes.get("fields", {}).get(STALE)]
    if not marked:
        return ops
    laid = [op.edge for op in ops if op.kind == "LINK" and op.edge is not None and op.edge.rel == RESTS_ON]
    made = {op.record.id: op.record for op in ops if op.record is not None}
    out = []
    for op in ops:
        if op not in marked:
            out.append(op)
            continue
        known = view.snapshot.edges([op.targets[0]], (RESTS_ON,), "out")
        premises = {edge.dst for edge in (*known, *(edge for edge in laid if edge.src == op.targets[0]))}
        found = view.snapshot.records(sorted(premises)) | {i: made[i] for i in premises if i in made}
        matters = sorted({m for record in found.values() for m in matters_of(record.labels)})
        labels = list(_union(op.changes.get("labels", ()), matters))
        out.append(replace(op, changes={**op.changes, "labels": labels}))
    return out
