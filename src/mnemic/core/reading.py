"""What a read is made of: query, sub-queries, hits, the context given back and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mnemic.core.times import Interval, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A filter over records, applied inside every search before ranking (law 9).

    ``None`` means any. ``states`` defaults to what is current (law 4); secrets are in no default scope.

    >>> Where(kinds=("episodic",)).and_(sessions=("s1",)).sessions
    ('s1',)
    """

    kinds: tuple[str, ...] | None = None
    states: tuple[str, ...] = ("active",)
    sessions: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    during: Interval | None = None
    entities: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    epistemic: tuple[str, ...] | None = None
    tiers: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    secrets: bool = False

    def and_(self, **changes: Any) -> Where:
        """A copy with other values in the named fields."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question put to a bank.

    ``asked_at`` is the instant relative dates are resolved against, ``asker`` who asks ("I" in the
    question), ``where`` the scope, ``k`` how many hits and ``tokens`` how large a context is wanted.
    """

    text: str
    asked_at: datetime
    where: Where = Where()
    asker: str = ""
    k: int = 20
    tokens: int = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub:
    """One search that a planner asks for: the words, a weight, and a narrower scope if any."""

    text: str
    where: Where = Where()
    weight: float = 1.0
    interval: Interval | None = None
    entities: tuple[str, ...] = ()
    facets: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Hit:
    """A record found: its score, the channel, and the parts and path that answer "why?".

    ``text``, when it is not empty, is what is shown in place of the record: a quotation of it, or a note on it.
    """

    id: str
    score: float
    channel: str
    parts: dict[str, float] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    text: str = ""

    def with_score(self, score: float, **parts: float) -> Hit:
        """A copy with another score and more parts."""
        return Hit(self.id, score, self.channel, {**self.parts, **parts}, self.path, self.text)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        out: dict[str, Any] = {
            "id": self.id,
            "score": round(float(self.score), 6),
            "channel": self.channel,
            "parts": {name: round(float(value), 6) for name, value in self.parts.items()},
            "path": list(self.path),
        }
        if self.text:
            out["text"] = self.text
        return out


@dataclass(frozen=True, slots=True)
class Ranked:
    """A channel's answer to one sub-query: hits from best to worst, and the weight of the list."""

    hits: list[Hit]
    channel: str
    sub: int = 0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Citation:
    """One line of a context: the record, the events it rests on, when, and how it was found."""

    number: int
    record: str
    events: tuple[str, ...]
    when: datetime | None
    speaker: str
    hit: Hit

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "number": self.number,
            "record": self.record,
            "events": list(self.events),
            "when": self.when.isoformat() if self.when else None,
            "speaker": self.speaker,
            "hit": self.hit.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a context and the citations whose lines it holds."""

    name: str
    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a read cost: tokens given back, model calls, milliseconds."""

    tokens: int = 0
    calls: int = 0
    ms: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"tokens": self.tokens, "calls": self.calls, "ms": round(self.ms, 3)}


@dataclass(frozen=True, slots=True)
class Context:
    """What a recall gives back: text within the budget, each line cited, and why each is there.

    ``notes`` tell what went otherwise than the recipe says, such as a stage whose language model gave no answer.
    """

    blocks: tuple[Block, ...] = ()
    citations: tuple[Citation, ...] = ()
    cost: Cost = Cost()
    receipt: str = ""
    query: str = ""
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The blocks' text, ready for a prompt."""
        return "\n\n".join(block.text for block in self.blocks if block.text)

    @property
    def tokens(self) -> int:
        """The size of the text in tokens, as the bank's counter counts."""
        return self.cost.tokens

    @property
    def lines(self) -> dict[int, str]:
        """The lines by their numbers, each without it; what belongs to none is left out.

        >>> Context(blocks=(Block("memory", "[1] Anna: Buy:\\n  [2] tea\\n[2] Ben: Yes", (1, 2)),)).lines
        {1: 'Anna: Buy:\\n  [2] tea', 2: 'Ben: Yes'}
        """
        out: dict[int, str] = {}
        cited = {citation for block in self.blocks for citation in block.citations}
        number = 0
        for line in self.text.splitlines():
            # Text of a record never begins a line with a number in brackets: it is indented.
            head, bracket, rest = line.partition("] ")
            if bracket and head[:1] == "[" and head[1:].isdecimal() and int(head[1:]) in cited:
                number = int(head[1:])
                out[number] = rest
            elif number and line.startswith(" "):
                out[number] += "\n" + line
        return out

    def why(self, number: int) -> dict[str, Any]:
        """Why line ``number`` is there: channel, score parts and path. Raises IndexError when there is none.

        >>> hit = Hit("r1", 0.9, "lexical", {"bm25": 3.2})
        >>> Context(citations=(Citation(1, "r1", ("e1",), None, "Anna", hit),)).why(1)["channel"]
        'lexical'
        """
        for citation in self.citations:
            if citation.number == number:
                return citation.hit.to_json()
        raise IndexError(f"line {number} is not in this context; it has {len(self.citations)} lines")

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "query": self.query,
            "text": self.text,
            "citations": [citation.to_json() for citation in self.citations],
            "cost": self.cost.to_json(),
            "receipt": self.receipt,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """What a reader answers: ``cited`` are the numbers of the context's lines that it rests on."""

    text: str = ""
    known: bool = False
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The stored trace of one recall (law 15): which records entered the context, why, at what cost."""

    id: str
    bank: str
    at: datetime
    query: str
    recipe: str
    lines: tuple[Mapping[str, Any], ...]
    cost: Cost
    seq: int = 0
    notes: tuple[str, ...] = ()
    who: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "id": self.id,
            **({"who": self.who} if self.who else {}),
            "bank": self.bank,
            "at": self.at.isoformat(),
            "query": self.query,
            "recipe": self.recipe,
            "seq": self.seq,
            "lines": [dict(line) for line in self.lines],
            "cost": self.cost.to_json(),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Receipt:
        """The inverse of :meth:`to_json`."""
        return cls(
            id=data["id"],
            bank=data["bank"],
            at=instant(data["at"]),
            query=data["query"],
            recipe=data["recipe"],
            seq=data["seq"],
            lines=tuple(data["lines"]),
            cost=Cost(**data["cost"]),
            notes=tuple(data.get("notes", ())),
            who=data.get("who", ""),
        )
