"""Erasure: what is asked to be erased, and the receipt that says what went, how, and where was looked for traces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.evidence import canonical, sha
from mnemic.core.times import Interval, instant, to_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which events are to be erased: by id, session, who said them, or when; what is given must all hold.

    ``person`` is who spoke, by name, without case. With ``mentions`` what others said that names him goes too: whole
    events, since evidence is never rewritten. ``during`` is when it happened. ``everything`` is all of the bank.

    >>> Selection(person="Anna").sha == Selection(person="Ben").sha
    False
    >>> Selection()
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: erase: say what: events, session, person, during, or everything=True
    """

    events: tuple[str, ...] = ()
    session: str | None = None
    person: str | None = None
    mentions: bool = False
    during: Interval | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        named = bool(self.events) or self.session is not None or self.person is not None or self.during is not None
        if not named and not self.everything:
            raise BadInput("erase: say what: events, session, person, during, or everything=True")
        if named and self.everything:
            raise BadInput("erase: everything=True goes with no other choice")
        if self.person is not None and not self.person.strip():
            raise BadInput("person: is empty")
        if self.mentions and self.person is None:
            raise BadInput("mentions: names events that mention a person; give person too")

    def takes(self, event: Mapping[str, Any]) -> bool:
        """Whether an event, as JSON, is among what is to be erased."""
        if self.everything:
            return True
        if self.events and event["id"] not in self.events:
            return False
        if self.session is not None and event["session"] != self.session:
            return False
        if self.during is not None and not self._within(event["occurred_at"]):
            return False
        return self.person is None or self.said_by(event) or (self.mentions and self.named_in(event))

    def said_by(self, event: Mapping[str, Any]) -> bool:
        """Whether the person said it."""
        return str(event.get("actor", "")).strip().casefold() == _name(self.person or "")[0]

    def named_in(self, event: Mapping[str, Any]) -> bool:
        """Whether its words name the person."""
        name = _name(self.person or "")[1]
        return any(name.search(str(part.get("text", ""))) for part in event["parts"])

    def _within(self, occurred_at: str) -> bool:
        if self.during is None:
            return True
        low, high = to_micros(self.during.start), to_micros(self.during.end)
        return low <= to_micros(instant(occurred_at)) < high

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {}
        if self.events:
            out["events"] = sorted(self.events)
        for name in ("session", "person", "mentions", "everything"):
            if getattr(self, name):
                out[name] = getattr(self, name)
        if self.during is not None:
            out["during"] = [self.during.start.isoformat(), self.during.end.isoformat()]
        return out

    @property
    def sha(self) -> str:
        """Its hash: a receipt must tell which request it answers, and not repeat a name that was to be forgotten."""
        return sha(canonical(self.to_json()))

    @property
    def by(self) -> tuple[str, ...]:
        """By what was chosen, without the values."""
        return tuple(self.to_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReceipt:
    """What an erasure did, in counts and hashes; it holds nothing of what was erased.

    ``state``: ``rows`` when all rows are gone and files are still to be cleaned, ``done`` after that. ``erased`` counts
    rows by table and ``kinds`` records by kind; ``remade`` what was formed anew from what is left. ``how`` says by part
    whether it is exact, formed anew, or pending. ``verification`` tells where was looked for traces and what was found;
    ``out_of_reach`` copies that nobody here can erase: exports, branches. ``head`` is the bank's seq after it.
    """

    id: str
    bank: str
    who: str
    reason: str
    at: datetime
    selection: Mapping[str, Any]
    state: str = "rows"
    head: int = 0
    events: int = 0
    erased: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    remade: Mapping[str, int] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    verification: Mapping[str, Any] = field(default_factory=dict)
    out_of_reach: tuple[Mapping[str, Any], ...] = ()
    branches: tuple[str, ...] = ()
    signature: Mapping[str, str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether files and tables were searched to the end, and nothing of what was erased was found."""
        return bool(self.verification.get("clean"))

    def with_(self, **changes: Any) -> ErasureReceipt:
        """A copy with other values."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "id": self.id, "bank": self.bank, "who": self.who, "reason": self.reason, "at": self.at.isoformat(),
            "selection": dict(self.selection), "state": self.state, "head": self.head, "events": self.events,
            "erased": dict(self.erased), "kinds": dict(self.kinds), "remade": dict(self.remade), "how": dict(self.how),
            "verification": dict(self.verification), "out_of_reach": [dict(copy) for copy in self.out_of_reach],
            "branches": list(self.branches), "signature": dict(self.signature),
        }  # fmt: skip

    @property
    def signed_text(self) -> str:
        """What the signature is over: everything but itself, in canonical JSON."""
        body = self.to_json()
        body.pop("signature")
        return canonical(body)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ErasureReceipt:
        """The inverse of :meth:`to_json`; raises BadInput when it is none."""
        try:
            return cls(
                **{
                    **data,
                    "at": instant(data["at"]),
                    "out_of_reach": tuple(data["out_of_reach"]),
                    "branches": tuple(data["branches"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise BadInput(f"receipt: is no receipt of an erasure ({error})") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePlan:
    """What an erasure would do, before it is done: counts by kind, and a few ids of each.

    ``mentioned`` counts events of others that name the person and would stay.
    """

    bank: str
    events: int
    records: int
    remade: int
    kinds: Mapping[str, int]
    samples: Mapping[str, tuple[str, ...]]
    mentioned: int = 0
    branches: tuple[str, ...] = ()
    exports: int = 0

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "bank": self.bank, "events": self.events, "records": self.records, "remade": self.remade,
            "kinds": dict(self.kinds), "samples": {name: list(ids) for name, ids in self.samples.items()},
            "mentioned": self.mentioned, "branches": list(self.branches), "exports": self.exports,
        }  # fmt: skip


@lru_cache(8)
def _name(person: str) -> tuple[str, re.Pattern[str]]:
    name = person.strip()
    return name.casefold(), re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.I)


def texts_of(event: Mapping[str, Any]) -> list[str]:
    """The texts of an event, as JSON: what must not be found anywhere once it is erased, with the names around it.

    >>> texts_of({"parts": [{"kind": "text", "text": "Hello"}, {"kind": "image", "uri": "a.png"}], "session": "s1"})
    ['s1', 'Hello', 'a.png']
    """
    out = [str(event[name]) for name in ("session", "actor") if event.get(name)]
    out += [str(part[name]) for part in event["parts"] for name in ("text", "uri") if part.get(name)]
    return [*out, *_strings(event.get("meta", {})), *(s for part in event["parts"] for s in _strings(part.get("meta")))]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, (list, tuple)) else []
