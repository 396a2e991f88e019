"""Sculptor works when every edit can be taken back, and what matters stays in a far smaller context."""

from __future__ import annotations

import random
import tempfile
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemic.bank import Bank
from mnemic.context import working_context
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.engine.store_view import StoreView

from .sculptor import BLOCKS, RECIPE, KeepMentions, recipe_with
from .workbench import bank_at, current

BUDGET = 1_000_000


def blocks_of(bank: Bank) -> list[Record]:
    return current(bank, kinds=("block",))


def rendered(bank: Bank) -> str:
    return working_context.render(blocks_of(bank), BUDGET, bank.engine.models.counter().count)


EDITS = st.lists(
    st.tuples(st.sampled_from(("fold", "summarise", "fragment", "restore")), st.integers(0, 9)), min_size=1, max_size=8
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_any_edits_then_restore_all_give_a_byte_equal_original(edits: list[tuple[str, int]]) -> None:
    texts = ["One is short.", "Two has\nlines\n\nand  spaces ", "Three: ünïcödé 数字 \t tab", "Four, four, four, four."]
    with tempfile.TemporaryDirectory() as folder, bank_at(Path(folder) / "x.db", RECIPE, {}) as bank:
        bank.retain([{"content": text} for text in texts], session="s")
        original = rendered(bank)
        for edit, place in edits:
            bank.engine.commit(bank.name, partial(edited, edit=edit, place=place))
        bank.engine.commit(bank.name, lambda view: working_context.restore_all(view.scan(BLOCKS)))
        assert rendered(bank).encode() == original.encode()
        assert [bank.event(event.id).text for event in bank.events()] == texts


def edited(view: StoreView, edit: str, place: int) -> list[Op]:
    """One edit on one of the blocks, or nothing where it does not apply."""
    blocks = view.scan(BLOCKS)
    block = blocks[place % len(blocks)]
    if edit == "fold":
        return [working_context.fold(block, view.tools.count_tokens(block.value))]
    if edit == "summarise":
        return [working_context.summarise(block, block.value[:5])]
    if edit == "restore":
        return [working_context.restore(block)]
    cuts = working_context.in_parts(block.value, 2)
    in_use = working_context.FRAGMENTS in block.views or not cuts
    return [] if in_use else working_context.fragment(block, cuts)


def test_the_last_value_of_every_key_is_right_on_the_sculpted_context(tmp_path: Path) -> None:
    rng = random.Random(2)
    keys = [f"key{i:02d}" for i in range(46)]
    last: dict[str, str] = {}
    lines = []
    for _ in range(46 * 40):
        key = rng.choice(keys)
        last[key] = str(rng.randrange(10_000))
        lines.append(f"{key}: {last[key]}")
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        chunks = ["\n".join(lines[i : i + 40]) for i in range(0, len(lines), 40)]
        bank.retain([{"content": chunk} for chunk in chunks], session="s")
        original = rendered(bank)
        bank.consolidate()
        sculpted = rendered(bank)
        answers = {}
        for line in sculpted.splitlines():
            key, colon, value = line.partition(": ")
            if colon and key in last:
                answers[key] = value
        assert answers == last
        count = bank.engine.models.counter().count
        assert count(sculpted) < 0.4 * count(original)
        bank.engine.commit(bank.name, lambda view: working_context.restore_all(view.scan(BLOCKS)))
        assert rendered(bank) == original


def test_a_needle_stays_in_sight_in_a_fifth_of_the_tokens(tmp_path: Path) -> None:
    rng = random.Random(4)
    words = "river stone lamp garden window letter market cloud bridge winter paper violin".split()
    hay = [" ".join(rng.choices(words, k=250)) for _ in range(40)]
    hay[23] += " The password of the vault is heliotrope."
    with bank_at(tmp_path / "x.db", recipe_with(KeepMentions("password of the vault")), {}) as bank:
        bank.retain([{"content": text} for text in hay], session="s")
        count = bank.engine.models.counter().count
        before = count(rendered(bank))
        bank.consolidate()
        assert count(rendered(bank)) < 0.2 * before
        context = bank.recall("What is the password?", tokens=before)
        assert "heliotrope" in context.text
        assert context.tokens < 0.25 * before
        assert len(context.citations) == 40


def test_what_comes_to_matter_again_comes_back(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        bank.retain(["a: 1\nb: 1", "a: 2\nb: 2"], session="s")
        bank.consolidate()
        first, second = blocks_of(bank)
        assert (first.fields["view"], second.fields.get("view", "full")) == ("stub", "full")
        bank.retain("a: 3", session="s")
        bank.consolidate()
        assert [block.fields.get("view", "full") for block in blocks_of(bank)] == ["stub", "full", "full"]
        assert (
            first.shown()
            == working_context.fold(first, bank.engine.models.counter().count(first.value)).changes["text"]
        )
