"""Rewording: a record with another value, and with all that was worded after the former one (law 12)."""

from __future__ import annotations

from mnemic.core.record import Key, Record


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
    keys = {
        name: Key(key.text.replace(record.value, value), key.lexical, key.dense) for name, key in record.keys.items()
    }
    fields = {name: item for name, item in record.fields.items() if name != "view"}
    return record.with_(value=value, keys=keys if record.value else record.keys, views={}, fields=fields)
