"""JSON of the server as the values of the core, and those as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from mnemic.answers import Answer, Found, HistoryEntry, Trial
from mnemic.core.chain import AuditEntry
from mnemic.core.erasure import ErasurePlan, ErasureReceipt
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.core.op import LogEntry, Op
from mnemic.core.outcomes import Difference, Sealing, Switched, Written
from mnemic.core.reading import Block, Citation, Context, Cost, Hit, Where
from mnemic.core.record import Record
from mnemic.core.times import instant
from mnemic.governance.keys import ApiKey


@dataclass(frozen=True, slots=True)
class BankInfo:
    """A bank as the server lists it."""

    name: str
    recipe: str
    created_at: datetime
    seq: int
    origin: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class RemotePage:
    """A run of records; ``next`` is what to ask ``after`` for more, or None."""

    records: tuple[Record, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RemoteTimeline:
    """See :class:`mnemic.answers.Timeline`; ``next`` is what to ask ``after`` for more, or None."""

    records: tuple[Record, ...]
    total: int
    start: datetime | None
    end: datetime | None
    counts: tuple[int, ...]
    next: str | None
    seq: int
    head: int


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as the server tells it; ``by`` is who asked for it."""

    id: str
    bank: str
    kind: str
    options: Mapping[str, Any]
    by: str
    state: str
    due: datetime
    tries: int
    result: Mapping[str, Any]


def known(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """Those fields that a class has, lists as tuples: a later server may tell more."""
    names = {item.name for item in fields(kind)}
    return {n: tuple(v) if isinstance(v, list) else v for n, v in data.items() if n in names}


def written(data: Mapping[str, Any]) -> Written:
    """What a write did."""
    return Written(**known(Written, data))


def sealing(data: Mapping[str, Any]) -> Sealing:
    """What became of a bank that was sealed or unsealed."""
    return Sealing(data["bank"], data["sealed"], tuple(data["steps"]), tuple(data["waits"]))


def switched(data: Mapping[str, Any]) -> Switched:
    """What a switch did."""
    return Switched(**known(Switched, data))


def hit(data: Mapping[str, Any]) -> Hit:
    """How a record was found."""
    return Hit(
        data["id"], data["score"], data["channel"], dict(data["parts"]), tuple(data["path"]), data.get("text", "")
    )


def citation(data: Mapping[str, Any]) -> Citation:
    """A line of a context."""
    when = instant(data["when"]) if data["when"] else None
    return Citation(data["number"], data["record"], tuple(data["events"]), when, data["speaker"], hit(data["hit"]))


def context(data: Mapping[str, Any]) -> Context:
    """A context."""
    blocks = tuple(Block(b["name"], b["text"], tuple(b["citations"])) for b in data["blocks"])
    citations = tuple(map(citation, data["citations"]))
    cost = Cost(**known(Cost, data["cost"]))
    return Context(blocks, citations, cost, data["receipt"], data["query"], tuple(data["notes"]))


def answer(data: Mapping[str, Any]) -> Answer:
    """An answer with its context."""
    return Answer(
        question=data["question"], text=data["text"], known=data["known"], by=data["by"],
        citations=tuple(map(citation, data["citations"])), context=context(data["context"]),
        cost=Cost(**known(Cost, data["cost"])), failure=data["failure"],
    )  # fmt: skip


def found(data: Mapping[str, Any]) -> list[Found]:
    """Records with the hits that found them."""
    return [Found(Record.from_json(one["record"]), hit(one["hit"])) for one in data["hits"]]


def trial(data: Mapping[str, Any]) -> Trial:
    """What a recipe came to that was tried."""
    return Trial(
        recipe=data["recipe"], events=data["events"], formed=data["formed"], forming_ms=data["forming_ms"],
        hits=found(data), context=context(data["context"]),
        records={name: Record.from_json(record) for name, record in data["records"].items()},
    )  # fmt: skip


def history(data: Mapping[str, Any]) -> list[HistoryEntry]:
    """Versions of a record; of each op only what a history tells."""
    out = []
    for one in data["versions"]:
        record = Record.from_json(one["record"])
        op = Op(kind=one["op"], targets=(record.id,), actor=one["actor"], reason=one["reason"])
        out.append(HistoryEntry(record, LogEntry(one["seq"], 0, instant(one["at"]), op)))
    return out


def difference(data: Mapping[str, Any]) -> Difference:
    """What changed between two points."""
    added, removed = (tuple(map(Record.from_json, data[name])) for name in ("added", "removed"))
    pairs = ((Record.from_json(one["before"]), Record.from_json(one["after"])) for one in data["changed"])
    return Difference(added, removed, tuple(pairs))


def bank(data: Mapping[str, Any]) -> BankInfo:
    """A bank."""
    return BankInfo(
        data["name"], data["recipe"], instant(data["created_at"]), data["seq"], data["origin"], data["sealed"]
    )


def page(data: Mapping[str, Any]) -> RemotePage:
    """A page of records."""
    return RemotePage(tuple(map(Record.from_json, data["records"])), data["next"])


def timeline(data: Mapping[str, Any]) -> RemoteTimeline:
    """Records in order of time."""
    start, end = (instant(data[name]) if data[name] else None for name in ("start", "end"))
    records = tuple(map(Record.from_json, data["records"]))
    return RemoteTimeline(**{**known(RemoteTimeline, data), "records": records, "start": start, "end": end})


def job(data: Mapping[str, Any]) -> JobInfo:
    """A job."""
    return JobInfo(**{**known(JobInfo, data), "due": instant(data["due"])})


def plan(data: Mapping[str, Any]) -> ErasurePlan:
    """What an erasure would do."""
    samples = {name: tuple(ids) for name, ids in data["samples"].items()}
    return ErasurePlan(**{**known(ErasurePlan, data), "samples": samples})


def erasures(data: Mapping[str, Any]) -> list[ErasureReceipt]:
    """Receipts of erasures."""
    return [ErasureReceipt.from_json(one) for one in data["erasures"]]


def key(data: Mapping[str, Any]) -> ApiKey:
    """A key; its hash stays with the server."""
    return ApiKey.from_json({**data, "hash": ""})


def audit_entry(data: Mapping[str, Any]) -> AuditEntry:
    """An entry of an audit."""
    return AuditEntry(**{**known(AuditEntry, data), "at": instant(data["at"])})


def where_json(where: Where | None) -> dict[str, Any] | None:
    """A filter as it is sent."""
    if where is None:
        return None
    if not isinstance(where, Where):
        raise BadInput(f"where: expected a Where, got {type(where).__name__}")
    out: dict[str, Any] = {item.name: getattr(where, item.name) for item in fields(where)}
    during = out.pop("during")
    out = {name: list(value) if isinstance(value, tuple) else value for name, value in out.items() if value is not None}
    if during is not None:
        out["during"] = {"start": during.start.isoformat(), "end": during.end.isoformat()}
    return out


def point(value: datetime | str | int | None) -> str | int | None:
    """A point of a log as it is sent."""
    return value.isoformat() if isinstance(value, datetime) else value


def when(value: Any) -> Any:
    """An instant as it is sent."""
    return value.isoformat() if isinstance(value, datetime) else value


def messages_json(messages: Any) -> list[dict[str, Any]]:
    """Messages as they are sent: texts, chat messages and events.

    >>> messages_json("Hello")
    [{'content': 'Hello'}]
    """
    if isinstance(messages, (str, Mapping, Event)):
        messages = [messages]
    if not isinstance(messages, Iterable):
        raise BadInput(f"messages: expected text, a chat message, an Event or many, got {type(messages).__name__}")
    return [_message(one, index) for index, one in enumerate(messages)]


def _message(given: Any, index: int) -> dict[str, Any]:
    if isinstance(given, str):
        return {"content": given}
    if isinstance(given, Event):
        body = given.to_json()
        for name in ("recorded_at", "seq", "bank"):
            body.pop(name, None)
        return body
    if not isinstance(given, Mapping):
        raise BadInput(f"messages[{index}]: expected text, a chat message or an Event, got {type(given).__name__}")
    return {name: when(value) for name, value in given.items() if value is not None}
