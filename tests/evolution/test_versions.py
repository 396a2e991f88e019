"""The version law: what is current follows from validity, not from the order in which things are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.facts import has_ended, valid_from, value_of
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.core.times import Interval, Times, instant
from mnemic.engine.apply import Working, apply
from mnemic.evolution.versions import SAID_AGAIN, Versions

START = instant("2026-01-01")


def fact(number: int, day: int, value: str, **fields: Any) -> Record:
    when = START + timedelta(days=day)
    fields = {"subject": "Anna", "attribute": "home", "value": value, **fields}
    return Record(
        id=f"r{number:03}",
        kind="semantic",
        value=f"Anna lives in {value}" if value else "Anna has no home",
        fields=fields,
        times=Times(event=Interval(when, when)),
    )


def test_what_was_said_again_holds_again_after_what_comes_to_lie_between() -> None:
    records = told([[fact(1, 0, "Lisbon")], [fact(2, 9, "Lisbon")], [fact(3, 5, "Porto")]])
    assert [value_of(record) for record in current(records)] == ["Lisbon"]
    assert sorted(value_of(record) for record in records) == ["Lisbon", "Lisbon", "Porto"]


def applied(known: Sequence[Record], ops: Sequence[Op]) -> list[Record]:
    working = Working(lambda _: {}, {record.id: record for record in known})
    for op in ops:
        apply(op, seq=0, batch=0, at=START, working=working)
    return list(working.records.values())


def told(batches: Sequence[Sequence[Record]]) -> list[Record]:
    """What is known once the batches were handed in one after the other."""
    known: list[Record] = []
    tools = ListTools()
    for batch in batches:
        known = applied(known, list(Versions().resolve(batch, ListView(known, tools=tools))))
    return known


def current(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.state == "active"]


STATEMENTS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["Porto", "Lisbon", "Braga", ""])),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[0],
)


@given(STATEMENTS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_latest_valid_statement_is_current_in_whatever_order_it_came(
    statements: list[tuple[int, str]], chance: Any, size: int
) -> None:
    facts = [fact(i, day, value, ended=not value) for i, (day, value) in enumerate(statements)]
    chance.shuffle(facts)
    records = told([facts[i : i + size] for i in range(0, len(facts), size)])
    live = current(records)
    assert len(live) == 1
    assert value_of(live[0]) == max(statements)[1]


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_versions_of_a_slot_never_overlap_and_none_is_lost(statements: list[tuple[int, str]], chance: Any) -> None:
    facts = [fact(i, day, value, ended=not value) for i, (day, value) in enumerate(statements)]
    chance.shuffle(facts)
    records = sorted(told([[one] for one in facts]), key=valid_from)
    spans = [record.times.valid for record in records]
    for before, after in pairwise(spans):
        assert before is None or after is None or before.end <= after.start
    assert {value_of(r) for r in records} == {value for _, value in statements}


def test_what_is_said_once_more_is_known_already_and_held_for_longer_when_it_was_said_of_earlier() -> None:
    records = told([[fact(1, 10, "Porto")], [fact(2, 20, "porto.")], [fact(3, 5, "Porto")]])
    assert [record.id for record in records] == ["r001"]
    assert len(records[0].fields[SAID_AGAIN]) == 2
    assert valid_from(records[0]) == START + timedelta(days=5)


def test_an_ending_closes_without_a_successor_and_a_late_one_ends_nothing_newer() -> None:
    closed = told([[fact(1, 1, "Porto")], [fact(2, 9, "Porto", ended=True)]])
    assert [has_ended(record) for record in current(closed)] == [True]
    kept = told([[fact(1, 1, "Porto")], [fact(2, 5, "Braga")], [fact(3, 9, "Porto", ended=True)]])
    assert [value_of(record) for record in current(kept)] == ["Braga"]


def test_values_side_by_side_do_not_replace_one_another() -> None:
    def hobby(number: int, day: int, value: str, **more: Any) -> Record:
        return fact(number, day, value, attribute="hobbies", **more)

    records = told([[hobby(1, 1, "chess"), hobby(2, 2, "salsa")], [hobby(3, 3, "chess", ended=True)]])
    assert sorted(value_of(record) for record in current(records) if not has_ended(record)) == ["salsa"]
    nothing = told([[hobby(1, 1, "chess"), hobby(2, 2, "salsa")], [hobby(3, 3, "", ended=True)]])
    assert [value_of(record) for record in current(nothing) if not has_ended(record)] == []


def test_also_turns_an_attribute_into_one_of_many_values() -> None:
    cat = fact(1, 1, "a cat", attribute="pet")
    dog = fact(2, 2, "a dog", attribute="pet").with_(value="Anna also has a dog")
    assert len(current(told([[cat], [dog]]))) == 2
