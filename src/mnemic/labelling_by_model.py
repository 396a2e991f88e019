"""Labels by a language model: what is remembered is labelled by rule on its way in, and looked at by a model later.

    labels(event) = given by hand  ∪  by rule, at the way in  ∪  by the model, when the bank is consolidated

A model only adds. What it reads may be written to mislead it, and a label that was taken away would open what a policy
withholds; to take one away is a hand's. Where the model fails, nothing changes: the labels by rule stand, and what was
not looked at waits for the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mnemic.core.errors import Malformed, ModelFailure, TooLarge
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import STATES, Record
from mnemic.engine.asking import Asking
from mnemic.engine.engine import Engine
from mnemic.engine.intake import Written
from mnemic.engine.labels import UNLABELLED
from mnemic.engine.scoped import LABELLED
from mnemic.engine.store_view import StoreView
from mnemic.governance.labelling import Labeller
from mnemic.store.notes import Note

#: The note of a bank that says up to which event a model has looked.
NOTE, NOTE_ID = "labelled", "model"
ACTOR = "labels"
_AT_ONCE = 32
_MOST_TEXT = 8000
_SHOWN_EXAMPLES = 3
_EVERY = Where(states=STATES, secrets=True)


def label_waiting(engine: Engine, bank: str, labeller: Labeller) -> Written:
    """Ask a model about every event that is formed and that none has looked at, and give records what it says.

    Each run of events is committed by itself. A model that fails ends it, and why is told as ``pending_reason``.
    """
    slot = f"{bank}\n{ACTOR}"
    if reason := engine.patience.reason(engine.clock.now(), slot):
        return Written(pending_reason=reason)
    total = Written()
    while events := _unlooked(engine, bank):
        asking = engine.asking(bank, "idle", engine.clock.now())
        found: dict[str, tuple[str, ...]] = {}
        failure: ModelFailure | None = None
        for event in events:
            try:
                found[event.id] = _asked(asking, event, labeller)
            except (Malformed, TooLarge):
                # It will not be answered better next time: the labels by rule stand.
                found[event.id] = ()
            except ModelFailure as error:
                failure = error
                break
        looked = events[: len(found)]
        if any(found.values()):
            total += engine.commit(bank, lambda view, found=found: labelled(found, view))  # type: ignore[misc]
        total += Written(calls=asking.calls)
        if looked:
            body = {"until": looked[-1].seq}
            engine.store.put_note(Note(bank=bank, kind=NOTE, id=NOTE_ID, at=engine.clock.now(), body=body))
        if failure is not None:
            engine.patience.failed(failure, engine.clock.now(), slot)
            return total + Written(pending_reason=f"labels: {failure}")
        engine.patience.worked(slot)
    return total


def _unlooked(engine: Engine, bank: str) -> Sequence[Event]:
    note = engine.store.note(bank, NOTE, NOTE_ID)
    with engine.store.snapshot(bank) as snapshot:
        page = snapshot.event_page(None, int(note.body["until"]) if note is not None else 0, _AT_ONCE)
        waiting = {event.id for event in snapshot.unformed(None)}
    formed: list[Event] = []
    for event in page:
        # Records are what is labelled, so that what is not formed yet is looked at later, in its order.
        if event.id in waiting:
            break
        formed.append(event)
    return formed


def _asked(asking: Asking, event: Event, labeller: Labeller) -> tuple[str, ...]:
    text = "\n".join((event.text, *event.captions)).strip()[:_MOST_TEXT]
    if not text:
        return ()
    matters = [
        {"name": matter, "about": "; ".join(labeller.lexicon.examples.get(matter, ())[:_SHOWN_EXAMPLES])}
        for matter in labeller.matters
    ]
    known = {label.casefold() for label in event.labels}
    suggested = [matter for matter in labeller.matters if matter in known]
    told = asking.ask("label_matter", {"text": text, "matters": matters, "suggested": suggested})
    return tuple(matter for matter in told["matters"] if matter.casefold() not in known)


def labelled(found: Mapping[str, Sequence[str]], view: StoreView) -> Iterable[Op]:
    """Ops that give labels to all records that rest on events, at any remove, but for those a hand took away there."""
    everything = list(view.scan(_EVERY))
    resting: dict[str, list[Record]] = {}
    for record in everything:
        for base in {*record.derived_from, *(span.source for span in record.sources)}:
            resting.setdefault(base, []).append(record)
    wanted: dict[str, dict[str, bool]] = {}
    for event, labels in found.items():
        reached, waiting = set[str](), [(record, True) for record in resting.get(event, ())]
        while waiting and labels:
            record, direct = waiting.pop()
            if record.id in reached:
                continue
            reached.add(record.id)
            own = wanted.setdefault(record.id, {})
            own.update({label: direct or own.get(label, False) for label in labels})
            waiting += [(other, False) for other in resting.get(record.id, ())]
    for record in everything:
        if (asked := wanted.get(record.id)) and (op := _retag(record, asked)) is not None:
            yield op


def _retag(record: Record, asked: Mapping[str, bool]) -> Op | None:
    freed = {str(label).casefold() for label in record.fields.get(UNLABELLED, ())}
    known = {label.casefold() for label in record.labels}
    new = tuple(label for label in asked if label not in freed and label not in known)
    if not new:
        return None
    # What a record of an event is labelled holds for the event too, which no index says anything of.
    marked = sorted({*record.fields.get(LABELLED, ()), *(label for label in new if asked[label])})
    fields = {LABELLED: marked} if marked else {}
    return Op.retag(
        record,
        labels=(*record.labels, *new),
        fields=fields,
        reason="a language model says what it is about",
        actor=ACTOR,
    )
