"""Merging, revising and linking facts: whatever a model answers, ops follow from what stands, and from that only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.list_view import ListTools, ListView
from mnemic.core.op import Op
from mnemic.core.record import Edge, Key, Record
from mnemic.core.times import Interval, Times, instant
from mnemic.evolution.add_or_merge import AddOrMerge
from mnemic.evolution.entity_graph import EntityGraph
from mnemic.evolution.target_queue import TargetQueue

ALIAS = st.sampled_from(["", "0", "1", "2", "9", "r0", "-1"])


def fact(record_id: str, text: str, day: int = 1, **more: Any) -> Record:
    when = instant(f"2026-05-{day:02}")
    keys = {"said": Key(text)}
    return Record(id=record_id, kind="semantic", value=text, keys=keys, times=Times(event=Interval(when, when)), **more)


HOURS = ("", "at dawn", "at noon", "late")
TEXTS = ("Anna rows far", "Anna rows", "Rex barks")
KNOWN = [fact("r0", "Anna rows"), fact("r1", "Anna rows at dawn"), fact("r2", "Ben bakes")]


def follow(ops: Iterable[Op], known: Iterable[Record]) -> dict[str, Record]:
    """Apply ops in order, checking that each was made of what stood just then."""
    standing = {record.id: record for record in known}
    for op in ops:
        for target, before in op.before_sha.items():
            assert standing[target].sha == before
        if op.record is not None:
            standing[op.targets[0]] = op.record.with_(state="active")
        elif op.kind == "SUPERSEDE":
            standing.pop(op.targets[0])
    return standing


@given(st.lists(st.tuples(ALIAS, st.sampled_from(["", "Anna rows a lot"])), min_size=3, max_size=3))
def test_each_draft_is_added_or_merged_once_and_no_evidence_is_lost(answers: list[tuple[str, str]]) -> None:
    told = iter([{"into": into, "text": text} for into, text in answers])
    tools = ListTools(answers={"merge_into": lambda _: next(told, {"into": "", "text": ""})})
    drafts = [fact(f"d{i}", text, 2, state="proposed") for i, text in enumerate(TEXTS)]
    ops = list(AddOrMerge(quantile=0.3).resolve(drafts, ListView(KNOWN, tools=tools)))
    changed = [op for op in ops if op.kind in ("ADD", "UPDATE")]
    assert len(changed) == len(drafts)
    follow(ops, KNOWN)


def test_a_draft_like_nothing_known_is_added_without_asking() -> None:
    (op,) = AddOrMerge(quantile=0.5).resolve([fact("d0", "Zebras graze")], ListView(KNOWN))
    assert op.kind == "ADD"


def test_the_second_draft_on_a_topic_meets_the_first() -> None:
    tools = ListTools(
        answers={"merge_into": lambda asked: {"into": "0", "text": asked["known"][0]["text"] + " | " + asked["new"]}}
    )
    drafts = [fact("d0", "Cleo paints boats", 2, state="proposed"), fact("d1", "Cleo paints houses", 3)]
    ops = list(AddOrMerge(quantile=0.5).resolve(drafts, ListView([], tools=tools)))
    assert [(op.kind, op.targets) for op in ops] == [("ADD", ("d0",)), ("UPDATE", ("d0",))]
    grown = follow(ops, [])["d0"]
    assert grown.value == "Cleo paints boats | Cleo paints houses"
    assert grown.times.event is not None
    assert (grown.times.event.start.day, grown.times.event.end.day) == (2, 3)


ACTION = st.fixed_dictionaries(
    {"action": st.sampled_from(["update", "delete", "ignore"]), "text": st.sampled_from(["", "New"]), "because": ALIAS}
)


@given(st.lists(ACTION, min_size=4, max_size=4))
def test_newer_changes_older_and_what_is_gone_changes_nothing(answers: list[dict[str, str]]) -> None:
    told = iter(answers)
    records = [fact(f"r{day}", f"Anna rows {word}", day) for day, word in enumerate(HOURS, 1)]
    view = ListView(records, tools=ListTools(answers={"revise": lambda _: next(told)}))
    ops = list(TargetQueue(quantile=0.3).run(view, since=0))
    day = {record.id: int(record.id[1:]) for record in records}
    gone: set[str] = set()
    for op in ops:
        assert op.kind in ("UPDATE", "SUPERSEDE")
        assert op.targets[0] not in gone
        if op.kind == "SUPERSEDE":
            by = op.changes["by"]
            assert day[by] > day[op.targets[0]]
            assert by not in gone
            gone.add(op.targets[0])
    follow(ops, records)


@pytest.mark.parametrize("since", [3, 99])
def test_without_anything_new_nothing_is_asked(since: int) -> None:
    assert list(TargetQueue().run(ListView(KNOWN), since=since)) == []


@given(st.lists(st.tuples(*[st.sampled_from(["Anna", "anna", "Ben", "the Tagus", "Tagus", ""])] * 2), max_size=5))
def test_a_name_has_one_node_however_it_is_written(ends: list[tuple[str, str]]) -> None:
    new = [
        Record(id=f"n{i}", kind="triple", value="x", fields={"head": head, "tail": tail})
        for i, (head, tail) in enumerate(ends)
    ]
    ops = list(EntityGraph().link(new, ListView([])))
    nodes = [op.record for op in ops if op.kind == "ADD" and op.record is not None]
    written = [{name.lower().removeprefix("the ") for name in pair if name} for pair in ends]
    assert sorted(node.value for node in nodes) == sorted(set[str]().union(*written))
    made = {node.id for node in nodes}
    edges: list[Edge] = [op.edge for op in ops if op.edge is not None]
    assert all(edge.dst in made and edge.rel == "about" for edge in edges)
    assert len(edges) == sum(map(len, written))
