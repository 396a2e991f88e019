"""Facts: records that say which value an attribute of a subject has, from when, and on what that rests.

    slot = (subject, attribute);  a version of it = value, valid [from, until);  many values at once = a slot each

A fact is any record whose fields name ``subject`` and ``attribute``. Further fields: ``value``; ``ended`` (the value
holds no more and none follows); ``many`` (the attribute has several values side by side); ``rests_on`` (slots that it
depends on, each ``{subject, attribute}``); ``stale`` (why it is uncertain by now).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mnemic.core.analysis import words
from mnemic.core.record import Key, Record
from mnemic.core.record_times import when_of
from mnemic.core.times import Interval, instant

#: The label of facts, and the key under which their words are found.
FACT = "fact"
#: Keys of what is compared by meaning: the attribute, and what is told of it without of whom.
ATTRIBUTE = "attribute"
TOLD = "told"
#: From a fact to one that it holds under: the edge's note is the value that was relied on.
RESTS_ON = "rests_on"
#: The end of what has not ended.
OPEN_END = instant("9999-12-31")

_ALSO = re.compile(r"\b(?:also|too|as well|another|besides|in addition)\b", re.I)
_SINGULAR_S = ("ss", "us", "is", "ness")


def slot_name(subject: str, attribute: str) -> str:
    """The slot under which versions of one attribute of one subject meet: compared by words, without case.

    >>> slot_name("The Café", "Home Town")
    'cafe|home town'
    """
    return f"{subject_name(subject)}|{' '.join(words(attribute)) or attribute.strip().casefold()}"


def subject_name(subject: str) -> str:
    """A subject as it is compared: by its words, without case, accents and a leading "the".

    >>> subject_name("Anna's  Sister")
    'anna sister'
    """
    found = words(subject)
    return " ".join(found[1:] if found[:1] == ["the"] and len(found) > 1 else found) or subject.strip().casefold()


def without(text: str, subject: str) -> str:
    """A text without the name of its subject.

    >>> without("Anna's dentist is Dr. Lima", "Anna")
    'dentist is Dr. Lima'
    """
    named = re.compile(rf"(?<!\w){re.escape(subject)}(?:['’]s)?(?!\w)", re.I)
    return " ".join(named.sub(" ", text).split())


def slot_of(record: Record) -> str:
    """A record's slot, or nothing when it is no fact."""
    subject, attribute = record.fields.get("subject"), record.fields.get("attribute")
    return slot_name(str(subject), str(attribute)) if subject and attribute else ""


def value_of(record: Record) -> str:
    """The value that a fact gives its attribute."""
    return str(record.fields.get("value", ""))


def same_value(first: str, second: str) -> bool:
    """Whether two values are the same but for case, accents and punctuation.

    >>> same_value("Café Luso.", "cafe luso"), same_value("3", "4")
    (True, False)
    """
    one, other = words(first), words(second)
    return one == other if one or other else first.strip().casefold() == second.strip().casefold()


def has_many(record: Record) -> bool:
    """Whether a fact's attribute holds several values at once: said so, a plural, or added to with "also".

    >>> def fact(attribute, text=""):
    ...     return Record(id="f", kind="semantic", value=text, fields={"subject": "Anna", "attribute": attribute})
    >>> [has_many(fact("hobbies")), has_many(fact("address")), has_many(fact("pet", "Anna also has a cat"))]
    [True, False, True]
    """
    if "many" in record.fields:
        return bool(record.fields["many"])
    attribute = words(str(record.fields.get("attribute", "")))
    plural = len(attribute) == 1 and attribute[0].endswith("s") and not attribute[0].endswith(_SINGULAR_S)
    return plural or bool(_ALSO.search(record.value))


def has_ended(record: Record) -> bool:
    """Whether a fact says that its attribute has no value any more."""
    return bool(record.fields.get("ended"))


def valid_from(record: Record) -> datetime:
    """Since when a fact holds: its validity, else when it was told."""
    if record.times.valid:
        return record.times.valid.start
    return when_of(record) or instant(0)


def premises_of(record: Record) -> list[str]:
    """The slots that a fact rests on.

    >>> rests_on = [{"subject": "Anna", "attribute": "office"}]
    >>> premises_of(Record(id="f", kind="semantic", value="", fields={"rests_on": rests_on}))
    ['anna|office']
    """
    return list(
        dict.fromkeys(
            slot_name(str(one["subject"]), str(one["attribute"]))
            for one in record.fields.get("rests_on", ())
            if isinstance(one, Mapping) and one.get("subject") and one.get("attribute")
        )
    )


def as_fact(record: Record) -> Record:
    """The record as facts are kept: labelled, dated from when it holds, found by its slot, subject and words.

    A record that names no slot is given back as it is.

    >>> said = Record(id="f", kind="semantic", value="I live in Porto",
    ...               fields={"subject": "Anna", "attribute": "home", "value": "Porto"})
    >>> fact = as_fact(said)
    >>> fact.tags, fact.keys["fact"].text
    (('slot:anna|home', 'about:anna'), 'I live in Porto\\nAnna home')
    """
    slot = slot_of(record)
    if not slot:
        return record
    subject, attribute = str(record.fields["subject"]), str(record.fields["attribute"])
    rests = [f"rests:{premise}" for premise in premises_of(record)]
    tags = dict.fromkeys((*record.tags, f"slot:{slot}", f"about:{subject_name(subject)}", *rests))
    unsaid = [part for part in (subject, attribute) if not set(words(part)) <= set(words(record.value))]
    text = "\n".join(part for part in (record.value, " ".join(unsaid)) if part)
    end = record.times.valid.end if record.times.valid else OPEN_END
    return record.with_(
        tags=tuple(tags),
        labels=tuple(dict.fromkeys((*record.labels, FACT))),
        entities=tuple(dict.fromkeys((*record.entities, subject))),
        keys={
            **record.keys,
            FACT: Key(text, dense=False),
            ATTRIBUTE: Key(attribute, lexical=False),
            TOLD: Key(without(record.value, subject) or record.value, lexical=False),
        },
        times=replace(record.times, valid=Interval(valid_from(record), max(end, valid_from(record)))),
    )


def revalued(record: Record, text: str) -> Mapping[str, Any]:
    """A fact's fields once its text is another: the value follows where the rest of the text stayed.

    >>> fact = Record(id="f", kind="semantic", value="Anna lives in Porto.", fields={"value": "Porto"})
    >>> revalued(fact, "Anna lives in Braga.")["value"], revalued(fact, "Braga it is")["value"]
    ('Braga', 'Braga it is')
    """
    fields = {name: item for name, item in record.fields.items() if name != "stale"}
    value = value_of(record)
    if not value:
        return fields
    head, found, tail = record.value.partition(value)
    if found and text.startswith(head) and text.endswith(tail) and len(text) > len(head) + len(tail):
        return {**fields, "value": text[len(head) : len(text) - len(tail)]}
    return {**fields, "value": text}
