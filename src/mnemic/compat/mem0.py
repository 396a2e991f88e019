"""mem0's ``Memory`` and ``AsyncMemory`` over banks: change the import, and keep the rest of the program.

    from mem0 import Memory          ->          from mnemic.compat.mem0 import Memory

Verbs, arguments and shapes of results are those of mem0ai 2.2. One user is one bank; what ``delete_all`` removes is
removed from the store, and no later ``add`` sees it.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import mnemic
from mnemic.bank import Bank
from mnemic.compat.erasing import erase_sessions
from mnemic.compat.mem0_filters import admits, check_filters
from mnemic.compat.mem0_item import FIELD, day, expired, filterable, history_of, item_of, said_of
from mnemic.compat.mem0_scope import KINDS, Mem0Error, Scope
from mnemic.compat.nearness import nearness
from mnemic.core.errors import NotFound
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.engine.twins import with_twins
from mnemic.ingest.parts import content_parts
from mnemic.messages import MAX_TEXT, check_text

PROCEDURAL = "procedural_memory"
_UNSET: Any = object()
_PAGE = 1000


class Memory:
    """What ``mem0.Memory`` is to its users.

    ``config`` is mem0's own, of which only a ``"mnemic"`` entry is read, with the arguments of :func:`mnemic.open`:
    ``{"mnemic": {"path": "agent.db"}}``. Embedder and language model are mnemic's, by its configuration.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> options = {"path": folder.name + "/agent.db", "embedder": "hashing", "reranker": "overlap"}
    >>> memory = Memory.from_config({"mnemic": options})
    >>> memory.add("I like green tea.", user_id="anna")["results"][0]["event"]
    'ADD'
    >>> memory.search("green tea", filters={"user_id": "anna"})["results"][0]["memory"]
    'I like green tea.'
    >>> memory.close(); folder.cleanup()
    """

    def __init__(self, config: Any = None) -> None:
        given = config if isinstance(config, Mapping) else {}
        options = dict(given.get("mnemic") or {})
        self.config = config
        self.memory = options.pop("memory", None) or mnemic.open(options.pop("path", None), **options)
        self._banks: dict[str, str] = {}

    @classmethod
    def from_config(cls, config_dict: dict[str, Any]) -> Memory:
        """A memory of a configuration; see the class."""
        return cls(config_dict)

    def add(
        self,
        messages: Any,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        run_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        timestamp: Any = None,
        expiration_date: Any = None,
        infer: bool = True,
        memory_type: str | None = None,
        prompt: str | None = None,
    ) -> dict[str, Any]:
        """Retain messages; gives the memories that were made of them.

        The words are kept as evidence either way. With ``infer`` the bank's recipe makes of them what it makes; without
        a result is a message. ``timestamp`` is when it was said. System messages are instructions, and are left out.
        """
        scope = Scope.of({"user_id": user_id, "agent_id": agent_id, "run_id": run_id})
        if memory_type not in (None, PROCEDURAL):
            raise Mem0Error(f"Invalid 'memory_type'. Please pass {PROCEDURAL} to create procedural memories.")
        kept = {k: v for k, v in (metadata or {}).items() if k not in ("user_id", "agent_id", "run_id", "actor_id")}
        if memory_type:
            kept["memory_type"] = memory_type
        beside = {**scope.ids, "metadata": kept, "expiration_date": day(expiration_date)}
        meta = {FIELD: {name: value for name, value in beside.items() if value}}
        told = [
            {
                "role": message["role"],
                "parts": content_parts(message["content"]),
                "actor": str(message.get("name") or ""),
                "meta": meta,
            }
            for message in _messages(messages)
        ]
        told = [message for message in told if message["parts"]]
        if not told:
            return {"results": []}
        bank = self.memory.bank(scope.bank)
        written = bank.retain(told, session=scope.session, at=timestamp)
        made = [bank.get(record_id) for record_id in written.records]
        self._banks |= {record.id: bank.name for record in made}
        results = [{"id": r.id, "memory": r.value, "event": "ADD"} for r in made if r.state == "active"]
        if not infer:
            by_id = {record.id: record for record in made}
            for result in results:
                record = by_id[result["id"]]
                result |= {"actor_id": record.actor or None, "role": record.role}
        return {"results": results}

    def get(self, memory_id: str) -> dict[str, Any] | None:
        """A memory by id; None when there is none, or none any more."""
        try:
            bank, record = self._held(memory_id)
        except NotFound:
            return None
        return item_of(record, said_of(bank, [record])[0]) | {"score": None} if record.state == "active" else None

    def get_all(
        self, *, filters: dict[str, Any] | None = None, top_k: int = 20, show_expired: bool = False, **kwargs: Any
    ) -> dict[str, Any]:
        """The memories that filters admit, oldest first."""
        _refuse_ids(kwargs, "get_all")
        _check_count(top_k)
        bank, where, rest = self._narrowed(filters)
        if bank is None:
            return {"results": []}
        out: list[dict[str, Any]] = []
        for record, said in _scan(bank, where):
            if len(out) >= top_k:
                break
            if admits(rest, filterable(record, said)) and (show_expired or not self._expired(said)):
                out.append(item_of(record, said))
        self._banks |= {item["id"]: bank.name for item in out}
        return {"results": out}

    def search(
        self,
        query: str,
        *,
        top_k: int = 20,
        filters: dict[str, Any] | None = None,
        threshold: float = 0.1,
        rerank: bool = False,
        explain: bool = False,
        reference_date: Any = None,
        show_expired: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """The best memories for a query, with a score between 0 and 1 that is at least ``threshold``.

        Filters hold before ranking. ``reference_date`` is what relative dates in the query refer to. The recipe reranks
        by itself; ``rerank`` is taken and changes nothing.
        """
        _refuse_ids(kwargs, "search")
        _check_count(top_k)
        if threshold is not None and not (isinstance(threshold, (int, float)) and 0 <= threshold <= 1):
            raise Mem0Error(f"Invalid threshold: {threshold}. Must be between 0 and 1 (inclusive).")
        if not isinstance(query, str) or not query.strip():
            raise Mem0Error("Invalid query: cannot be empty or whitespace-only.")
        bank, where, rest = self._narrowed(filters)
        if bank is None or not top_k:
            return {"results": []}
        admitted = [
            (record, said)
            for record, said in (_scan(bank, where) if rest else ())
            if admits(rest, filterable(record, said))
        ]
        if rest:
            where = Where(ids=tuple(record.id for record, _ in admitted))
        found = bank.search(query.strip(), k=min(4 * top_k + 60, 10_000), where=where, asked_at=reference_date)
        saids = said_of(bank, [one.record for one in found])
        results = []
        for one, said, score in zip(found, saids, nearness(found), strict=True):
            if score < (0.1 if threshold is None else threshold) or (not show_expired and self._expired(said)):
                continue
            item = item_of(one.record, said) | {"score": score}
            if explain:
                item["score_details"] = {**one.hit.parts, "channel": one.hit.channel, "final_score": one.hit.score}
            results.append(item)
        self._banks |= {item["id"]: bank.name for item in results[:top_k]}
        return {"results": results[:top_k]}

    def update(
        self,
        memory_id: str,
        text: str | None = None,
        metadata: dict[str, Any] | None = None,
        expiration_date: Any = _UNSET,
        data: str | None = None,
    ) -> dict[str, str]:
        """Reword a memory, or change what is kept beside it; raises ValueError when there is none."""
        text = data if text is None else text
        if text is None and metadata is None and expiration_date is _UNSET:
            raise Mem0Error("At least one of text, metadata, or expiration_date must be provided.")
        bank, record = self._current(memory_id)
        said = dict(said_of(bank, [record])[0])
        said["created_at"] = item_of(record, said)["created_at"]
        said["updated_at"] = bank.engine.clock.now().isoformat()
        said["metadata"] = {**(said.get("metadata") or {}), **(metadata or {})}
        if expiration_date is not _UNSET:
            said["expiration_date"] = day(expiration_date)
        if text is not None:
            check_text(text, "text", limit=MAX_TEXT)

        def change(view: Any) -> Iterator[Op]:
            (shown,) = view.get([memory_id]).values()
            if text is None:
                yield Op.retag(shown, fields={**shown.fields, FIELD: said}, reason="mem0 update", actor="user")
                return
            for twin in with_twins(shown, view):
                new = reworded(twin, text).with_(epistemic="inference")
                new = new.with_(fields={**new.fields, FIELD: said}) if twin.id == memory_id else new
                yield Op.update(twin, new, reason="mem0 update", actor="user")

        bank.engine.commit(bank.name, change)
        return {"message": "Memory updated successfully!"}

    def delete(self, memory_id: str) -> dict[str, str]:
        """Set a memory aside; its history stays. ``delete_all`` removes for good."""
        bank, _ = self._current(memory_id)
        bank.delete(memory_id)
        return {"message": "Memory deleted successfully!"}

    def delete_all(
        self, user_id: str | None = None, agent_id: str | None = None, run_id: str | None = None
    ) -> dict[str, str]:
        """Remove everything of a user, agent or run from the store: memories, evidence, history, vectors."""
        given = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        if not any(given.values()):
            raise Mem0Error(
                "At least one filter is required to delete all memories. If you want to delete all memories, use the "
                "`reset()` method."
            )
        scope = Scope.of(given)
        if self.memory.engine.store.bank(scope.bank) is None:
            return {"message": "Memories deleted successfully!"}
        bank = self.memory.bank(scope.bank, create=False)
        named = None if scope.whole_bank else [name for name in _sessions(bank) if scope.holds(name)]
        erase_sessions(self.memory, scope.bank, named)
        self._banks.clear()
        return {"message": "Memories deleted successfully!"}

    def history(self, memory_id: str) -> list[dict[str, Any]]:
        """The changes of a memory, first to last; empty when there is none."""
        try:
            bank, _ = self._held(memory_id)
        except NotFound:
            return []
        return history_of(bank.history(memory_id))

    def reset(self) -> None:
        """Remove the banks of all users, agents and runs."""
        for row in self.memory.banks():
            if row.name.startswith(tuple(f"{kind}:" for kind in KINDS)):
                erase_sessions(self.memory, row.name, None)
        self._banks.clear()

    def chat(self, query: str) -> None:
        """Not there, as in mem0; see ``answer`` of a bank."""
        raise NotImplementedError("Chat function not implemented yet.")

    def close(self) -> None:
        """Close the store."""
        self.memory.close()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What the verbs share.

    def _expired(self, said: Mapping[str, Any]) -> bool:
        return expired(said, self.memory.engine.clock.now())

    def _narrowed(self, filters: dict[str, Any] | None) -> tuple[Bank | None, Where, dict[str, Any]]:
        """The bank of filters, if there is one; what its own filter can hold; and what is left to look at."""
        given = dict(filters or {})
        scope = Scope.of(given)
        rest = {name: value for name, value in given.items() if name not in scope.ids}
        check_filters(rest)
        if self.memory.engine.store.bank(scope.bank) is None:
            return None, Where(), rest
        bank = self.memory.bank(scope.bank, create=False)
        sessions = None if scope.whole_bank else tuple(name for name in _sessions(bank) if scope.holds(name))
        return bank, Where(sessions=sessions), rest

    def _held(self, memory_id: str) -> tuple[Bank, Record]:
        known = self._banks.get(memory_id)
        for name in [known] if known else [row.name for row in self.memory.banks()]:
            with suppress(NotFound):
                bank = self.memory.bank(name, create=False)
                record = bank.get(memory_id)
                self._banks[memory_id] = bank.name
                return bank, record
        raise NotFound(f"Memory with id {memory_id} not found")

    def _current(self, memory_id: str) -> tuple[Bank, Record]:
        with suppress(NotFound):
            bank, record = self._held(memory_id)
            if record.state == "active":
                return bank, record
        raise Mem0Error(f"Memory with id {memory_id} not found. Please provide a valid 'memory_id'")


class AsyncMemory:
    """``mem0.AsyncMemory``: the verbs of :class:`Memory`, awaited; they run in worker threads."""

    def __init__(self, config: Any = None) -> None:
        self.sync = Memory(config)

    @classmethod
    def from_config(cls, config_dict: dict[str, Any]) -> AsyncMemory:
        """A memory of a configuration; see :class:`Memory`."""
        return cls(config_dict)

    def close(self) -> None:
        """Close the store."""
        self.sync.close()

    async def __aenter__(self) -> AsyncMemory:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


def _awaited(verb: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(verb)
    async def run(self: AsyncMemory, *args: Any, **options: Any) -> Any:
        options.pop("llm", None)
        return await asyncio.to_thread(verb, self.sync, *args, **options)

    return run


for _verb in ("add", "get", "get_all", "search", "update", "delete", "delete_all", "history", "reset", "chat"):
    setattr(AsyncMemory, _verb, _awaited(getattr(Memory, _verb)))


def _messages(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    elif isinstance(given, dict):
        given = [given]
    elif not isinstance(given, list):
        raise Mem0Error("messages must be str, dict, or list[dict]")
    sound = [m for m in given if isinstance(m, dict) and m.get("role") and m.get("content") is not None]
    return [message for message in sound if message["role"] != "system"]


def _refuse_ids(given: Mapping[str, Any], verb: str) -> None:
    if named := {f"{kind}_id" for kind in KINDS} & set(given):
        raise Mem0Error(
            f"Top-level entity parameters {named} are not supported in {verb}(). "
            "Use filters={'user_id': '...'} instead."
        )
    if given:
        raise Mem0Error(f"{verb}() takes no {', '.join(given)}")


def _check_count(top_k: Any) -> None:
    if isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 0:
        raise Mem0Error(f"Invalid top_k: {top_k}. Must be a non-negative integer.")


def _sessions(bank: Bank) -> list[str]:
    with bank.engine.store.snapshot(bank.name) as snapshot:
        return [name for name, _ in snapshot.sessions()]


def _scan(bank: Bank, where: Where) -> Iterator[tuple[Record, Mapping[str, Any]]]:
    after: int | None = 0
    while after is not None:
        page = bank.list(where, limit=_PAGE, after=after)
        yield from zip(page.records, said_of(bank, page.records), strict=True)
        after = page.next
