"""Rewording: a record with another value, and with all that was worded after the former one (law 12)."""

from __future__ import annotations

import re
from dataclasses import replace

from mnemic.core.facts import FACT, as_fact, revalued
from mnemic.core.record import Record


def reworded(record: Record, value: str) -> Record:
    """The record with another value: keys follow where they held the old one, shorter views of it are dropped.

    >>> from mnemic.core.record import Key
    >>> note = Record(id="r1", kind="note", value="likes tea", keys={"said": Key("Anna: likes tea"), "by": Key("Anna")},
    ...               views={"stub": "tea"})
    >>> new = reworded(note, "likes coffee")
    >>> [key.text for key in new.keys.values()], dict(new.views)
    (['Anna: likes coffee', 'Anna'], {})
    """
    if value == record.value:
        return record
    fields = {name: item for name, item in revalued(record, value).items() if name != "view"}
    if not record.value:
        return record.with_(value=value, views={}, fields=fields)
    former = re.compile(rf"(?<!\w){re.escape(record.value)}(?!\w)")
    keys = {n: replace(key, text=former.sub(lambda _: value, key.text, count=1)) for n, key in record.keys.items()}
    new = record.with_(value=value, keys=keys, views={}, fields=fields)
    # What is compared of a fact is its text in parts, so its keys are made anew.
    return as_fact(new) if FACT in record.labels else new
