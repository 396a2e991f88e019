"""Records and edges: what formation makes of evidence and evolution keeps true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from mnemic.core.evidence import Span, canonical, sha
from mnemic.core.times import UNTIMED, Times, instant

State = Literal["proposed", "active", "superseded", "archived", "quarantined", "erased"]
STATES: tuple[str, ...] = ("proposed", "active", "superseded", "archived", "quarantined", "erased")
Epistemic = Literal["evidence", "inference", "belief"]
VIEW_LADDER: tuple[str, ...] = ("full", "compressed", "summary", "stub")

#: Kinds that mnemic's own stages use; the set is open, another package adds to it by using a new word.
KINDS: dict[str, str] = {
    "core": "always in the context: who the user is, standing instructions",
    "episodic": "something that happened or was said",
    "semantic": "a fact that holds beyond its moment",
    "procedural": "how something is done",
    "resource": "a document or file",
    "secret": "in no default scope; governance holds the key",
    "summary": "a fold of other records",
    "profile": "what is known of a person",
    "belief": "held with confidence, on support",
    "triple": "subject, relation, object",
    "entity": "a person, place or thing",
    "lesson": "learnt from episodes, indexed by when to use it",
    "state": "a state of a machine that the agent operates",
    "note": "a self-contained note with keywords and context",
    "block": "an element of the working context",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A text under which a record is found: it may differ from what is shown."""

    text: str
    lexical: bool = True
    dense: bool = True

    @property
    def mode(self) -> str:
        """Which indexes it enters: ``"ld"``, ``"l"``, ``"d"`` or ``""``."""
        return ("l" if self.lexical else "") + ("d" if self.dense else "")


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A pointer to bytes that do not belong into a row: an image, KV blocks, an adapter."""

    sha: str
    media: str
    size: int
    model: str = ""


@dataclass(frozen=True, slots=True)
class Stats:
    """Raw counters of use. Strength, heat and utility are rules computed from them, never stored."""

    hits: int = 0
    cited: int = 0
    uncited: int = 0
    successes: int = 0
    failures: int = 0
    liked: int = 0
    last_used: datetime | None = None
    extra: Mapping[str, float] = field(default_factory=dict)

    def add(self, counts: Mapping[str, float], at: datetime | None = None) -> Stats:
        """The counters after adding ``counts`` by name; unknown names go to ``extra``.

        ``at`` is when it was used, unless it was only found and not taken up.

        >>> Stats().add({"cited": 2, "surprise": 0.5})
        Stats(hits=0, cited=2, uncited=0, successes=0, failures=0, liked=0, last_used=None, extra={'surprise': 0.5})
        """
        known = {n: getattr(self, n) + int(v) for n, v in counts.items() if n in _COUNTERS}
        extra = dict(self.extra)
        for name, value in counts.items():
            if name not in _COUNTERS:
                extra[name] = extra.get(name, 0.0) + value
        used = at if set(counts) - _UNUSED else None
        return replace(self, **known, extra=extra, last_used=used or self.last_used)

    def to_json(self) -> dict[str, Any]:
        """A JSON object without zero counters."""
        out: dict[str, Any] = {n: getattr(self, n) for n in _COUNTERS if getattr(self, n)}
        if self.last_used:
            out["last_used"] = self.last_used.isoformat()
        if self.extra:
            out["extra"] = dict(self.extra)
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Stats:
        """The inverse of :meth:`to_json`."""
        if not data:
            return UNUSED
        counters = {n: data[n] for n in _COUNTERS if n in data}
        last = data.get("last_used")
        return cls(**counters, last_used=instant(last) if last else None, extra=data.get("extra", {}))


#: The counters of what was never used.
UNUSED = Stats()
_COUNTERS = ("hits", "cited", "uncited", "successes", "failures", "liked")
_UNUSED = {"hits", "uncited"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A piece of knowledge with its evidence.

    ``value`` is what is shown, ``keys`` what is indexed (name -> Key), ``views`` shorter forms of the
    value (compressed, summary, stub), ``sources`` the spans of evidence it rests on and ``derived_from``
    the records it was computed from. ``session``, ``actor`` and ``role`` say where and from whom it came.

    >>> record = Record(id="r1", kind="semantic", value="Anna lives in Lisbon")
    >>> record.sha == record.with_(value="Anna lives in Porto").sha
    False
    """

    id: str
    kind: str
    value: str
    keys: Mapping[str, Key] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    entities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    epistemic: Epistemic = "evidence"
    confidence: float | None = None
    importance: float | None = None
    times: Times = UNTIMED
    stats: Stats = Stats()
    state: State = "active"
    version: int = 1
    sources: tuple[Span, ...] = ()
    derived_from: tuple[str, ...] = ()
    session: str = ""
    actor: str = ""
    role: str = ""
    tier: str = ""
    payload: BlobRef | None = None
    bank: str = ""

    def with_(self, **changes: Any) -> Record:
        """A copy with other values in the named fields."""
        # dataclasses.replace reads every field's definition; writing one record makes a dozen copies of it.
        values = {name: getattr(self, name) for name in Record.__slots__}
        return Record(**(values | changes))

    @property
    def sha(self) -> str:
        """Hash of the content, without counters, version and times of record: the compare-and-set token."""
        body = self.to_json()
        for volatile in ("stats", "version", "bank", "id"):
            body.pop(volatile, None)
        times = dict(body.get("times", {}))
        times.pop("recorded_at", None)
        times.pop("superseded_at", None)
        body["times"] = times
        return sha(canonical(body))

    def key_text(self, name: str) -> str:
        """The text of a key, or nothing when the record has none of that name."""
        key = self.keys.get(name)
        return key.text if key else ""

    def shown(self, view: str | None = None) -> str:
        """The text to show: the named view, else the one set in ``fields['view']``, else the value."""
        wanted = view or self.fields.get("view", "full")
        return self.value if wanted == "full" else self.views.get(wanted, self.value)

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {"id": self.id, "kind": self.kind, "value": self.value}
        if self.keys:
            out["keys"] = {name: [key.text, key.mode] for name, key in self.keys.items()}
        for name in ("views", "fields"):
            if getattr(self, name):
                out[name] = dict(getattr(self, name))
        for name in ("entities", "tags", "labels", "derived_from"):
            if getattr(self, name):
                out[name] = list(getattr(self, name))
        if self.epistemic != "evidence":
            out["epistemic"] = self.epistemic
        for name in ("confidence", "importance"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name)
        if times := self.times.to_json():
            out["times"] = times
        if stats := self.stats.to_json():
            out["stats"] = stats
        out["state"] = self.state
        out["version"] = self.version
        if self.sources:
            out["sources"] = [span.to_json() for span in self.sources]
        for name in ("session", "actor", "role", "tier", "bank"):
            if getattr(self, name):
                out[name] = getattr(self, name)
        if self.payload:
            out["payload"] = [self.payload.sha, self.payload.media, self.payload.size, self.payload.model]
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """The inverse of :meth:`to_json`."""
        payload = data.get("payload")
        return cls(
            id=data["id"],
            kind=data["kind"],
            value=data["value"],
            keys={n: Key(t, "l" in m, "d" in m) for n, (t, m) in data.get("keys", {}).items()},
            views=data.get("views", {}),
            fields=data.get("fields", {}),
            entities=tuple(data.get("entities", ())),
            tags=tuple(data.get("tags", ())),
            labels=tuple(data.get("labels", ())),
            epistemic=data.get("epistemic", "evidence"),
            confidence=data.get("confidence"),
            importance=data.get("importance"),
            times=Times.from_json(data.get("times", {})),
            stats=Stats.from_json(data.get("stats", {})),
            state=data.get("state", "active"),
            version=data.get("version", 1),
            sources=tuple(Span.from_json(span) for span in data.get("sources", ())),
            derived_from=tuple(data.get("derived_from", ())),
            session=data.get("session", ""),
            actor=data.get("actor", ""),
            role=data.get("role", ""),
            tier=data.get("tier", ""),
            payload=BlobRef(*payload) if payload else None,
            bank=data.get("bank", ""),
        )


#: Relations that mnemic's own stages use; the set is open.
RELATIONS: tuple[str, ...] = (
    "about", "next", "cause", "change", "same_topic", "child", "similar", "transition", "supports", "weakens",
    "same_entity", "same_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A directed relation between two records of one bank; identity is (src, rel, dst)."""

    src: str
    dst: str
    rel: str
    weight: float = 1.0
    note: str = ""
    times: Times = UNTIMED
    sources: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object without empty fields."""
        out: dict[str, Any] = {"src": self.src, "dst": self.dst, "rel": self.rel, "weight": self.weight}
        if self.note:
            out["note"] = self.note
        if times := self.times.to_json():
            out["times"] = times
        if self.sources:
            out["sources"] = [span.to_json() for span in self.sources]
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Edge:
        """The inverse of :meth:`to_json`."""
        return cls(
            src=data["src"],
            dst=data["dst"],
            rel=data["rel"],
            weight=data.get("weight", 1.0),
            note=data.get("note", ""),
            times=Times.from_json(data.get("times", {})),
            sources=tuple(Span.from_json(span) for span in data.get("sources", ())),
        )
