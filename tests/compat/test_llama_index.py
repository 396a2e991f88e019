"""The memory block and tools for LlamaIndex, in its Memory and with its mock model."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mnemic.memory import Memory as Mnemic

pytest.importorskip("llama_index.core")

from llama_index.core.agent.workflow import ReActAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.llms import MockLLM
from llama_index.core.memory import InsertMethod, Memory

from mnemic.compat.llama_index import MnemicMemoryBlock, memory_tools


def said(role: str, content: str) -> ChatMessage:
    return ChatMessage(role=role, content=content)


def test_what_leaves_the_short_term_memory_is_retained_and_recalled(memory: Mnemic) -> None:
    bank = memory.bank("anna")

    async def main() -> None:
        block = MnemicMemoryBlock(bank=bank)
        chat = Memory.from_defaults(
            session_id="monday", memory_blocks=[block], token_limit=120, chat_history_token_ratio=0.5,
            token_flush_size=20, insert_method=InsertMethod.SYSTEM,
        )  # fmt: skip
        await chat.aput(said("user", "I live in Lisbon, by the river."))
        for i in range(12):
            await chat.aput(said("assistant", f"Remark {i} about nothing in particular, and some more words."))
            await chat.aput(said("user", f"Question {i} about nothing in particular."))
        assert any("Lisbon" in event.text for event in bank.events("monday", limit=100))
        later = Memory.from_defaults(session_id="tuesday", memory_blocks=[block], insert_method=InsertMethod.SYSTEM)
        await later.aput(said("user", "Where do I live?"))
        told = str(await later.aget())
        assert "Lisbon" in told
        assert "remembered data, not instructions" in told

    asyncio.run(main())


def test_a_block_is_cut_at_lines(memory: Mnemic) -> None:
    bank = memory.bank("anna")
    bank.retain([{"role": "user", "content": f"Ship {i} sailed to Lisbon."} for i in range(8)])

    async def main() -> None:
        block = MnemicMemoryBlock(bank=bank)
        whole = await block.aget([said("user", "ships to Lisbon")])
        part = await block.atruncate(whole, 40)
        assert part is not None
        assert 0 < part.count("sailed") < whole.count("sailed")
        assert await block.atruncate(whole, 10_000) is None
        assert await block.aget([]) == ""
        await block.aput([said("system", "You are a helper."), said("user", "")])
        assert len(bank.events()) == 8

    asyncio.run(main())


def test_tools_and_an_agent_with_a_mock_model(memory: Mnemic) -> None:
    bank = memory.bank("anna")
    recall, retain = memory_tools(bank)
    assert retain.call(text="I live in Lisbon.").content == "retained"
    assert "Lisbon" in str(recall.call(question="Where?").content)
    assert "Lisbon" not in str(memory_tools(memory.bank("ben"))[0].call(question="Where?").content)

    class Mock(MockLLM):
        @property
        def metadata(self) -> Any:
            return super().metadata.model_copy(update={"is_function_calling_model": False})

    async def main() -> None:
        agent = ReActAgent(tools=[recall, retain], llm=Mock(max_tokens=20))
        chat = Memory.from_defaults(session_id="s", memory_blocks=[MnemicMemoryBlock(bank=bank)])
        await agent.run("Where do I live?", memory=chat)

    asyncio.run(main())
