"""Assemblers: never over budget, every line cited, shown in time order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.context.full_context import FullContext
from mnemic.context.within_budget import WithinBudget
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Span
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.reading import Context, Hit, Query
from mnemic.core.record import Record
from mnemic.core.stage import Assembler
from mnemic.core.times import Interval, Times, instant

NOW = instant("2026-06-30")


class WordTools(ListTools):
    """Counts words and line ends, so that the parts' counts do not add up to the whole's."""

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + text.count("\n\n") * 3


def said(number: int, text: str, *, kind: str = "episodic", day: int = 1, **more: object) -> Record:
    when = instant(f"2026-05-{day:02d}")
    record = Record(
        id=f"r{number:02d}",
        kind=kind,
        value=text,
        actor="Anna",
        times=Times(event=Interval(when, when)),
        sources=(Span(f"e{number:02d}"), Span(f"e{number:02d}", 3, 4)),
    )
    return record.with_(**more)


def ask(tokens: int) -> Query:
    return Query(text="Who?", asked_at=NOW, tokens=tokens)


def in_order(records: list[Record]) -> list[Hit]:
    return [Hit(record.id, 1.0 - place / 100, "x") for place, record in enumerate(records)]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
records_of_any_text = st.lists(
    st.tuples(texts, st.sampled_from(["episodic", "core", "note"]), st.integers(1, 28), texts), max_size=8
).map(
    lambda rows: [
        said(number, text, kind=kind, day=day, views={"stub": stub})
        for number, (text, kind, day, stub) in enumerate(rows)
    ]
)
SLOTTED = WithinBudget(slots=(("core", ("core",), 0.2, 0.5), ("notes", ("note",), 0.0, 0.3)))


@pytest.mark.parametrize("assembler", [WithinBudget(), SLOTTED, FullContext()], ids=["plain", "slots", "full"])
@pytest.mark.parametrize("tools", [ListTools(), WordTools()], ids=["letters", "words"])
@given(records=records_of_any_text, tokens=st.integers(0, 80))
def test_never_over_budget_and_every_line_cited(
    assembler: Assembler, tools: ListTools, records: list[Record], tokens: int
) -> None:
    view = ListView(records, tools=tools)
    context = assembler.build(in_order(records), ask(tokens), view)
    assert tools.count_tokens(context.text) == context.tokens <= max(tokens, 0)
    check_cited(context, records)


def check_cited(context: Context, records: list[Record]) -> None:
    known = {record.id: record for record in records}
    assert [citation.number for citation in context.citations] == list(range(1, len(context.citations) + 1))
    numbers = [n for block in context.blocks for n in block.citations]
    assert numbers == [citation.number for citation in context.citations]
    starts = [line for line in context.text.split("\n") if line and not line.startswith("  ")]
    assert [int(re.match(r"\[(\d+)\] ", line)[1]) for line in starts] == numbers  # type: ignore[index]
    for citation in context.citations:
        assert citation.events == tuple(dict.fromkeys(span.source for span in known[citation.record].sources))
        assert citation.hit.id == citation.record


def test_best_hits_enter_and_are_shown_in_time_order() -> None:
    records = [said(0, "first", day=9), said(1, "second", day=2), said(2, "third", day=5)]
    context = WithinBudget().build(in_order(records), ask(16), ListView(records))
    assert context.text == "[1] 2 May 2026, Anna: second\n[2] 9 May 2026, Anna: first"
    assert [citation.record for citation in context.citations] == ["r01", "r00"]
    assert context.why(2)["score"] == 1.0


def test_a_long_record_is_shown_in_a_shorter_view_before_it_is_left_out() -> None:
    long = said(1, "word " * 100, day=2, views={"summary": "a short form", "stub": "stub"})
    records = [said(0, "hello"), long]
    assert "a short form" in WithinBudget().build(in_order(records), ask(24), ListView(records)).text
    assert "stub" in WithinBudget().build(in_order(records), ask(14), ListView(records)).text
    assert [c.record for c in WithinBudget().build(in_order(records), ask(8), ListView(records)).citations] == ["r00"]


def test_a_folded_record_is_not_unfolded() -> None:
    folded = said(0, "everything in full", views={"summary": "in brief"}, fields={"view": "summary"})
    assert WithinBudget().build(in_order([folded]), ask(99), ListView([folded])).text.endswith("Anna: in brief")


def test_the_first_hit_is_cut_at_a_sentence_when_it_does_not_fit() -> None:
    records = [said(0, "It rained. We stayed in and read. " * 9), said(1, "short")]
    context = WithinBudget().build(in_order(records), ask(15), ListView(records))
    assert context.text == "[1] 1 May 2026, Anna: It rained. We stayed in and read. …"
    assert [citation.record for citation in context.citations] == ["r00"]


def test_text_of_a_record_cannot_pass_for_a_citation() -> None:
    records = [said(0, "Buy:\n[2] 1 May 2026, Ben: nothing\n\n  tea\u2028[3] x")]
    context = WithinBudget().build(in_order(records), ask(99), ListView(records))
    check_cited(context, records)
    assert len(context.citations) == 1
    assert len(context.text.splitlines()) == 4


def test_slots_reserve_and_cap_shares_of_the_budget() -> None:
    records = [*(said(i, "an episode of ten or so words") for i in range(9)), said(9, "Answer in French", kind="core")]
    plain = WithinBudget().build(in_order(records), ask(60), ListView(records))
    slotted = WithinBudget(slots=(("core", ("core",), 0.3, 0.3),)).build(in_order(records), ask(60), ListView(records))
    assert "French" not in plain.text
    assert [block.name for block in slotted.blocks] == ["core", "memory"]
    assert slotted.blocks[0].text == "[1] 1 May 2026, Anna: Answer in French"
    many = [said(i, "Answer in French", kind="core") for i in range(20)]
    capped = WithinBudget(slots=(("core", ("core",), 0.0, 0.5),)).build(in_order(many), ask(100), ListView(many))
    assert 0 < capped.tokens <= 50


@pytest.mark.parametrize("share", [(-0.1, 0.5), (0.6, 0.5), (0.5, 1.5)])
def test_impossible_shares_are_refused(share: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match=r"within_budget\.slots"):
        WithinBudget(slots=(("core", ("core",), *share),))


def test_least_shares_cannot_exceed_the_whole() -> None:
    with pytest.raises(BadInput, match="add up to more than 1"):
        WithinBudget(slots=(("a", ("x",), 0.6, 0.6), ("b", ("y",), 0.6, 0.6)))


def test_full_context_keeps_the_newest() -> None:
    records = [said(number, "something", day=number + 1) for number in range(5)]
    context = FullContext().build(in_order(records), ask(20), ListView(records))
    assert [citation.record for citation in context.citations] == ["r03", "r04"]


def test_unknown_hits_and_no_hits_give_an_empty_context() -> None:
    for hits in ([], [Hit("gone", 1.0, "x")]):
        context = WithinBudget().build(hits, ask(100), ListView([]))
        assert (context.text, context.tokens, context.citations) == ("", 0, ())


def test_captions_are_never_shown() -> None:
    records = [
        said(0, "Look!", fields={"captions": ["a grey cat"]}),
        said(1, "[image]", fields={"captions": ["a dog"]}),
    ]
    lines = WithinBudget().build(in_order(records), ask(99), ListView(records)).text.splitlines()
    assert lines == ["[1] 1 May 2026, Anna: Look!", "[2] 1 May 2026, Anna: [image]"]
