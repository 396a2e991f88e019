"""Versions: of two statements about one attribute of one subject the later valid one wins, in code (law 11).

    v_i holds during [from_i, from_{i+1});   current = the version with the latest from
    an ending holds no value;   where an attribute has many values, each value has versions of its own

What arrives late takes its place in the past, so the order of arrival does not matter. What is said once more is known
already: the record notes when, and gains the source. Nothing is lost: a former version is superseded, and keeps when it
was valid.
Source: this project; validity intervals as in R. Snodgrass, "The Temporal Query Language TQuel", TODS 12(2), 1987.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from mnemic.core.facts import (
    OPEN_END,
    as_fact,
    has_ended,
    has_many,
    premises_of,
    same_value,
    slot_of,
    valid_from,
    value_of,
)
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Resolver
from mnemic.core.times import Interval, instant
from mnemic.core.view import View
from mnemic.evolution.insert_only import InsertOnly

#: When a value was said once more, while it held: it holds again then, should another come to lie between.
SAID_AGAIN = "said_again"
_MOST = 100_000


@dataclass(frozen=True)
class Versions(Resolver):
    """Puts facts into the line of versions of their slot; drafts that name no slot go to ``then``.

    A fact is a draft with the fields ``subject``, ``attribute`` and ``value``. It becomes an ADD, current or already
    superseded by what is valid later; the one before it is superseded with ``valid_until``; a value that held already
    is a NOOP with its evidence, and an UPDATE that adds the source. ``ended`` closes what holds. Has an attribute
    ``many`` values (it says so, is a plural, or is added to with "also"), then one value does not replace another,
    and an ending closes the value that it names. A fact that rests on others and is said once more is a new version:
    it rests on what they are by now.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.times import Times, instant
    >>> def home(i, city, day):
    ...     return as_fact(Record(id=i, kind="semantic", value=f"Anna lives in {city}",
    ...                           fields={"subject": "Anna", "attribute": "home", "value": city},
    ...                           times=Times(event=Interval(instant(day), instant(day)))))
    >>> view = ListView([home("r1", "Porto", "2026-01-01")])
    >>> for op in Versions().resolve([home("d1", "Lisbon", "2026-05-03")], view):
    ...     print(op.kind, op.targets, op.changes.get("valid_until", ""))
    SUPERSEDE ('r1',) 2026-05-03T00:00:00+00:00
    ADD ('d1',)
    """

    name: ClassVar[str] = "versions"
    sight: ClassVar[str] = "event"
    #: It needs no segment to be stored before the next: versions are told apart by their times.
    bulk: ClassVar[bool] = True

    then: Resolver = field(default_factory=InsertOnly)

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """Ops for the facts, slot by slot, and what ``then`` makes of the rest."""
        facts: dict[str, list[Record]] = {}
        rest = []
        for draft in drafts:
            if slot := slot_of(draft):
                facts.setdefault(slot, []).append(as_fact(draft))
            else:
                rest.append(draft)
        ops = list(self.then.resolve(rest, view)) if rest else []
        known = _known(list(facts), view) if facts else {}
        for slot, told in facts.items():
            for line in _lines(known.get(slot, []), told):
                ops.extend(self._settled(line, view))
        return ops

    def _settled(self, line: Sequence[_Item], view: View) -> Iterable[Op]:
        """The ops that make a line of versions, in order of validity, true."""
        held: list[_Item] = []
        for item in line:
            before = held[-1] if held else None
            if item.echo and (before is None or has_ended(before.record)):
                continue
            if item.again and (before is None or not _same(before.record, item.record)):
                # What was said again holds again after what is now known to lie between.
                held.append(_Item(_copied(item, view), item.start, new=True))
            elif item.again or (before is not None and item.echo is False and _same(before.record, item.record)):
                if before is not None and not item.again:
                    held[-1] = joined = _joined(before, item)
                    if item.new or before.new:
                        reason = f"says what {joined.record.id} says"
                        said = item.record if item.new else before.record
                        yield Op.noop(reason=reason, evidence=said.sources, actor=self.name)
            elif item.new and not item.echo and before is not None and _ends_another(item.record, before.record):
                reason = f"ends what {before.record.id} had replaced"
                yield Op.noop(reason=reason, evidence=item.record.sources, actor=self.name)
            else:
                held.append(item)
        for place, item in enumerate(held):
            yield from self._placed(item, held[place + 1] if place + 1 < len(held) else None)

    def _placed(self, item: _Item, follows: _Item | None) -> Iterable[Op]:
        if item.echo:
            return
        record = item.record
        told_end = record.times.valid.end if record.times.valid else OPEN_END
        end = max(item.start, min(told_end, follows.start) if follows else told_end)
        if item.new:
            times = replace(record.times, valid=Interval(item.start, end))
            if follows is not None:
                fields = {**record.fields, "superseded_by": follows.record.id}
                record = record.with_(state="superseded", fields=fields)
            yield Op.add(record.with_(times=times), actor=self.name)
            return
        if item.shown is not None:
            record = record.with_(times=replace(record.times, valid=Interval(item.start, max(item.start, told_end))))
            yield Op.update(item.shown, record, reason="said once more", actor=self.name)
        if follows is not None and (follows.new or follows.shown is not None):
            reason = _reason(record, follows.record)
            yield Op.supersede(record, follows.record.id, valid_until=end, reason=reason, actor=self.name)


@dataclass(frozen=True, slots=True)
class _Item:
    record: Record
    start: datetime
    new: bool
    #: Stands in another line than its own: it closes what it finds there.
    echo: bool = False
    #: The same record, at a later time at which it was said once more.
    again: bool = False
    #: The record as it is stored, when more is known of it by now.
    shown: Record | None = None


def _known(slots: Sequence[str], view: View) -> dict[str, list[Record]]:
    """What is believed, and was, of slots; what a user set aside is neither."""
    where = Where(states=("active", "superseded"))
    hits = view.tagged("tag", [f"slot:{slot}" for slot in slots], k=_MOST, where=where)
    out: dict[str, list[Record]] = {}
    for record in sorted(view.get([hit.id for hit in hits]).values(), key=lambda record: record.id):
        out.setdefault(slot_of(record), []).append(record)
    return out


def _lines(known: Sequence[Record], told: Sequence[Record]) -> list[list[_Item]]:
    """A slot's lines of versions, each in order of validity: one, or one for each value of an attribute with many."""
    items = [_Item(record, valid_from(record), False) for record in known]
    items += [_Item(record, valid_from(record), True) for record in told]
    items += [_Item(r, instant(said), False, again=True) for r in known for said in r.fields.get(SAID_AGAIN, ())]
    # The sort is stable: of two that are valid from one instant, the one that came later wins.
    items.sort(key=lambda item: item.start)
    if not any(has_many(item.record) for item in items):
        return [items]
    lines: list[list[_Item]] = []
    closing = [item for item in items if has_ended(item.record) and not value_of(item.record)]
    for item in items:
        same = next((line for line in lines if same_value(value_of(line[0].record), value_of(item.record))), None)
        if same is not None:
            same.append(item)
        else:
            lines.append([item])
    for line in lines:
        if value_of(line[0].record):
            line.extend(replace(item, echo=True) for item in closing)
            line.sort(key=lambda item: item.start)
    return lines


def _joined(first: _Item, second: _Item) -> _Item:
    """Two statements of one value in a row as one, which notes when it was said again; a stored one keeps its id."""
    kept, other = (second, first) if first.new and not second.new else (first, second)
    start = first.start
    again = {*kept.record.fields.get(SAID_AGAIN, ()), *other.record.fields.get(SAID_AGAIN, ())}
    again |= {item.start.isoformat() for item in (first, second) if item.start > start}
    sources = tuple(dict.fromkeys((*kept.record.sources, *other.record.sources)))
    if not kept.new and not other.new:
        return kept
    record = kept.record.with_(fields={**kept.record.fields, SAID_AGAIN: sorted(again)}, sources=sources)
    return replace(kept, record=record, start=start, shown=None if kept.new else kept.shown or kept.record)


def _copied(item: _Item, view: View) -> Record:
    left_out = (SAID_AGAIN, "superseded_by")
    fields = {name: value for name, value in item.record.fields.items() if name not in left_out}
    times = replace(item.record.times, valid=None, superseded_at=None)
    return item.record.with_(id=view.tools.new_id(), state="proposed", version=1, fields=fields, times=times)


def _same(first: Record, second: Record) -> bool:
    """Whether a statement says what held before it; what rests on others, or was in doubt, is told anew."""
    if first.fields.get("stale") or premises_of(second) or has_ended(first) != has_ended(second):
        return False
    return has_ended(first) or same_value(value_of(first), value_of(second))


def _ends_another(ending: Record, held: Record) -> bool:
    """Whether an ending names a value that had been replaced before it."""
    if not has_ended(ending) or not value_of(ending) or has_ended(held):
        return False
    return not same_value(value_of(ending), value_of(held))


def _reason(record: Record, by: Record) -> str:
    if has_ended(by):
        return f"ended: {value_of(record) or record.value}"
    return f"{value_of(record) or record.value} was followed by {value_of(by) or by.value}"
