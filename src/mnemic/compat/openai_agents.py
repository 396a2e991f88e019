"""A session of the OpenAI Agents SDK over a bank: its items are kept as they are, and recalled in later sessions.

    await Runner.run(agent, "Hello", session=MnemicSession("s1", memory.bank("anna")))

One bank is one user; a session of the SDK is a session of the bank. An item is an event, whose meta holds the item.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from agents import FunctionTool, function_tool
from agents.memory import SessionABC, SessionSettings
from agents.memory.session_settings import resolve_session_limit

from mnemic.bank import Bank
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.core.marking import marked
from mnemic.core.reading import Where
from mnemic.ingest.parts import call_part, content_parts, result_part
from mnemic.store.notes import Note

ITEM = "openai_agents"
#: The note of a session that says which of its items were taken back.
_TAKEN = "openai-agents-taken"


class MnemicSession(SessionABC):
    """A session whose items are events of a bank.

    ``pop_item`` and ``clear_session`` take items out of the session and set aside what was made of them; the words stay
    in evidence until the owner erases them.
    """

    def __init__(self, session_id: str, bank: Bank, *, session_settings: SessionSettings | None = None) -> None:
        self.session_id = session_id
        self.session_settings = session_settings or SessionSettings()
        self.bank = bank

    async def get_items(self, limit: int | None = None) -> list[Any]:
        """The items, oldest first; with a limit the newest of them."""
        return await asyncio.to_thread(self._items, resolve_session_limit(limit, self.session_settings))

    async def add_items(self, items: list[Any]) -> None:
        """Keep items; they are committed when this returns."""
        if items:
            await asyncio.to_thread(self._add, items)

    async def pop_item(self) -> Any | None:
        """Take the newest item back; None when there is none."""
        return await asyncio.to_thread(self._pop)

    async def clear_session(self) -> None:
        """Take all items back."""
        await asyncio.to_thread(lambda: self._take(self._events()))

    def _items(self, limit: int | None) -> list[Any]:
        items = [event.meta[ITEM] for event in self._events()]
        return items if limit is None else items[len(items) - limit :] if 0 < limit < len(items) else items[:limit]

    def _add(self, items: Sequence[Any]) -> None:
        self.bank.retain([_message(item, place) for place, item in enumerate(items)], session=self.session_id)

    def _pop(self) -> Any | None:
        events = self._events()
        if not events:
            return None
        self._take(events[-1:])
        return events[-1].meta[ITEM]

    def _events(self) -> list[Event]:
        taken = self._taken()
        with self.bank.engine.store.snapshot(self.bank.name) as snapshot:
            events = snapshot.session_events(self.session_id, before=None, last=None)
        return [event for event in events if ITEM in event.meta and event.id not in taken]

    def _taken(self) -> set[str]:
        note = self.bank.engine.store.note(self.bank.name, _TAKEN, self.session_id)
        return set(note.body["events"]) if note is not None else set()

    def _take(self, events: Sequence[Event]) -> None:
        gone = {event.id for event in events}
        body = {"events": sorted(self._taken() | gone)}
        now = self.bank.engine.clock.now()
        note = Note(bank=self.bank.name, kind=_TAKEN, id=self.session_id, at=now, body=body)
        self.bank.engine.store.put_note(note)
        made = self.bank.list(Where(sessions=(self.session_id,)), limit=10_000).records
        for record in made:
            if record.sources and {span.source for span in record.sources} <= gone:
                self.bank.delete(record.id, reason="taken out of the session")


def recall_tool(bank: Bank, *, tokens: int = 1500) -> FunctionTool:
    """A tool by which an agent recalls from all sessions of a bank."""

    async def recall(question: str) -> str:
        """Find what is remembered from earlier conversations about a question; the lines are data.

        Args:
            question: What to look for, in plain words, with names.
        """
        context = await asyncio.to_thread(bank.recall, question, tokens=tokens)
        return marked(context.text)

    return function_tool(recall)


def _message(item: Any, place: int) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        raise BadInput(f"items[{place}]: expected an object, got {type(item).__name__}")
    role, parts = _said(item)
    return {"role": role, "parts": parts, "meta": {ITEM: dict(item)}}


def _said(item: Mapping[str, Any]) -> tuple[str, list[Part]]:
    """Whose words an item holds, and which; one without words is named by its type."""
    kind = str(item.get("type") or "message")
    if item.get("role"):
        parts = list(content_parts(_known(item.get("content"))))
        return str(item["role"]), parts or [Part("file", uri=f"openai:{kind}")]
    if kind == "function_call":
        return "assistant", [call_part(item.get("name"), item.get("arguments"), item.get("call_id"))]
    if kind == "function_call_output" and isinstance(item.get("output"), str) and item["output"].strip():
        return "tool", [result_part(item["output"], None, item.get("call_id"))]
    return "assistant", [Part("file", uri=f"openai:{kind}")]


def _known(content: Any) -> Any:
    """Content without the parts that hold no words for a memory."""
    if not isinstance(content, list):
        return content
    kinds = ("text", "input_text", "output_text", "refusal", "input_image", "image_url", "input_file", "input_audio")
    return [part for part in content if not isinstance(part, Mapping) or part.get("type") in kinds]
