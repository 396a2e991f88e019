"""A LangGraph store over a bank: get, put, search, delete and list of namespaces, with filters, search and expiry.

    graph = builder.compile(store=MnemicStore(memory))

An item is a document of the bank: each ``put`` is a version of it, and a search by words and meaning needs no index to
be configured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    MatchCondition,
    PutOp,
    SearchItem,
    SearchOp,
    TTLConfig,
    get_text_at_path,
    tokenize_path,
)

from mnemic.bank import Bank
from mnemic.compat.documents import DATA, Document, Documents, data_of, id_of
from mnemic.compat.nearness import nearness
from mnemic.core.errors import BadInput
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.memory import Memory
from mnemic.store.notes import Note

_TTL = "langgraph-ttl"
_COMPARE: Mapping[str, Any] = {
    "$eq": lambda value, wanted: value == wanted,
    "$ne": lambda value, wanted: value != wanted,
    "$gt": lambda value, wanted: float(value) > float(wanted),
    "$gte": lambda value, wanted: float(value) >= float(wanted),
    "$lt": lambda value, wanted: float(value) < float(wanted),
    "$lte": lambda value, wanted: float(value) <= float(wanted),
}


class MnemicStore(BaseStore):
    """LangGraph's ``BaseStore`` over a memory.

    Parameters
    ----------
    memory
        The memory that keeps the items.
    bank
        The bank of all namespaces; with ``user_at`` the first part of the banks' names.
    user_at
        Which label of a namespace names the user, from 0: each user then has a bank of his own, and a namespace that
        is too short to say the user is refused. None: one bank.
    ttl
        LangGraph's settings of expiry (minutes), such as ``{"default_ttl": 60, "refresh_on_read": True}``.
    """

    supports_ttl = True
    __slots__ = ("bank_name", "memory", "ttl_config", "user_at")

    def __init__(
        self, memory: Memory, *, bank: str = "langgraph", user_at: int | None = None, ttl: TTLConfig | None = None
    ) -> None:
        self.memory = memory
        self.bank_name = bank
        self.user_at = user_at
        self.ttl_config = ttl

    def batch(self, ops: Iterable[Any]) -> list[Any]:
        """Do operations: what reads sees what was before, and all writes to a bank are one commit."""
        given = list(ops)
        results: list[Any] = [None] * len(given)
        puts: dict[str, dict[tuple[tuple[str, ...], str], PutOp]] = {}
        for place, op in enumerate(given):
            if isinstance(op, GetOp):
                results[place] = self._get(op)
            elif isinstance(op, SearchOp):
                results[place] = self._search(op)
            elif isinstance(op, ListNamespacesOp):
                results[place] = self._namespaces(op)
            elif isinstance(op, PutOp):
                puts.setdefault(self._bank_of(op.namespace), {})[op.namespace, op.key] = op
            else:
                raise TypeError(f"Unknown operation type: {type(op)}")
        for name, of_bank in puts.items():
            self._put(Documents(self.memory.bank(name), role="system"), list(of_bank.values()))
        return results

    async def abatch(self, ops: Iterable[Any]) -> list[Any]:
        """The same, in a worker thread."""
        return await asyncio.to_thread(self.batch, list(ops))

    def sweep_ttl(self) -> int:
        """Set aside what has expired; gives how many."""
        gone = 0
        for bank in self._banks(()):
            documents = Documents(bank)
            stale = [_name(record) for record in documents.all() if self._expired(bank, record)]
            documents.write(stale, reason="expired")
            gone += len(stale)
        return gone

    # The operations.

    def _get(self, op: GetOp) -> Item | None:
        for bank in self._banks(op.namespace):
            record = Documents(bank).read(_full(op.namespace, op.key))
            if record is not None and not self._expired(bank, record):
                self._refresh(bank, [record], op.refresh_ttl)
                return Item(**_shape(record))
        return None

    def _search(self, op: SearchOp) -> list[SearchItem]:
        scored: list[tuple[float | None, Bank, Record]] = []
        for bank in self._banks(op.namespace_prefix):
            tags = (".".join(op.namespace_prefix),) if op.namespace_prefix else None
            admitted = [
                record
                for record in Documents(bank).all(Where(tags=tags))
                if _admits(op.filter, data_of(record)["value"]) and not self._expired(bank, record)
            ]
            if not op.query:
                scored += [(None, bank, record) for record in admitted]
                continue
            where = Where(ids=tuple(record.id for record in admitted))
            found = bank.search(op.query, k=min(op.offset + op.limit, 10_000), where=where) if admitted else []
            scored += [(near, bank, one.record) for near, one in zip(nearness(found), found, strict=True)]
            # What is not indexed cannot be found by a query; it stands behind what was.
            scored += [(None, bank, record) for record in admitted if not record.keys]
        scored.sort(key=lambda one: -1.0 if one[0] is None else one[0], reverse=True)
        chosen = scored[op.offset : op.offset + op.limit]
        for bank in {bank.name: bank for _, bank, _ in chosen}.values():
            self._refresh(bank, [record for _, held, record in chosen if held.name == bank.name], op.refresh_ttl)
        return [SearchItem(**_shape(record), score=near) for near, _, record in chosen]

    def _namespaces(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        found = {
            tuple(data_of(record)["namespace"])
            for bank in self._banks(None)
            for record in Documents(bank).all()
            if not self._expired(bank, record)
        }
        kept = {ns for ns in found if all(_matches(condition, ns) for condition in op.match_conditions or ())}
        if op.max_depth is not None:
            kept = {namespace[: op.max_depth] for namespace in kept}
        return sorted(kept)[op.offset : op.offset + op.limit]

    def _put(self, documents: Documents, ops: Sequence[PutOp]) -> None:
        written: list[Document | str] = []
        for op in ops:
            if op.value is None:
                written.append(_full(op.namespace, op.key))
                continue
            value = dict(op.value)
            try:
                text = json.dumps(value, ensure_ascii=False, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise BadInput(f"value: of {op.key!r} is no JSON ({error})") from None
            written.append(
                Document(
                    _full(op.namespace, op.key),
                    text,
                    {"namespace": list(op.namespace), "key": op.key, "value": value},
                    tuple(".".join(op.namespace[: i + 1]) for i in range(len(op.namespace))),
                    "" if op.index is False else _indexed(value, op.index),
                    ".".join(op.namespace),
                )
            )
        documents.write(written)
        for op in ops:
            record_id, bank = id_of(_full(op.namespace, op.key)), documents.bank
            if op.value is not None and op.ttl is not None:
                self._expire_in(bank, record_id, op.ttl)
            else:
                self.memory.engine.store.drop_note(bank.name, _TTL, record_id)

    # Where items are.

    def _bank_of(self, namespace: tuple[str, ...]) -> str:
        if self.user_at is None:
            return self.bank_name
        if len(namespace) <= self.user_at:
            raise BadInput(
                f"namespace: {namespace!r} does not say the user, who is its label {self.user_at}; give a longer one"
            )
        return f"{self.bank_name}:{namespace[self.user_at]}"

    def _banks(self, namespace: tuple[str, ...] | None) -> Iterator[Bank]:
        """The banks that a namespace can be in; of all namespaces when None is given."""
        if namespace is not None and not (self.user_at is not None and not namespace):
            names = [self._bank_of(namespace)]
        else:
            names = [row.name for row in self.memory.banks()]
            if self.user_at is None:
                names = [name for name in names if name == self.bank_name]
            else:
                names = [name for name in names if name.startswith(f"{self.bank_name}:")]
        for name in names:
            if self.memory.engine.store.bank(name) is not None:
                yield self.memory.bank(name, create=False)

    # Expiry.

    def _expire_in(self, bank: Bank, record_id: str, minutes: float) -> None:
        now = self.memory.engine.clock.now()
        body = {"minutes": minutes, "until": (now + timedelta(minutes=minutes)).isoformat()}
        self.memory.engine.store.put_note(Note(bank=bank.name, kind=_TTL, id=record_id, at=now, body=body))

    def _expired(self, bank: Bank, record: Record) -> bool:
        note = self.memory.engine.store.note(bank.name, _TTL, record.id)
        return note is not None and datetime.fromisoformat(note.body["until"]) <= self.memory.engine.clock.now()

    def _refresh(self, bank: Bank, records: Iterable[Record], refresh: bool) -> None:
        for record in records if refresh else ():
            note = self.memory.engine.store.note(bank.name, _TTL, record.id)
            if note is not None:
                self._expire_in(bank, record.id, note.body["minutes"])


def _full(namespace: tuple[str, ...], key: str) -> str:
    return json.dumps([*namespace, key], ensure_ascii=False)


def _name(record: Record) -> str:
    data = data_of(record)
    return _full(tuple(data["namespace"]), data["key"])


def _shape(record: Record) -> dict[str, Any]:
    data = data_of(record)
    at = record.times.recorded_at or datetime.fromtimestamp(0, UTC)
    created = datetime.fromisoformat(record.fields[DATA]["created"])
    return {
        "namespace": tuple(data["namespace"]), "key": data["key"], "value": data["value"], "created_at": created,
        "updated_at": max(at, created),
    }  # fmt: skip


def _indexed(value: dict[str, Any], paths: Sequence[str] | None) -> str:
    """What an item is found by: the texts at the paths, or all that it says."""
    if paths is None:
        return "\n".join(_leaves(value))
    return "\n".join(text for path in paths for text in get_text_at_path(value, tokenize_path(path)))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)


def _admits(wanted: Mapping[str, Any] | None, value: Mapping[str, Any]) -> bool:
    return all(_compared(value.get(name), condition) for name, condition in (wanted or {}).items())


def _compared(value: Any, condition: Any) -> bool:
    if isinstance(condition, Mapping) and any(str(name).startswith("$") for name in condition):
        for name, wanted in condition.items():
            if name not in _COMPARE:
                raise ValueError(f"Unsupported operator: {name}")
            try:
                if not _COMPARE[name](value, wanted):
                    return False
            except (TypeError, ValueError):
                return False
        return True
    if isinstance(condition, Mapping):
        return isinstance(value, Mapping) and all(_compared(value.get(n), c) for n, c in condition.items())
    return bool(value == condition)


def _matches(condition: MatchCondition, namespace: tuple[str, ...]) -> bool:
    path = condition.path
    if len(namespace) < len(path):
        return False
    end = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return all(wanted in ("*", label) for wanted, label in zip(path, end, strict=True))
