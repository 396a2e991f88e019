"""Slot answers: what the facts that a question asks for say, in words, by code alone.

current: the valid value;  previous, first, history: the line of versions;  list, count: values held side by side;
still: whether a value that was named holds;  affected: what rests on it, to the end of the chain;  absent: nothing said
Source: this project.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mnemic.core.analysis import stem, terms, words
from mnemic.core.facts import FACT, OPEN_END, RESTS_ON, has_ended, has_many, same_value, valid_from, value_of
from mnemic.core.matching import matches
from mnemic.core.names import find_names
from mnemic.core.reading import Query
from mnemic.core.record import Record
from mnemic.core.slot_question import Asked, asked_slot
from mnemic.core.view import View
from mnemic.core.wording import date_words

UNKNOWN = "Nothing is remembered about"
#: The key of the words that were said.
SAID = "words"
_HORIZON = 8


@dataclass(frozen=True, slots=True)
class Known:
    """An answer out of facts: the operation, the answer in words, the facts that it stands on, and their slot."""

    operation: str
    text: str
    facts: tuple[Record, ...] = ()
    slot: str = ""


def known_of(query: Query, view: View) -> Known | None:
    """What facts answer to a question; None when it is not about facts, or they do not settle it.

    >>> from mnemic.core.facts import as_fact
    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([as_fact(Record(id="f", kind="semantic", value="Anna lives in Porto",
    ...                                 fields={"subject": "Anna", "attribute": "home town", "value": "Porto"}))])
    >>> known_of(Query(text="What is Anna's home town?", asked_at=view.now), view).text
    'Porto'
    >>> known_of(Query(text="What is Anna's blood type?", asked_at=view.now), view).text
    'Nothing is remembered about this: blood type, Anna.'
    """
    asked = asked_slot(query, view)
    if asked is None:
        return _unmentioned(query, view)
    if asked.slot is None:
        return _absent(asked, query, view)
    return told_by(asked.slot.name, asked.slot.facts, asked.operation, query, view)


def told_again(operation: str, slot: str, query: Query, view: View) -> Known | None:
    """The answer once more, to a question whose slot and operation were found already."""
    where = query.where.and_(labels=(FACT,), states=("active", "superseded"))
    hits = view.tagged("tag", [f"slot:{slot}"], k=1000, where=where)
    facts = view.get([hit.id for hit in hits]).values()
    return told_by(slot, sorted(facts, key=lambda fact: (valid_from(fact), fact.id)), operation, query, view)


def told_by(slot: str, facts: Sequence[Record], operation: str, query: Query, view: View) -> Known | None:
    """What the facts of a slot, in order of validity, say to an operation."""
    known = _told(facts, operation, query, view)
    return replace(known, slot=slot) if known is not None else None


def _told(facts: Sequence[Record], operation: str, query: Query, view: View) -> Known | None:
    live = [fact for fact in facts if fact.state == "active"]
    past = _distinct(fact for fact in facts if not has_ended(fact))
    if operation == "affected":
        return _affected(facts, query, view)
    if operation in ("count", "list") or (operation == "current" and any(has_many(fact) for fact in live)):
        held = [fact for fact in live if not has_ended(fact)]
        listed = "; ".join(_valued(fact) for fact in held) or _ended(live)
        return Known(operation, f"{len(held)}: {listed}" if operation == "count" else listed, tuple(held or live))
    if operation == "still":
        return _still(live, past, query)
    if operation in ("previous", "first", "history") and past:
        return _earlier(operation, live, past, query)
    if not live:
        return None
    last = live[-1]
    return Known(operation, _ended([last]) if has_ended(last) else _valued(last), (last,))


def _distinct(facts: Iterable[Record]) -> list[Record]:
    """Versions of one value after another as the last of them: what was said once more did not change."""
    out: list[Record] = []
    for fact in facts:
        if out and same_value(value_of(out[-1]), value_of(fact)):
            out.pop()
        out.append(fact)
    return out


def _valued(fact: Record) -> str:
    doubt = f" (uncertain: {fact.fields['stale']})" if fact.fields.get("stale") else ""
    return (value_of(fact) or fact.value) + doubt


def _ended(live: Sequence[Record]) -> str:
    endings = [fact for fact in live if has_ended(fact)]
    return "; ".join(f"No longer, since {date_words(valid_from(fact))}: {fact.value}" for fact in endings) or "None now"


def _span(fact: Record) -> str:
    end = fact.times.valid.end if fact.times.valid else OPEN_END
    return f"until {date_words(end)}" if end < OPEN_END else f"since {date_words(valid_from(fact))}"


def _earlier(operation: str, live: Sequence[Record], past: Sequence[Record], query: Query) -> Known:
    if operation == "history":
        return Known(operation, "; then ".join(f"{_valued(f)} ({_span(f)})" for f in past), tuple(past))
    if operation == "first":
        return Known(operation, f"{value_of(past[0]) or past[0].value} ({_span(past[0])})", (past[0],))
    # "Before Lisbon" asks for what Lisbon replaced; else what now holds is left out.
    named = _named(past, query)
    current = {fact.id for fact in live}
    if named is not None and past.index(named) > 0:
        before = past[: past.index(named)]
    else:
        before = [fact for fact in past if fact.id not in current]
    if not before:
        return Known(operation, f"No earlier one is remembered; {_valued(past[-1])} {_span(past[-1])}", (past[-1],))
    return Known(operation, f"{value_of(before[-1]) or before[-1].value} ({_span(before[-1])})", (before[-1],))


def _named(facts: Sequence[Record], query: Query) -> Record | None:
    """The latest fact whose value the question names."""
    said = f" {' '.join(words(query.text))} "
    named = [fact for fact in facts if value_of(fact) and f" {' '.join(words(value_of(fact)))} " in said]
    if named:
        return named[-1]
    bag = set(terms(query.text))
    partly = [fact for fact in facts if (own := set(terms(value_of(fact)))) and len(own & bag) * 2 >= len(own)]
    return partly[-1] if partly else None


def _still(live: Sequence[Record], past: Sequence[Record], query: Query) -> Known | None:
    named = _named(past, query)
    now = [fact for fact in live if not has_ended(fact)]
    if named is None or any(same_value(value_of(named), value_of(fact)) for fact in now):
        holds = next((fact for fact in now if named is None or same_value(value_of(named), value_of(fact))), None)
        if holds is None:
            return Known("still", _ended(live), tuple(live))
        if holds.fields.get("stale"):
            return Known("still", f"Uncertain: {holds.fields['stale']}. Last known: {value_of(holds)}", (holds,))
        return Known("still", f"Yes: {value_of(holds)}, {_span(holds)}", (holds,))
    if not now:
        return Known("still", _ended(live), tuple(live) or (named,))
    current = "; ".join(_valued(fact) for fact in now)
    return Known("still", f"No longer: {value_of(named)} {_span(named)}. Now: {current}", (named, *now))


def _affected(facts: Sequence[Record], query: Query, view: View) -> Known:
    """What rests on any version of a slot, directly or through others, and is uncertain by now."""
    found: dict[str, Record] = {}
    layer = [fact.id for fact in facts]
    seen = set(layer)
    for _ in range(_HORIZON):
        edges = view.edges(layer, rels=(RESTS_ON,), direction="in") if layer else []
        layer = [edge.src for edge in edges if edge.src not in seen]
        seen.update(layer)
        found.update(view.get(layer))
    doubtful = [fact for fact in found.values() if fact.fields.get("stale") and matches(fact, query.where)]
    if not doubtful:
        return Known("affected", "Nothing else that is remembered rests on it and is in doubt", tuple(facts[-1:]))
    text = "; ".join(f"{fact.value.rstrip('.')} (uncertain: {fact.fields['stale']})" for fact in doubtful)
    return Known("affected", text, tuple(doubtful))


def _absent(asked: Asked, query: Query, view: View) -> Known | None:
    """That nothing is known, where neither a fact fits nor any words of the question were ever said of anything.

    Facts that grammar alone found are too few to tell that something was never said.
    """
    told = [fact for slot in asked.slots for fact in slot.facts if not fact.fields.get("by_grammar")]
    if not told or not asked.about:
        return None
    subject = str(told[0].fields["subject"])
    hits = view.lexical(f"{subject} {' '.join(asked.about)}", key=SAID, k=20, where=query.where)
    name = set(words(subject))
    for record in view.get([hit.id for hit in hits]).values():
        if name <= set(words(f"{record.actor} {record.value}")) and set(terms(record.value)) >= set(asked.about):
            return None
    told_of = [word for word in words(query.text) if stem(word) in asked.about]
    return Known("absent", f"{UNKNOWN} this: {' '.join(told_of)}, {subject}.")


def _unmentioned(query: Query, view: View) -> Known | None:
    """That a name was never mentioned, in a bank whose facts were extracted."""
    facts = view.scan(query.where.and_(labels=(FACT,)), limit=1) if query.where.labels is None else []
    if not facts or facts[0].fields.get("by_grammar"):
        return None
    actors = {word for actor in view.facts("actor") for word in words(actor)}
    for name in find_names(query.text):
        wanted = set(words(name))
        if wanted & actors:
            return None
        for key in (SAID, FACT):
            hits = view.lexical(name, key=key, k=5, where=query.where.and_(states=("active", "superseded")))
            if any(wanted & set(words(record.value)) for record in view.get([hit.id for hit in hits]).values()):
                return None
        return Known("absent", f"{UNKNOWN} {name}.")
    return None
