"""What records are about, said by hand: labels given and taken away; a part of :class:`mnemic.bank.Bank`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mnemic.core.errors import BadInput
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import STATES, Record
from mnemic.engine.labels import UNLABELLED
from mnemic.engine.scoped import LABELLED, behind_wall
from mnemic.engine.store_view import StoreView
from mnemic.engine.twins import with_twins
from mnemic.messages import check_text
from mnemic.record_verbs import RecordVerbs

_EVERY = Where(states=STATES, secrets=True)


class LabelVerbs(RecordVerbs):
    """Labels of records."""

    __slots__ = ()

    def relabel(self, record_id: str, labels: Sequence[str], *, reason: str = "") -> Record:
        """Say what a record is about. What rests on it, and what else was made of the same words, is labelled too."""
        wanted = checked_labels(labels)

        def propose(view: StoreView) -> Iterable[Op]:
            self._shown(behind_wall(view, self.scope), record_id)
            # Whoever may see the record may label it; what rests on it is labelled whether he sees that or not.
            return relabelled(record_id, wanted, view, reason)

        self.engine.commit(self.name, propose)
        return self.get(record_id)

    def unlabel(self, record_id: str, labels: Sequence[str], *, reason: str = "") -> Record:
        """Take labels away from one record, and from what says the same words of the same event."""
        given = {label.casefold() for label in checked_labels(labels)}

        def propose(view: StoreView) -> Iterable[Op]:
            for record in with_twins(self._shown(view, record_id), view):
                kept = tuple(label for label in record.labels if label.casefold() not in given)
                freed = sorted({*record.fields.get(UNLABELLED, ()), *given})
                fields = {UNLABELLED: freed, LABELLED: [x for x in record.fields.get(LABELLED, ()) if x not in given]}
                yield Op.retag(record, labels=kept, fields=fields, reason=reason, actor="user")

        self.engine.commit(self.name, propose)
        return self.get(record_id)


def checked_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels as they are kept, each once; raises BadInput."""
    if isinstance(labels, str) or not labels:
        raise BadInput("labels: give one or more, such as health")
    for label in labels:
        check_text(label, "labels", limit=100)
        if not label.strip():
            raise BadInput("labels: an empty one says nothing; leave it out")
    return tuple(dict.fromkeys(labels))


def relabelled(record_id: str, labels: Sequence[str], view: StoreView, reason: str) -> list[Op]:
    """Ops that label a record, what was made of the same event, and all that rests on any of these."""
    first = view.get([record_id])[record_id]
    events = {span.source for span in first.sources}
    everything = view.scan(_EVERY)
    reached = {first.id: first}
    if len(events) == 1:
        reached |= {r.id: r for r in everything if {span.source for span in r.sources} == events}
    growing = True
    while growing:
        found = {r.id: r for r in everything if r.id not in reached and _rests_on(r, reached)}
        reached |= found
        growing = bool(found)
    out = []
    for record in reached.values():
        kept = tuple(label for label in labels if label.casefold() not in {x.casefold() for x in record.labels})
        fields: dict[str, object] = {UNLABELLED: [x for x in record.fields.get(UNLABELLED, ()) if x not in labels]}
        if record.id == record_id:
            by_hand = {*record.fields.get(LABELLED, ()), *(label.casefold() for label in labels)}
            fields[LABELLED] = sorted(by_hand)
        if kept or record.id == record_id:
            out.append(Op.retag(record, labels=(*record.labels, *kept), fields=fields, reason=reason, actor="user"))
    return out


def _rests_on(record: Record, reached: dict[str, Record]) -> bool:
    return any(base in reached for base in record.derived_from) or any(s.source in reached for s in record.sources)
