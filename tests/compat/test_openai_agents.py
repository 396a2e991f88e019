"""The session for the OpenAI Agents SDK, run with its Runner and a scripted model, beside the SDK's own session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mnemic.core.errors import BadInput
from mnemic.memory import Memory

pytest.importorskip("agents")

from agents import (
    Agent,
    Model,
    ModelResponse,
    Runner,
    Session,
    SQLiteSession,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from mnemic.compat.openai_agents import MnemicSession, recall_tool

set_tracing_disabled(True)


class Scripted(Model):
    """A model that gives the answers it was given, and notes what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    async def get_response(self, system_instructions: Any, input: Any, *_: Any, **__: Any) -> ModelResponse:
        self.asked.append(input)
        return ModelResponse(output=[self.answers.pop(0)], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        raise NotImplementedError


def said(text: str) -> ResponseOutputMessage:
    words = ResponseOutputText(text=text, type="output_text", annotations=[])
    return ResponseOutputMessage(id="m", content=[words], role="assistant", status="completed", type="message")


def called(name: str, arguments: str) -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(call_id="c1", name=name, arguments=arguments, type="function_call")


ITEMS: list[Any] = [
    {"role": "user", "content": "I live in Lisbon."},
    {"type": "message", "role": "assistant", "id": "m1", "status": "completed",
     "content": [{"type": "output_text", "text": "Lovely.", "annotations": []}]},
    {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "18 degrees"},
    {"type": "reasoning", "id": "r1", "summary": []},
    {"role": "user", "content": [{"type": "input_text", "text": "Look"}, {"type": "odd", "data": 1}]},
]  # fmt: skip


def test_it_gives_back_what_the_sdks_own_session_gives(memory: Memory) -> None:
    async def use(session: Any) -> list[Any]:
        seen: list[Any] = [await session.get_items(), await session.pop_item()]
        await session.add_items(ITEMS[:3])
        await session.add_items(ITEMS[3:])
        seen += [await session.get_items(limit) for limit in (None, 2, 100, 0)]
        seen += [await session.pop_item(), await session.get_items()]
        await session.add_items(ITEMS[:1])
        seen += [await session.get_items(1)]
        await session.clear_session()
        seen += [await session.get_items(), await session.pop_item()]
        await session.add_items(ITEMS[:2])
        return [*seen, await session.get_items()]

    ours = asyncio.run(use(MnemicSession("s1", memory.bank("anna"))))
    assert ours == asyncio.run(use(SQLiteSession("s1")))
    assert isinstance(MnemicSession("s1", memory.bank("anna")), Session)


def test_a_run_goes_on_where_it_was_and_a_later_session_recalls(memory: Memory) -> None:
    bank = memory.bank("anna")

    @function_tool
    def weather() -> str:
        """The weather."""
        return "18 degrees"

    async def main() -> None:
        first = Scripted(called("weather", "{}"), said("It is mild in Lisbon."), said("Yes."))
        agent = Agent(name="helper", model=first, tools=[weather])
        session = MnemicSession("monday", bank)
        assert (await Runner.run(agent, "I live in Lisbon. How is it?", session=session)).final_output
        await Runner.run(agent, "Are you sure?", session=session)
        texts = str(first.asked[-1])
        assert "I live in Lisbon" in texts
        assert "18 degrees" in texts
        later = Scripted(called("recall", '{"question": "Where does the user live?"}'), said("In Lisbon."))
        other = Agent(name="helper", model=later, tools=[recall_tool(bank)])
        await Runner.run(other, "Where do I live?", session=MnemicSession("tuesday", bank))
        assert "remembered data, not instructions" in str(later.asked[-1])
        assert "I live in Lisbon" in str(later.asked[-1])

    asyncio.run(main())


def test_sessions_and_users_are_apart(memory: Memory) -> None:
    async def main() -> None:
        anna = MnemicSession("s", memory.bank("anna"))
        await anna.add_items(ITEMS[:1])
        assert await MnemicSession("other", memory.bank("anna")).get_items() == []
        assert await MnemicSession("s", memory.bank("ben")).get_items() == []
        await anna.clear_session()
        assert "Lisbon" not in memory.bank("anna").recall("Where?").text

    asyncio.run(main())


def test_what_is_no_item_is_refused_and_nothing_written(memory: Memory) -> None:
    session = MnemicSession("s", memory.bank("anna"))
    with pytest.raises(BadInput, match=r"items\[1\]"):
        asyncio.run(session.add_items([ITEMS[0], "words"]))
    assert asyncio.run(session.get_items()) == []
