"""Working context: whatever is edited, restoring gives back every byte."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.context import working_context as edit
from mnemic.core.errors import BadInput
from mnemic.core.op import Op
from mnemic.core.record import Record

LARGE = 10_000


def count(text: str) -> int:
    return len(text.split())


def apply(blocks: dict[str, Record], ops: Iterable[Op]) -> dict[str, Record]:
    """What an engine does with the two kinds of op that edits are made of."""
    out = dict(blocks)
    for op in ops:
        if op.kind == "ADD":
            assert op.record is not None
            assert op.record.id not in out
            out[op.record.id] = op.record
        else:
            assert op.kind == "SETVIEW"
            shown = out[op.targets[0]]
            assert op.before_sha[shown.id] == shown.sha
            view = op.changes["view"]
            views = {**shown.views, view: op.changes["text"]} if "text" in op.changes else dict(shown.views)
            out[shown.id] = shown.with_(fields={**shown.fields, "view": view}, views=views)
    return out


texts = st.text(alphabet="ab \n.", min_size=1, max_size=40)
edits = st.lists(st.tuples(st.sampled_from(["fragment", "fold", "summarise", "restore"]), st.integers(0, 99)))


@given(values=st.lists(texts, min_size=1, max_size=4), steps=edits)
def test_any_edits_then_restore_all_give_the_same_bytes(values: list[str], steps: list[tuple[str, int]]) -> None:
    blocks: dict[str, Record] = {}
    for number, value in enumerate(values):
        blocks = apply(blocks, [edit.append(f"b{number}", value)])
    before = edit.render(list(blocks.values()), LARGE, count)
    for step, choice in steps:
        block = list(blocks.values())[choice % len(blocks)]
        if step == "fragment" and edit.FRAGMENTS not in block.views:
            blocks = apply(blocks, edit.fragment(block, edit.in_parts(block.value, 1 + choice % 3)))
        elif step == "fold":
            blocks = apply(blocks, [edit.fold(block, count(block.value))])
        elif step == "summarise":
            blocks = apply(blocks, [edit.summarise(block, "in short")])
        elif step == "restore":
            blocks = apply(blocks, [edit.restore(block)])
    blocks = apply(blocks, edit.restore_all(blocks.values()))
    assert edit.render(list(blocks.values()), LARGE, count) == before


@given(values=st.lists(texts, max_size=5), budget=st.integers(0, 40))
def test_rendering_stays_within_its_budget(values: list[str], budget: int) -> None:
    blocks = [Record(id=f"b{i}", kind="block", value=value) for i, value in enumerate(values)]
    assert count(edit.render(blocks, budget, count)) <= budget


def test_fragments_render_as_the_block_and_fold_one_by_one() -> None:
    text = "first part\nsecond part\nthird part"
    blocks = apply({}, [edit.append("b", text)])
    blocks = apply(blocks, edit.fragment(blocks["b"], edit.at_markers(text, "second", "part\n")))
    assert edit.render(list(blocks.values()), LARGE, count) == text
    blocks = apply(blocks, [edit.fold(blocks["b.1"], 2)])
    assert (
        edit.render(list(blocks.values()), LARGE, count) == "first part\n[b.1: folded, 2 tokens: second part]third part"
    )
    assert [span.source for span in blocks["b.1"].sources] == ["b"]


def test_search_looks_behind_stubs_when_told() -> None:
    blocks = apply({}, [edit.append("a", "the key is 7"), edit.append("b", "a key, a key")])
    blocks = apply(blocks, [edit.fold(blocks["a"], 4)])
    assert [found.block for found in edit.search(list(blocks.values()), "key")] == ["a", "b", "b"]
    assert [found.block for found in edit.search(list(blocks.values()), "key", hidden=False)] == ["b", "b"]


def test_search_finds_a_text_once_though_fragments_repeat_it() -> None:
    blocks = apply({}, [edit.append("a", "the key is 7")])
    blocks = apply(blocks, edit.fragment(blocks["a"], [4]))
    assert [(found.block, found.start) for found in edit.search(list(blocks.values()), "key")] == [("a.1", 0)]


def test_the_last_update_is_found_and_the_rest_folded() -> None:
    updates = [edit.append(f"b{i}", f"colour of item{i % 5} is now value{i} " + "filler " * 20) for i in range(50)]
    blocks = apply({}, updates)
    last = edit.search(list(blocks.values()), "item3 is now", around=9)[-1]
    blocks = apply(blocks, [edit.fold(block, 25) for block in blocks.values() if block.id != last.block])
    text = edit.render(list(blocks.values()), LARGE, count)
    assert "value48 filler" in text
    assert count(text) < count(" ".join(op.record.value for op in updates if op.record)) / 2


@pytest.mark.parametrize("cuts", [[0], [3, 2], [99], [2, 2]])
def test_cuts_must_rise_within_the_text(cuts: list[int]) -> None:
    with pytest.raises(BadInput, match="cuts"):
        edit.fragment(Record(id="b", kind="block", value="one two"), cuts)


def test_wrong_input_is_refused_with_a_remedy() -> None:
    with pytest.raises(BadInput, match="copy both exactly"):
        edit.at_markers("one two", "two", "one")
    with pytest.raises(BadInput, match="at least one character"):
        edit.search([], "")
    with pytest.raises(BadInput, match="give 1 or more"):
        edit.in_parts("text", 0)
    blocks = apply({}, [edit.append("a", "one two")])
    blocks = apply(blocks, edit.fragment(blocks["a"], [4]))
    with pytest.raises(BadInput, match="in fragments already"):
        edit.fragment(blocks["a"], [4])
