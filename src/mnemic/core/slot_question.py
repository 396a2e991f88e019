"""Slot questions: which attribute of which subject a question is about, and what it wants to know of it.

    fit(slot) = share + 0.4 |question ∩ attribute| / |attribute| + likeness
    share     = Σ_{w ∈ question} weight(w) / |question|
    likeness  = cos(question, attribute) + cos(question, told) / 2,   over the spread of random pairs (law 6)

The best slot is taken when its share is large enough, or when its fit stands out from the mean of its subject's slots,
unless an attribute of another subject has a much larger share: then that is what is asked, and it is unknown here.
Question and facts are compared without the subject's name, which all of them share. The words of the subject and of
the operation ("still", "before", "how many") do not count. A word weighs 1 where the attribute names it, less where
only the facts' wording or their values do.
Source: this project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemic.core.analysis import stem, terms, words
from mnemic.core.errors import ModelUnavailable
from mnemic.core.facts import ATTRIBUTE, FACT, TOLD, subject_name, valid_from, value_of, without
from mnemic.core.reading import Query, Where
from mnemic.core.record import Record
from mnemic.core.view import View

#: operation -> what asks for it; the first that matches is meant, else the current value.
OPERATIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        (
            "affected",
            r"\bwhat else\b|\bwhich other (?:things|facts|details|plans)\b|\bwhat (?:other|further) (?:things|facts)\b"
            r"|\b(?:affected|in doubt|out of date|outdated|no longer (?:certain|sure|reliable|valid))\b"
            r"|\bwhat (?:does|did|would) (?:that|this|it) (?:change|affect|touch)\b"
            r"|\bneeds? (?:checking|re-?checking)\b|\bre-?checked\b",
        ),
        ("count", r"\bhow many\b|\bwhat number of\b|\bnumber of\b(?!\s+the\b)|\bcount\b"),
        (
            "first",
            r"\b(?:at first|originally|initially|in the beginning|to begin with|very first|earliest)\b|\bthe first\b",
        ),
        (
            "history",
            r"\bhistory\b|\bover (?:the years|time)\b|\bso far\b|\bin (?:what )?order\b"
            r"|\bone after (?:the other|another)\b|\bchang(?:e|ed) over\b|\bever (?:had|been|lived|worked)\b",
        ),
        (
            "previous",
            r"\b(?:before|previous(?:ly)?|former(?:ly)?|prior|used to|earlier|until (?:then|recently|now)|in the past"
            r"|preceding|preceded|replaced?|the last one|back then|once)\b",
        ),
        (
            "still",
            r"\bstill\b|\bany ?(?:more|longer)\b|\bcontinues? to\b|\b(?:remain|hold)s? true\b|\bas (?:ever|always)\b",
        ),
        (
            "list",
            r"\b(?:list|name|enumerate)\b.*\b(?:all|every|each)\b|\b(?:all|every|each) (?:of )?(?:the|her|his|their)?\b"
            r"|\bwhat are\b|\bwhich (?:\w+ )?\w+s (?:does|do|did|has|have|are)\b|^(?:list|name)\b",
        ),
    )
)
_CUE_WORDS = frozenset(
    stem(word)
    for word in words(
        """still anymore longer any more before previous previously former formerly prior used use earlier until past
        originally initially first begin beginning earliest history over years time order change changed many
        number count list name all every each enumerate else other affected doubt date outdated certain sure
        reliable valid now currently current today nowadays these days moment present right latest recent recently
        know tell remember need needs checking recheck rechecking re because remind please remembered told mention
        mentioned ever say said continue remain true hold always last replace replaced replacement back once since
        become became happen happened thing things fact facts detail details"""
    )
)
_SORTS = frozenset(stem(w) for w in words("place city town country kind type sort person company firm time date"))
_BY, _PLACE = frozenset(("by",)), frozenset(("in", "at", "where", "city", "country", "town", "place"))
_PREFIX = 6
_SHARE = 0.3
_CLEAR = 0.55
_FEW = 3
_FOREIGN = 0.25
_CANDIDATES = 100
_STATES = ("active", "superseded")


@dataclass(frozen=True, slots=True)
class Slot:
    """Facts about one attribute of one subject, in order of validity, and how well a question fits them."""

    name: str
    subject: str
    facts: tuple[Record, ...]
    score: float = 0.0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks of facts: the operation, the slot that it is about, and all slots of its subjects.

    ``slot`` is None when a subject is known and nothing that is known of it fits; ``about`` are then the words that
    found no place.
    """

    operation: str
    slot: Slot | None
    slots: tuple[Slot, ...]
    about: tuple[str, ...]


def operation_of(question: str) -> str:
    """What a question wants to know: current, previous, first, history, list, count, still or affected.

    >>> [operation_of(q) for q in ("Where does Anna live?", "Where did Anna live before?", "How many cats has Anna?")]
    ['current', 'previous', 'count']
    """
    return next((name for name, pattern in OPERATIONS if pattern.search(question)), "current")


def asked_slot(query: Query, view: View) -> Asked | None:
    """What a question asks of the bank's facts, or None when it names no subject that facts are about.

    >>> from mnemic.core.facts import as_fact
    >>> from mnemic.core.list_view import ListView
    >>> fact = as_fact(Record(id="f", kind="semantic", value="Anna lives in Porto",
    ...                       fields={"subject": "Anna", "attribute": "home town", "value": "Porto"}))
    >>> asked = asked_slot(Query(text="What is Anna's home town?", asked_at=ListView([]).now), ListView([fact]))
    >>> asked.operation, asked.slot.name
    ('current', 'anna|home town')
    """
    if query.where.labels is not None or query.where.kinds is not None:
        return None
    where = query.where.and_(labels=(FACT,), states=_STATES)
    if not view.count(where):
        return None
    subjects = mentioned(query, where, view)
    if not subjects:
        return None
    hits = view.tagged("tag", [f"about:{subject}" for subject in subjects], k=5000, where=where)
    by_slot: dict[str, list[Record]] = {}
    for record in view.get([hit.id for hit in hits]).values():
        slot = next((tag[5:] for tag in record.tags if tag.startswith("slot:")), "")
        by_slot.setdefault(slot, []).append(record)
    likeness = _likeness(query, [r for records in by_slot.values() for r in records], view)
    slots = [_scored(name, records, query, likeness) for name, records in by_slot.items()]
    # Of two that fit alike the longer subject is meant, and then the one that was last spoken of.
    slots.sort(key=lambda slot: (-round(slot.score, 6), -len(slot.subject), slot.name))
    best = slots[0] if slots and _fits(slots, query, where, view) else None
    rest = _content(query.text, best.subject if best else max(subjects, key=len))
    # "Still Life" is a title and asks nothing: the subject's own words are no cues.
    named = (
        re.sub(re.escape(str(best.facts[-1].fields["subject"])), " ", query.text, flags=re.I) if best else query.text
    )
    return Asked(operation_of(named), best, tuple(slots), tuple(rest))


def mentioned(query: Query, where: Where, view: View) -> list[str]:
    """The subjects of facts that a question names, longest first; "I" is who asks."""
    said = f" {' '.join(words(query.text))} "
    hits = view.lexical(query.text, key=FACT, k=_CANDIDATES, where=where)
    found = {subject_name(str(r.fields.get("subject", ""))) for r in view.get([hit.id for hit in hits]).values()}
    if query.asker and re.search(r"\b(?:i|my|me|mine|myself)\b", query.text, re.I):
        said += f"{subject_name(query.asker)} "
        found.add(subject_name(query.asker))
    return sorted((subject for subject in found if subject and f" {subject} " in said), key=lambda s: (-len(s), s))


def _content(question: str, subject: str) -> list[str]:
    named = set(terms(subject)) | {stem(word) for word in subject.split()}
    said = [term for term in dict.fromkeys(terms(question)) if term not in named]
    # A question of nothing but cues ("What was Anna's number before?") is about what they name.
    return [term for term in said if term not in _CUE_WORDS] or said


def _among(term: str, known: set[str]) -> bool:
    """Whether a stem is known, or a longer word of one that is: "citizenship" and "citizen"."""
    if term in known:
        return True
    return len(term) >= _PREFIX and any(
        len(other) >= _PREFIX and (term.startswith(other) or other.startswith(term)) for other in known
    )


def _scored(name: str, records: Sequence[Record], query: Query, likeness: Mapping[str, float]) -> Slot:
    records = sorted(records, key=lambda record: (valid_from(record), record.id))
    subject = subject_name(str(records[0].fields["subject"]))
    asked = _content(query.text, subject)
    attribute = {stem(word) for word in words(str(records[0].fields["attribute"]))}
    values = {term for record in records for term in terms(value_of(record))}
    wording = {term for record in records for term in terms(record.value)} - set(terms(subject)) - values
    weights = [
        1.0 if _among(t, attribute) else 0.4 if _among(t, wording) else 0.5 if t in values else 0.0 for t in asked
    ]
    # What kind of thing is asked for ("which city") says less than what is asked of it.
    sizes = [0.5 if term in _SORTS else 1.0 for term in asked]
    share = sum(w * size for w, size in zip(weights, sizes, strict=True)) / sum(sizes) if asked else 0.0
    content = {term for term in terms(str(records[0].fields["attribute"])) if term not in _CUE_WORDS}
    covered = len(content.intersection(asked)) / len(content) if content else 0.0
    alike = max((likeness.get(record.id, 0.0) for record in records), default=0.0)
    score = share + 0.4 * covered + alike + _kind(query.text, attribute)
    return Slot(name, subject, tuple(records), score, share)


def _fits(slots: Sequence[Slot], query: Query, where: Where, view: View) -> bool:
    """Whether the best slot is what the question is about."""
    best = slots[0]
    clear = len(slots) >= _FEW and best.score - sum(slot.score for slot in slots) / len(slots) >= _CLEAR
    if best.share < _SHARE and not clear:
        return False
    return best.share >= 1 - _FOREIGN or not _foreign(best, query, where, view)


def _foreign(best: Slot, query: Query, where: Where, view: View) -> bool:
    """Whether an attribute that other subjects have says much more of the question than the best one here."""
    asked = _content(query.text, best.subject)
    hits = view.lexical(" ".join(asked), key=FACT, k=20, where=where) if asked else []
    for record in view.get([hit.id for hit in hits]).values():
        if record.fields.get("by_grammar"):
            return False
        subject = subject_name(str(record.fields.get("subject", "")))
        if subject != best.subject:
            slot = _scored("", [record], query, {})
            named = set(asked) & set(terms(str(record.fields["attribute"])) + terms(record.value)) - set(terms(subject))
            if len(named) / len(asked) > best.share + _FOREIGN and slot.score > best.share + _FOREIGN:
                return True
    return False


def _kind(question: str, attribute: set[str]) -> float:
    """A little for a place where "where" is asked, and for a doer where "who" is."""
    first = next(iter(words(question)), "")
    wanted = {"where": _PLACE, "who": _BY}.get(first, frozenset())
    return 0.05 if wanted & attribute else 0.0


def _likeness(query: Query, records: Sequence[Record], view: View) -> dict[str, float]:
    """Cosines of the question with the attribute, and half of that with what is told, over random pairs' spread."""
    out: dict[str, float] = {}
    try:
        low, high = view.tools.threshold(0.5), view.tools.threshold(0.999)
        of_subject: dict[str, list[Record]] = {}
        for record in records:
            of_subject.setdefault(str(record.fields["subject"]), []).append(record)
        for subject, same in of_subject.items():
            vector = view.tools.embed_query(without(query.text, subject) or query.text)
            ids = [record.id for record in same]
            for key, weight in ((ATTRIBUTE, 1.0), (TOLD, 0.5)):
                for record_id, row in view.vectors(ids, key=key).items():
                    alike = (float(vector @ row) - low) / max(high - low, 1e-6)
                    out[record_id] = out.get(record_id, 0.0) + weight * alike
    except ModelUnavailable:
        return {}
    return out
