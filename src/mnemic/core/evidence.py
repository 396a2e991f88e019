"""Evidence: events as they were lived through, and spans that point into them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from mnemic.core.errors import BadInput
from mnemic.core.times import instant

PartKind = Literal["text", "image", "file", "tool_call", "tool_result", "screen"]
PART_KINDS: tuple[str, ...] = ("text", "image", "file", "tool_call", "tool_result", "screen")


def canonical(data: object) -> str:
    """JSON with sorted keys and no spaces: equal data, equal bytes.

    >>> canonical({"b": 1, "a": [2]})
    '{"a":[2],"b":1}'
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, hex.

    >>> sha("a")[:8]
    'ca978112'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an event: text, or something else with a text that stands for it.

    ``text`` is the words, the caption of an image, the arguments of a tool call or its result;
    ``uri`` is where the bytes are, when there are any.
    """

    kind: PartKind
    text: str = ""
    uri: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {"kind": self.kind}
        if self.text:
            out["text"] = self.text
        if self.uri:
            out["uri"] = self.uri
        if self.meta:
            out["meta"] = dict(self.meta)
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Part:
        """The inverse of :meth:`to_json`; raises BadInput on an unknown kind."""
        if data.get("kind") not in PART_KINDS:
            raise BadInput(f"part.kind: {data.get('kind')!r} is unknown; use one of {', '.join(PART_KINDS)}")
        return cls(data["kind"], data.get("text", ""), data.get("uri", ""), data.get("meta", {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was said, shown or done. Immutable once retained (law 1).

    ``seq`` is the place in its bank, given by the engine; ``occurred_at`` is when it happened,
    ``recorded_at`` when the bank was told; ``role`` is user, assistant, system, tool or another
    protocol role and ``actor`` the name of who spoke. ``labels`` say what kind of matter it is (health, money...): who
    may learn of it depends on them, and what is formed of it carries them on.

    >>> event = Event(id="e1", session="s1", role="user", actor="Anna", parts=(Part("text", "Hello"),),
    ...               occurred_at=instant("2026-06-02"))
    >>> event.text, event.speaker
    ('Hello', 'Anna')
    """

    id: str
    session: str
    role: str
    parts: tuple[Part, ...]
    occurred_at: datetime
    actor: str = ""
    recorded_at: datetime | None = None
    seq: int = 0
    bank: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words of the event: its text parts and tool texts, without captions of pictures."""
        return "\n".join(p.text for p in self.parts if p.text and p.kind not in ("image", "screen"))

    @property
    def captions(self) -> tuple[str, ...]:
        """The texts that stand for pictures and screens."""
        return tuple(p.text for p in self.parts if p.text and p.kind in ("image", "screen"))

    @property
    def speaker(self) -> str:
        """Who spoke: the actor's name, or the role when no name is known."""
        return self.actor or self.role

    @property
    def sha(self) -> str:
        """Hash of what was said, by whom and when: what a second event of the same id must match."""
        body = self.to_json()
        for derived in ("bank", "seq", "recorded_at", "labels"):
            body.pop(derived, None)
        # A time that was only guessed from a file must not make the same words another event.
        if self.meta.get("time_from") == "file":
            body.pop("occurred_at")
        return sha(canonical(body))

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """A pointer into this event's text, by character offsets."""
        text = self.text
        stop = len(text) if end is None else end
        return Span(self.id, start, stop, sha(text[start:stop])[:16])

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {
            "id": self.id,
            "session": self.session,
            "role": self.role,
            "parts": [part.to_json() for part in self.parts],
            "occurred_at": self.occurred_at.isoformat(),
        }
        if self.actor:
            out["actor"] = self.actor
        if self.recorded_at:
            out["recorded_at"] = self.recorded_at.isoformat()
        if self.seq:
            out["seq"] = self.seq
        if self.bank:
            out["bank"] = self.bank
        if self.meta:
            out["meta"] = dict(self.meta)
        if self.labels:
            out["labels"] = list(self.labels)
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Event:
        """The inverse of :meth:`to_json`."""
        recorded = data.get("recorded_at")
        return cls(
            id=data["id"],
            session=data["session"],
            role=data["role"],
            parts=tuple(Part.from_json(part) for part in data["parts"]),
            occurred_at=instant(data["occurred_at"], "occurred_at"),
            actor=data.get("actor", ""),
            recorded_at=instant(recorded, "recorded_at") if recorded else None,
            seq=data.get("seq", 0),
            bank=data.get("bank", ""),
            meta=data.get("meta", {}),
            labels=tuple(data.get("labels", ())),
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A pointer into evidence: an event's (or record's) text from ``start`` to ``end``, with its hash.

    >>> Span("e1", 0, 5).to_json()
    ['e1', 0, 5, '']
    """

    source: str
    start: int = 0
    end: int = 0
    sha: str = ""

    def to_json(self) -> list[Any]:
        """``[source, start, end, sha]``."""
        return [self.source, self.start, self.end, self.sha]

    @classmethod
    def from_json(cls, data: list[Any]) -> Span:
        """The inverse of :meth:`to_json`."""
        return cls(*data)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of events that formation treats as one.

    ``open`` says that later events may still join it, so that nothing is formed from it yet;
    ``text`` is its words, possibly compressed; ``topic`` what a segmenter called it and ``summary`` what that one
    said of it, if it did.
    """

    events: tuple[Event, ...]
    open: bool = False
    compressed: str | None = None
    kinds: tuple[str, ...] = ()
    topic: str = ""
    summary: str = ""

    @property
    def text(self) -> str:
        """The compressed text when there is one, else every event as ``speaker: words``."""
        if self.compressed is not None:
            return self.compressed
        return "\n".join(f"{event.speaker}: {event.text}" for event in self.events)

    @property
    def lines(self) -> tuple[tuple[Event, str], ...]:
        """Every event with its words and captions, compressed where a compressor left one line an event."""
        compressed = self.compressed.split("\n") if self.compressed is not None else []
        if len(compressed) == len(self.events):
            return tuple(zip(self.events, compressed, strict=True))
        return tuple((event, _line(event)) for event in self.events)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Pointers to every event of the segment."""
        return tuple(event.span() for event in self.events)


def _line(event: Event) -> str:
    shown = " ".join(f"[image: {caption}]" for caption in event.captions)
    return " ".join(part for part in (" ".join(event.text.split("\n")), shown) if part)
