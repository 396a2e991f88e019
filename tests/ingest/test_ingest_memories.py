"""Importers of other products' memories: detected by content, verbatim, with times and speakers, one owner a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mnemic
from mnemic.compat.mem0 import Memory as Mem0
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.ingest import detect, read_all

MEM0: dict[str, Any] = {
    "results": [
        {"id": "m1", "memory": "Drinks green tea", "hash": "x", "user_id": "anna", "run_id": "r1", "role": "user",
         "actor_id": "Anna", "created_at": "2026-05-01T10:00:00+02:00", "metadata": {"topic": "drinks"}},
        {"id": "m2", "memory": "Lives in Porto", "user_id": "anna", "created_at": "2026-05-02T10:00:00Z"},
    ]
}  # fmt: skip
GRAPH_LINES: list[dict[str, Any]] = [
    {"type": "entity", "name": "Anna", "entityType": "person", "observations": ["Drinks green tea", "Lives in Porto"]},
    {"type": "entity", "name": "Acme", "entityType": "company", "observations": []},
    {"type": "relation", "from": "Anna", "to": "Acme", "relationType": "works_at"},
]
GRAPHITI: dict[str, Any] = {
    "episodes": [
        {"uuid": "p1", "group_id": "anna", "source": "message", "content": "Anna: I moved to Porto.",
         "source_description": "chat", "valid_at": "2026-05-01T10:00:00Z", "created_at": "2026-05-03T00:00:00Z"}
    ],
    "edges": [
        {"uuid": "e1", "group_id": "anna", "name": "LIVES_IN", "fact": "Anna lives in Oslo", "source_node_uuid": "n1",
         "target_node_uuid": "n2", "valid_at": "2024-01-01T00:00:00Z", "invalid_at": "2026-05-01T00:00:00Z",
         "created_at": "2024-02-01T00:00:00Z", "episodes": ["p0"]},
        {"uuid": "e2", "group_id": "anna", "name": "LIVES_IN", "fact": "Anna lives in Porto", "source_node_uuid": "n1",
         "target_node_uuid": "n3", "valid_at": "2026-05-01T00:00:00Z", "invalid_at": None},
    ],
    "nodes": [{"uuid": "n1", "name": "Anna"}, {"uuid": "n2", "name": "Oslo"}, {"uuid": "n3", "name": "Porto"}],
}  # fmt: skip
LETTA: dict[str, Any] = {
    "agents": [
        {"id": "agent-1", "name": "helper", "agent_type": "memgpt_agent", "messages": [
            {"id": "message-0", "role": "system", "content": [{"type": "text", "text": "You are MemGPT."}],
             "created_at": "2026-05-01T09:00:00Z"},
            {"id": "message-1", "role": "user", "created_at": "2026-05-01T10:00:00Z", "content": [
                {"type": "text", "text": '{"type": "user_message", "message": "I moved to Porto.", "time": "x"}'}]},
            {"id": "message-2", "role": "user", "created_at": "2026-05-01T10:00:01Z", "content": [
                {"type": "text", "text": '{"type": "heartbeat", "reason": "timer"}'}]},
            {"id": "message-3", "role": "assistant", "created_at": "2026-05-01T10:00:02Z",
             "content": [{"type": "reasoning", "reasoning": "hm"}],
             "tool_calls": [{"id": "c", "type": "function", "function": {
                 "name": "send_message", "arguments": '{"message": "How is it there?"}'}}]},
            {"id": "message-4", "role": "tool", "tool_call_id": "c", "created_at": "2026-05-01T10:00:03Z",
             "content": [{"type": "text", "text": "None"}]},
        ]},
    ],
    "blocks": [{"id": "block-1", "label": "human", "value": "Name: Anna"}],
    "groups": [],
}  # fmt: skip
OLD_LETTA = {
    "name": "old", "agent_type": "memgpt_agent", "core_memory": [{"label": "persona", "value": "I help."}],
    "messages": [{"role": "user", "text": "Hello", "created_at": "2025-05-01T10:00:00Z"}],
}  # fmt: skip


def written(value: Any) -> bytes:
    """A value as a file holds it."""
    if isinstance(value, list):
        return "\n".join(json.dumps(line) for line in value).encode()
    return json.dumps(value, indent=1).encode()


FILES = {"mem0": MEM0, "mcp-memory": GRAPH_LINES, "graphiti": GRAPHITI, "letta": LETTA}


def taken(value: Any) -> list[Event]:
    events, report = read_all(written(value), at="2026-06-01")
    assert not report.bad
    return events


@pytest.mark.parametrize("name", FILES)
def test_each_is_detected_and_read_twice_adds_nothing(name: str, tmp_path: Path) -> None:
    assert detect(written(FILES[name])) == name
    assert detect(json.dumps(FILES[name]).encode()) == name or name == "mcp-memory"
    events = taken(FILES[name])
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        bank = memory.bank("anna")
        assert len(bank.retain(events).added) == len(events)
        assert bank.retain(taken(FILES[name])).added == ()
        assert "Porto" in bank.recall("Where does Anna live?").text or name == "letta"


def test_mem0_keeps_ids_times_speakers_and_metadata(tmp_path: Path) -> None:
    first, second = taken(MEM0)
    assert (first.text, first.actor, first.session) == ("Drinks green tea", "Anna", "r1")
    assert first.occurred_at.isoformat() == "2026-05-01T08:00:00+00:00"
    assert second.id.endswith("m2")
    with Mem0({"mnemic": {"path": tmp_path / "a.db", "embedder": "hashing", "reranker": "overlap"}}) as drop_in:
        drop_in.memory.bank("user:anna").retain([first, second])
        found = drop_in.get_all(filters={"user_id": "anna", "topic": "drinks"})["results"]
    assert [item["memory"] for item in found] == ["Drinks green tea"]


def test_graphiti_keeps_when_facts_held(tmp_path: Path) -> None:
    episode, ended, holds = taken(GRAPHITI)
    assert (episode.text, episode.role) == ("Anna: I moved to Porto.", "user")
    assert episode.occurred_at.isoformat() == "2026-05-01T10:00:00+00:00"
    assert ended.meta["facts"][0]["until"] == "2026-05-01T00:00:00+00:00"
    assert (holds.meta["facts"][0]["subject"], holds.meta["facts"][0]["value"]) == ("Anna", "Porto")
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        bank = memory.bank("anna")
        bank.retain([episode, ended, holds])
        facts = {r.value: r.times.valid for r in bank.list().records if r.kind == "semantic"}
    assert facts["Anna lives in Oslo"].end.year == 2026  # type: ignore[union-attr]
    assert facts["Anna lives in Porto"].end.year > 3000  # type: ignore[union-attr]


def test_letta_gives_the_words_that_were_said() -> None:
    told = [(event.session, event.role, event.text) for event in taken(LETTA)]
    assert told == [
        ("core memory", "document", "Name: Anna"), ("helper", "user", "I moved to Porto."),
        ("helper", "assistant", "How is it there?"), ("helper", "tool", "None"),
    ]  # fmt: skip
    assert [event.text for event in taken(OLD_LETTA)] == ["I help.", "Hello"]


def test_the_graph_of_the_memory_server_keeps_entities_and_relations() -> None:
    told = [(event.actor, event.text) for event in taken(GRAPH_LINES)]
    expected = [("Anna", "Drinks green tea"), ("Anna", "Lives in Porto"), ("Anna", "Anna works at Acme")]
    assert told == expected
    whole = {"entities": GRAPH_LINES[:2], "relations": GRAPH_LINES[2:]}
    graph = {name: [{k: v for k, v in i.items() if k != "type"} for i in items] for name, items in whole.items()}
    assert [(event.actor, event.text) for event in taken(graph)] == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"results": [MEM0["results"][0], {**MEM0["results"][1], "user_id": "ben"}]}, "memories of 2"),
        ({"results": [{**MEM0["results"][0], "memory": ""}]}, "memory 1: memory: is missing"),
        ({"results": [{**MEM0["results"][0], "created_at": "soon"}]}, "created_at"),
        ({"results": [{**MEM0["results"][0], "metadata": [1]}]}, "metadata"),
        ({**GRAPHITI, "edges": [{**GRAPHITI["edges"][0], "group_id": "ben"}]}, "memories of 2"),
        ({**GRAPHITI, "edges": [{**GRAPHITI["edges"][0], "invalid_at": "2020-01-01"}]}, "before valid_at"),
        ({**GRAPHITI, "edges": {"a": 1}}, "no list of objects"),
        ([{"type": "entity", "entityType": "x", "observations": ["a"]}], "line 1: name: is missing"),
        ([{"type": "entity", "name": "x", "entityType": "x", "observations": [5]}], "observations"),
        ([*GRAPH_LINES, {"type": "drop", "name": "x"}], "line 4: type"),
        ({**LETTA, "agents": "x"}, "no list of objects"),
        ({**LETTA, "agents": [{"name": "a", "messages": [{"role": 5, "content": "x"}]}]}, "role"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_refused_in_one_line(value: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        read_all(written(value), at="2026-06-01")
    assert "\n" not in str(refused.value)
