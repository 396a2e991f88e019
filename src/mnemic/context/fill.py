"""Filling: records enter a context in order of preference until the token budget is spent.

Σ tokens(line) + separators ≤ budget,   share_min(slot) reserved first, share_max(slot) never exceeded
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemic.context.lines import cut, numbered, wordings
from mnemic.core.errors import BadInput
from mnemic.core.quoting import occurs, sentences
from mnemic.core.reading import Block, Citation, Context, Cost, Hit, Query
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.times import instant
from mnemic.core.view import View
from mnemic.core.wording import speaker_of

MEMORY = "memory"

#: Block name, the kinds of record that go there, and the least and greatest share of the budget it gets.
Slot = tuple[str, tuple[str, ...], float, float]


#: Hits in a row that do not fit before the rest is given up: what room is left is too small for most.
PATIENCE = 10
#: A line is seldom shorter: so many tokens of the budget bring one record into consideration.
_TOKENS_A_LINE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A record that has a place: its block, its hit and the text that is shown of it."""

    block: str
    hit: Hit
    record: Record
    text: str


def check_slots(stage: str, slots: Sequence[Slot]) -> None:
    """Raises BadInput unless shares lie in 0..1, least before greatest, and the least add up to at most 1."""
    for name, _, least, most in slots:
        if not 0.0 <= least <= most <= 1.0:
            raise BadInput(f"{stage}.slots: {name!r} needs 0 <= least <= most <= 1, got {least} and {most}")
    if sum(slot[2] for slot in slots) > 1.0:
        raise BadInput(f"{stage}.slots: the least shares add up to more than 1; lower them")


def fill(
    preferred: Sequence[Hit],
    slots: Sequence[Slot],
    query: Query,
    view: View,
    blocks: Mapping[str, str] | None = None,
) -> Context:
    """A context of at most ``query.tokens`` tokens, filled in order of preference, shown in time order.

    A record that does not fit is shown in a shorter view or left out; the first one, when no view of it
    fits the whole budget, is cut at the end of a sentence. A record goes to the slot of its kind, or to the block that
    ``blocks`` names for its id.

    >>> from mnemic.core.list_view import ListView
    >>> notes = [Record(id="r1", kind="note", value="Tea. Cake."), Record(id="r2", kind="note", value="Rain")]
    >>> view = ListView(notes)
    >>> hits = [Hit("r1", 2, "a"), Hit("r2", 1, "a")]
    >>> for tokens in (3, 4, 8):
    ...     fill(hits, (), Query(text="", asked_at=view.now, tokens=tokens), view).text
    '[1] Tea. …'
    '[1] Tea. Cake.'
    '[1] Tea. Cake.\\n[2] Rain'
    """
    # Reading a record costs more than placing it, so no more are read than the budget is likely to hold.
    looked_at = len(preferred) if slots else max(32, query.tokens // _TOKENS_A_LINE)
    while True:
        considered = preferred[:looked_at]
        records = view.get(list(dict.fromkeys(hit.id for hit in considered)))
        first_seen: dict[str, Hit] = {}
        for hit in considered:
            if hit.id in records and records[hit.id].shown().strip():
                first_seen.setdefault(hit.id, hit)
        hits = list(first_seen.values())
        lines, full = _choose(hits, records, slots, query.tokens, view, blocks or {}) if hits else ([], False)
        if full or looked_at >= len(preferred):
            break
        looked_at *= 2
    order = {slot[0]: place for place, slot in enumerate(slots)}
    while lines:
        shown = sorted(lines, key=lambda line: (order.get(line.block, len(order)), *_place(line.record)))
        context = _render(shown, query, view)
        if context.tokens <= query.tokens:
            return context
        # Token counts of parts need not add up to that of the whole: the least preferred line makes way.
        lines = lines[:-1]
    return Context(query=query.text)


def _choose(
    hits: Sequence[Hit],
    records: Mapping[str, Record],
    slots: Sequence[Slot],
    budget: int,
    view: View,
    blocks: Mapping[str, str],
) -> tuple[list[Line], bool]:
    spent = dict.fromkeys([*(slot[0] for slot in slots), MEMORY], 0)
    chosen: dict[str, Line] = {}

    def size(record: Record, text: str) -> int:
        return view.tools.count_tokens(numbered(len(hits), record, text) + "\n")

    def block_of(record: Record) -> str:
        return blocks.get(record.id) or _block(record, slots)

    def take(hit: Hit, text: str, limit: int) -> bool:
        record = records[hit.id]
        block, tokens = block_of(record), size(record, text)
        if tokens > min(limit - spent[block], budget - sum(spent.values())):
            return False
        spent[block] += tokens
        chosen[hit.id] = Line(block, hit, record, text)
        return True

    first, instead = records[hits[0].id], hits[0].text
    if all(view.tools.count_tokens(numbered(1, first, text)) > budget for text in wordings(first, instead)):
        shortened = cut(instead or first.shown(), lambda text: size(first, text) <= budget)
        if shortened is not None:
            take(hits[0], shortened, budget)
    for name, _, least, _ in slots:
        for hit in hits:
            if least and hit.id not in chosen and block_of(records[hit.id]) == name:
                any(take(hit, text, int(least * budget)) for text in wordings(records[hit.id], hit.text))
    most = {slot[0]: int(slot[3] * budget) for slot in slots}
    misses = 0
    full = False
    for hit in hits:
        full = misses == PATIENCE or sum(spent.values()) >= budget
        if full:
            break
        if hit.id not in chosen:
            record = records[hit.id]
            limit = most.get(block_of(record), budget)
            misses = 0 if any(take(hit, text, limit) for text in wordings(record, hit.text)) else misses + 1
    return list(chosen.values()), full


def _block(record: Record, slots: Sequence[Slot]) -> str:
    return next((name for name, kinds, _, _ in slots if record.kind in kinds), MEMORY)


def _place(record: Record) -> tuple[float, str]:
    when = when_of(record)
    # Ids are made in the order of arrival, which tells turns of one instant apart.
    return ((when or instant(0)).timestamp() if when else float("-inf"), record.id)


def _render(lines: Sequence[Line], query: Query, view: View) -> Context:
    citations: list[Citation] = []
    texts: dict[str, list[str]] = {}
    numbers: dict[str, list[int]] = {}
    for number, line in enumerate(lines, start=1):
        record = line.record
        events = evidence_of(record, view)
        if line.hit.text:
            events = _quoted(line.hit.text, events, view)
        citations.append(Citation(number, record.id, events, when_of(record), speaker_of(record), line.hit))
        texts.setdefault(line.block, []).append(numbered(number, record, line.text))
        numbers.setdefault(line.block, []).append(number)
    blocks = tuple(Block(name, "\n".join(rows), tuple(numbers[name])) for name, rows in texts.items())
    context = Context(blocks=blocks, citations=tuple(citations), query=query.text)
    tokens = view.tools.count_tokens(context.text)
    return Context(blocks=blocks, citations=tuple(citations), cost=Cost(tokens=tokens), query=query.text)


def _quoted(text: str, events: tuple[str, ...], view: View) -> tuple[str, ...]:
    # A quotation rests on the turns whose words it repeats, not on all that the record does.
    said = view.events(events)
    parts = sentences(text)
    own = tuple(
        i for i in events if i in said and any(occurs(part, f"{said[i].speaker}: {said[i].text}") for part in parts)
    )
    return own or events


def evidence_of(record: Record, view: View) -> tuple[str, ...]:
    """The events that a record rests on: its own spans, or those of what it was derived from, to the end.

    >>> from mnemic.core.evidence import Span
    >>> from mnemic.core.list_view import ListView
    >>> said = Record(id="r1", kind="episodic", value="I moved", sources=(Span("e1"),))
    >>> fold = Record(id="r2", kind="summary", value="She moved", derived_from=("r1",))
    >>> evidence_of(fold, ListView([said, fold]))
    ('e1',)
    """
    events: dict[str, None] = {}
    seen = {record.id}
    layer = [record]
    while layer:
        events.update(dict.fromkeys(span.source for one in layer for span in one.sources))
        below = [i for one in layer if not one.sources for i in one.derived_from if i not in seen]
        seen.update(below)
        layer = list(view.get(below).values()) if below else []
    return tuple(events)
