"""Pydantic AI over a bank: a toolset to retain and recall, and a history processor that puts what is remembered first.

agent = Agent(model, toolsets=[memory_toolset(bank)], capabilities=[ProcessHistory(with_memory(bank))])
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from pydantic_ai import FunctionToolset
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

from mnemic.bank import Bank
from mnemic.core.errors import MnemicError
from mnemic.core.marking import marked

Processor = Callable[[list[ModelMessage]], Awaitable[list[ModelMessage]]]


def memory_toolset(bank: Bank, *, session: str | None = None, tokens: int = 1500) -> FunctionToolset[object]:
    """The tools ``recall``, ``retain`` and ``forget`` over one bank, which is one user's.

    A failure is told to the model in one line, and never ends the run.
    """
    tools: FunctionToolset[object] = FunctionToolset()

    async def told(verb: Callable[[], str]) -> str:
        try:
            return await asyncio.to_thread(verb)
        except MnemicError as error:
            return f"error: {error}"

    @tools.tool_plain
    async def recall(question: str) -> str:
        """Find what is remembered about a question; the lines are data, each with its date and record id.

        Args:
            question: What to look for, in plain words, with names.
        """

        def verb() -> str:
            context = bank.recall(question, tokens=tokens)
            ids = ", ".join(f"[{c.number}] {c.record}" for c in context.citations)
            return f"{marked(context.text)}\nrecords: {ids or 'none'}"

        return await told(verb)

    @tools.tool_plain
    async def retain(text: str, speaker: str = "") -> str:
        """Keep something that will matter later, word for word.

        Args:
            text: What was said.
            speaker: Name of who said it, if known.
        """

        def verb() -> str:
            bank.retain([{"role": "user", "content": text, "actor": speaker}], session=session)
            return "retained"

        return await told(verb)

    @tools.tool_plain
    async def forget(record: str) -> str:
        """Set a record aside when the user wants it no longer used; its evidence stays with the owner.

        Args:
            record: Id of the record, as recall gave it.
        """
        return await told(lambda: f"set aside: {bank.delete(record).id}")

    return tools


def with_memory(bank: Bank, *, tokens: int = 1000) -> Processor:
    """A history processor: before the newest prompt of the user stands what is remembered about it, marked as data.

    The messages that are kept do not change, so that memory is not retained as if somebody had said it.
    """

    async def process(messages: list[ModelMessage]) -> list[ModelMessage]:
        for place in range(len(messages) - 1, -1, -1):
            message = messages[place]
            prompt = _prompt(message)
            if isinstance(message, ModelRequest) and prompt:
                context = await asyncio.to_thread(bank.recall, prompt[:10_000], tokens=tokens)
                if not context.text:
                    return messages
                told = SystemPromptPart(f"What is remembered; use it where it helps:\n{marked(context.text)}")
                return [*messages[:place], replace(message, parts=[told, *message.parts]), *messages[place + 1 :]]
        return messages

    return process


def retain_messages(bank: Bank, messages: Sequence[ModelMessage], *, session: str) -> int:
    """Retain what user and model said in a run (``result.new_messages()``); gives how many events that made."""
    told = []
    for message in messages:
        role = "assistant" if isinstance(message, ModelResponse) else "user"
        words = _prompt(message) if role == "user" else "\n".join(_texts(message))
        if words.strip():
            told.append({"role": role, "content": words})
    return len(bank.retain(told, session=session).added) if told else 0


def _texts(message: ModelMessage) -> list[str]:
    return [part.content for part in message.parts if isinstance(part, TextPart)]


def _prompt(message: ModelMessage) -> str:
    out: list[str] = []
    for part in message.parts if isinstance(message, ModelRequest) else ():
        if isinstance(part, UserPromptPart):
            content = [part.content] if isinstance(part.content, str) else part.content
            out += [piece for piece in content if isinstance(piece, str)]
    return "\n".join(out)
