"""Reading: questions, hits, contexts with their citations, answers, feedback."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from mnemic.recalling import MAX_QUESTION
from mnemic.serve.schemas.base import Asked, K, Point, Tokens, Told
from mnemic.serve.schemas.records import RECORD, RecordOut, WhereIn

_QUESTION = "Where does she live now?"
_HIT: dict[str, Any] = {
    "id": RECORD["id"], "score": 0.83, "channel": "hybrid", "parts": {"dense": 0.71, "lexical": 0.42}, "path": [],
}  # fmt: skip
CITATION: dict[str, Any] = {
    "number": 1, "record": RECORD["id"], "events": ["e1"], "when": "2026-06-02T09:00:00+00:00", "speaker": "Anna",
    "hit": _HIT,
}  # fmt: skip
_COST = {"tokens": 21, "calls": 0, "ms": 6.4}
_LINE = "[1] 2026-06-02 Anna: We moved to Lisbon last May."
_CONTEXT: dict[str, Any] = {
    "query": _QUESTION, "text": _LINE, "blocks": [{"name": "memory", "text": _LINE, "citations": [1]}],
    "citations": [CITATION], "cost": _COST, "receipt": "0197f3c2-0000-7000-8000-000000000004", "notes": [],
}  # fmt: skip
_FOUND: dict[str, Any] = {"record": RECORD, "hit": _HIT}
_ANSWER: dict[str, Any] = {
    "question": _QUESTION, "text": "Lisbon.", "known": True, "by": "rules", "citations": [CITATION],
    "context": _CONTEXT, "cost": _COST, "failure": "",
}  # fmt: skip
RECEIPT: dict[str, Any] = {
    "id": _CONTEXT["receipt"], "bank": "anna", "at": "2026-06-02T09:00:00+00:00", "query": _QUESTION,
    "recipe": "default", "seq": 42, "lines": [CITATION], "cost": _COST, "notes": [],
}  # fmt: skip


class Question(Asked):
    """A question to a bank and how to read for it."""

    question: str = Field(min_length=1, max_length=MAX_QUESTION, examples=[_QUESTION])
    profile: str | None = Field(None, description="Another way of reading that the recipe offers.", examples=["fast"])
    where: WhereIn | None = None
    as_of: Point = None
    asked_at: str | None = Field(None, description="What relative dates in the question refer to.")
    asker: str = Field("", max_length=1000, description="Who says 'I' in the question.")

    def options(self) -> dict[str, Any]:
        """What every verb that reads takes beside the question."""
        return {
            "profile": self.profile,
            "where": self.where.where() if self.where else None,
            "as_of": self.as_of,
            "asked_at": self.asked_at,
            "asker": self.asker,
        }


class Recall(Question):
    """A recall."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": _QUESTION, "tokens": 500}]})

    tokens: Tokens = 1500


class RecallMany(Question):
    """A recall into contexts of several sizes, searched for once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": _QUESTION, "tokens": [500, 1500]}]})

    tokens: list[Tokens] = Field(min_length=1, max_length=100)
    k: K = 20


class Search(Question):
    """A search."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": _QUESTION, "k": 10}]})

    k: K = 20


class TrialIn(Asked):
    """A recall of what another recipe would make of a bank's last events."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": _QUESTION, "recipe": "hybrid", "last": 100}]}
    )

    question: str = Field(min_length=1, max_length=MAX_QUESTION, examples=[_QUESTION])
    recipe: str = Field(min_length=1, max_length=200, description="The recipe that is tried.", examples=["hybrid"])
    last: int = Field(200, ge=1, le=1000, description="How many of the bank's events, the newest, are formed.")
    tokens: Tokens = 1500
    k: K = 20
    profile: str | None = Field(None, description="Another way of reading that the recipe offers.", examples=["fast"])
    asked_at: str | None = Field(None, description="What relative dates in the question refer to.")
    asker: str = Field("", max_length=1000, description="Who says 'I' in the question.")


class AnswerIn(Recall):
    """A question to be answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": _QUESTION, "wishes": "in one word"}]})

    wishes: str = Field("", max_length=MAX_QUESTION, description="How the answer should be, such as its language.")


class HitOut(Told):
    """How a record was found: the channel, the score and what it is made of, the path to it."""

    id: str
    score: float
    channel: str
    parts: dict[str, float]
    path: list[str]


class CitationOut(Told):
    """A line of a context: its record, the events that it rests on, when, and how it was found."""

    model_config = ConfigDict(json_schema_extra={"examples": [CITATION]})

    number: int
    record: str
    events: list[str]
    when: str | None
    speaker: str
    hit: HitOut


class CostOut(Told):
    """What a read cost."""

    tokens: int
    calls: int
    ms: float


class BlockOut(Told):
    """A piece of a context, with the numbers of the lines that it holds."""

    name: str
    text: str
    citations: list[int]


class ContextOut(Told):
    """What matters for a question: ``text`` for a prompt, each line cited; ``receipt`` tells later why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CONTEXT]})

    query: str
    text: str
    blocks: list[BlockOut]
    citations: list[CitationOut]
    cost: CostOut
    receipt: str
    notes: list[str]


class FoundOut(Told):
    """A record with the hit that found it."""

    record: RecordOut
    hit: HitOut


class Hits(Told):
    """The records that were found, best first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hits": [_FOUND]}]})

    hits: list[FoundOut]


class Contexts(Hits):
    """The records that were found, and a context for each size that was asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hits": [_FOUND], "contexts": [_CONTEXT]}]})

    contexts: list[ContextOut]


class TrialOut(Hits):
    """What a recipe made of a bank's last events and found for the question; nothing of it is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recipe": "hybrid", "events": 100, "formed": 100, "forming_ms": 180.5, "hits": [_FOUND],
                    "context": _CONTEXT, "records": {RECORD["id"]: RECORD},
                }
            ]
        }
    )  # fmt: skip

    recipe: str
    events: int
    formed: int
    forming_ms: float
    context: ContextOut
    records: dict[str, RecordOut]


class AnswerOut(Told):
    """What a question came to; ``known`` is false when the lines do not tell."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    question: str
    text: str
    known: bool
    by: str
    citations: list[CitationOut]
    context: ContextOut
    cost: CostOut
    failure: str


class FeedbackIn(Asked):
    """What became of records that were recalled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "cited", "records": ["RECORD"]}]})

    kind: Literal["cited", "uncited", "correct", "wrong", "liked", "label", "correction"]
    records: list[str] = Field(default_factory=list, max_length=1000)
    receipt: str = Field("", max_length=200)
    text: str = Field("", description="The label, or the right wording.")
    value: float = Field(1.0, allow_inf_nan=False)


class ReceiptOut(Told):
    """The trace of one recall: which records entered the context, why, at what cost."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECEIPT]})

    id: str
    bank: str
    at: str
    query: str
    recipe: str
    seq: int
    lines: list[CitationOut]
    cost: CostOut
    notes: list[str]


class Receipts(Told):
    """Receipts, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"receipts": [RECEIPT]}]})

    receipts: list[ReceiptOut]
