"""Mem-α works when the core never outgrows its room, and every write, however odd, is in the log or refused."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.evidence import Event, Part
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.record import Record
from mnemic.core.times import instant
from mnemic.evolution.tool_driven import CUT, ToolDriven
from mnemic.models.token_counter import EstimatedTokens
from mnemic.recipes.mem_alpha import RECIPE

from .workbench import bank_at, current, fingerprint, log_of, memory_at, model_of


def agent(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Grows the core with every chunk, adds a fact and an event, and rewrites and deletes some of what it is shown."""
    chunk = inputs["turns"][0]["text"]
    lot = random.Random(chunk)
    calls = [
        {
            "tool": "update",
            "kind": "core",
            "text": f"{inputs['core']} In {chunk} much was told of many far places."[-2400:],
        },
        {"tool": "insert", "kind": "semantic", "text": f"Fact of {chunk}", "turns": ["0"]},
        {"tool": "insert", "kind": "episodic", "text": f"Event of {chunk}", "turns": ["1", "44"]},
        {"tool": "insert", "kind": "semantic", "text": f"Fact of {chunk}"},
    ]
    for kind in ("semantic", "episodic"):
        for memory in lot.sample(inputs[kind], min(1, len(inputs[kind]))):
            tool = lot.choice(("update", "update", "delete"))
            calls.append({"tool": tool, "kind": kind, "memory": memory["alias"], "text": f"Rewritten in {chunk}"})
    return {"calls": calls}


def test_through_fifty_chunks_the_core_keeps_its_bounds_and_the_log_holds_all(tmp_path: Path) -> None:
    with memory_at(tmp_path / "x.db", {"memory_tools": agent}) as memory:
        bank = memory.bank("b", recipe=RECIPE)
        count = EstimatedTokens().count
        for number in range(50):
            bank.retain([{"content": f"chunk {number}"}, *({"content": f"line {i}"} for i in range(9))], session="s")
            (core,) = current(bank, kinds=("core",))
            assert count(core.value) <= 512
        assert core.value.endswith(CUT)
        assert len(model_of(bank).calls) == 50
        shown = [call.inputs for call in model_of(bank).calls]
        assert all(len(inputs["semantic"]) <= 20 and len(inputs["episodic"]) <= 20 for inputs in shown)
        assert int(shown[-1]["semantic_total"]) > len(shown[-1]["semantic"]) == 20
        assert fingerprint(memory.branch("b", "copy")) == fingerprint(bank)
        skipped = [op for op in log_of(bank) if op.kind == "NOOP" and op.reason.startswith("says what")]
        assert len(skipped) == 50
        gone = current(bank, states=("superseded",))
        assert gone
        assert len(bank.events(limit=1000)) == 500


def test_what_is_shown_carries_no_id_and_the_chunk_itself_is_no_record(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"memory_tools": agent}) as bank:
        for number in range(3):
            bank.retain([{"content": f"chunk {number}"}, *({"content": f"line {i}"} for i in range(9))], session="s")
        ids = [record.id for record in current(bank)]
        assert not [i for i in ids for call in model_of(bank).calls if i in str(call.inputs)]
        assert not [record for record in current(bank) if "line 3" in record.value]
        fact = next(record for record in current(bank) if record.value == "Fact of chunk 2")
        assert [bank.event(span.source).text for span in fact.sources] == ["chunk 2"]


def test_the_core_is_read_whole_and_the_lists_by_their_words(tmp_path: Path) -> None:
    calls = [
        {"tool": "update", "kind": "core", "text": "The user is Anna, who is allergic to nuts."},
        *({"tool": "insert", "kind": "semantic", "text": f"Anna owns {thing}"} for thing in ("a kayak", "a cello")),
        {"tool": "insert", "kind": "episodic", "text": "On 2 May Anna paddled her kayak to Porto"},
    ]
    with bank_at(tmp_path / "x.db", RECIPE, {"memory_tools": lambda _: {"calls": calls}}) as bank:
        bank.retain([{"content": f"line {i}"} for i in range(10)], session="s")
        context = bank.recall("Tell me about the kayak", tokens=200)
        assert [block.name for block in context.blocks] == ["core", "memory"]
        assert "allergic to nuts" in context.blocks[0].text
        assert "a kayak" in context.blocks[1].text
        assert "Porto" in context.blocks[1].text
        assert "cello" not in context.text


CALL = st.fixed_dictionaries(
    {
        "tool": st.sampled_from(["insert", "update", "delete"]),
        "kind": st.sampled_from(["core", "semantic", "episodic"]),
        "memory": st.sampled_from(["", "0", "1", "2", "9", "r1", "-1"]),
        "text": st.sampled_from(["", "Anna rows", "Anna rows far", "word " * 400]),
        "turns": st.lists(st.sampled_from(["0", "5"]), max_size=2),
    }
)


@given(st.lists(CALL, max_size=8))
def test_whatever_is_called_touches_only_what_was_shown_and_of_its_kind(calls: list[dict[str, Any]]) -> None:
    turn = Event(id="e1", session="s", role="user", parts=(Part("text", "Hi"),), occurred_at=instant("2026-06-02"))
    held = [
        Record(id=f"r{i}", kind=kind, value=f"{kind} {i}") for i, kind in enumerate(("core", "semantic", "episodic"))
    ]
    view = ListView(held, events=[turn], tools=ListTools(answers={"memory_tools": lambda _: {"calls": calls}}))
    draft = Record(id="d1", kind="episodic", value="Hi", sources=(turn.span(),))
    standing: dict[str, Record] = {record.id: record for record in held}
    for op in ToolDriven(limit=20).resolve([draft], view):
        for target in op.targets:
            assert target in standing or op.kind == "ADD"
            if op.before_sha:
                assert op.before_sha[target] == standing[target].sha
        if op.record is not None:
            assert op.record.kind == standing.get(op.record.id, op.record).kind
            assert op.record.kind != "core" or view.tools.count_tokens(op.record.value) <= 20
            standing[op.targets[0]] = op.record
        elif op.kind in ("SUPERSEDE", "DEMOTE"):
            standing.pop(op.targets[0])
