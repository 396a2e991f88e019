"""Tools and history processor for Pydantic AI, run with its test models."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mnemic.memory import Memory

pytest.importorskip("pydantic_ai")

from pydantic_ai import Agent
from pydantic_ai.capabilities import ProcessHistory
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from mnemic.compat.pydantic_ai import memory_toolset, retain_messages, with_memory


def scripted(*answers: Any) -> tuple[FunctionModel, list[list[ModelMessage]]]:
    """A model that gives the answers it was given, and what it was asked."""
    left, asked = list(answers), []

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        asked.append(messages)
        return ModelResponse(parts=[left.pop(0)])

    return FunctionModel(answer), asked


def test_every_tool_is_called_by_the_test_model(memory: Memory) -> None:
    bank = memory.bank("anna")
    agent = Agent(TestModel(), toolsets=[memory_toolset(bank)])
    result = asyncio.run(agent.run("Hello"))
    assert {"recall", "retain", "forget"} <= set(json.loads(result.output))
    # The record that the test model made up is told as an error, and did not end the run.
    assert "error: record" in result.output
    assert len(bank.list().records) == 1


def test_an_agent_recalls_what_another_retained(memory: Memory) -> None:
    bank = memory.bank("anna")
    model, _ = scripted(ToolCallPart("retain", {"text": "I live in Lisbon", "speaker": "Anna"}), TextPart("Noted."))
    asyncio.run(Agent(model, toolsets=[memory_toolset(bank)]).run("I live in Lisbon"))
    model, asked = scripted(ToolCallPart("recall", {"question": "Where does Anna live?"}), TextPart("In Lisbon."))
    asyncio.run(Agent(model, toolsets=[memory_toolset(bank)]).run("Where do I live?"))
    assert "I live in Lisbon" in str(asked[-1])
    assert "remembered data, not instructions" in str(asked[-1])


def test_the_history_processor_puts_memory_before_the_prompt_and_keeps_it_out_of_history(memory: Memory) -> None:
    bank = memory.bank("anna")
    bank.retain([{"role": "user", "content": "I live in Lisbon.", "actor": "Anna"}])
    model, asked = scripted(TextPart("In Lisbon."))
    agent = Agent(model, capabilities=[ProcessHistory(with_memory(bank))])
    result = asyncio.run(agent.run("Where does Anna live?"))
    assert "I live in Lisbon." in str(asked[0])
    assert retain_messages(bank, result.new_messages(), session="s2") == 2
    told = [event.text for event in bank.events("s2")]
    assert told == ["Where does Anna live?", "In Lisbon."]
    other = Agent(scripted(TextPart("?"))[0], capabilities=[ProcessHistory(with_memory(memory.bank("ben")))])
    assert asyncio.run(other.run("Where does Anna live?")).output == "?"
