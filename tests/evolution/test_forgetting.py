"""Strengths fall with time and rise with use; what is weakest goes first, and it is set aside, never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.record import Record, Stats
from mnemic.core.stage import Strength
from mnemic.core.times import Interval, Times, instant
from mnemic.evolution.affective_strength import AffectiveStrength
from mnemic.evolution.age_weighted import AgeWeighted
from mnemic.evolution.earned_weight import EarnedWeight
from mnemic.evolution.heat import ANALYSED, Heat
from mnemic.evolution.newness import Newness
from mnemic.evolution.retention import Retention
from mnemic.evolution.weakest_first import WeakestFirst

NOW = instant("2026-01-01")


def note(i: object, days: float = 0.0, session: str = "s", **stats: int) -> Record:
    when = NOW - timedelta(days=days)
    return Record(
        id=f"r{i}",
        kind="note",
        value="",
        times=Times(event=Interval(when, when)),
        stats=Stats(**stats),  # type: ignore[arg-type]
        session=session,
    )


def weight(strength: Strength, *records: Record) -> list[float]:
    view = ListView(records, now="2026-01-01")
    return strength.weigh(records, view.now, view)


@given(days=st.floats(0, 400), more=st.floats(0.01, 400), cited=st.integers(0, 50))
def test_retention_falls_with_time_and_rises_with_recall(days: float, more: float, cited: int) -> None:
    one, later, rehearsed = weight(
        Retention(days=5),
        note(1, days, cited=cited),
        note(2, days + more, cited=cited),
        note(3, days + more, cited=cited + 1),
    )
    assert 1 >= one >= later
    assert rehearsed >= later


def test_the_published_exponent_forgets_what_is_rehearsed() -> None:
    figures = weight(Retention(days=5, published=True), *(note(n, 3, cited=n) for n in (0, 1, 4)))
    assert [round(r, 2) for r in figures] == [0.55, 0.30, 0.05]


@given(cited=st.integers(0, 20), uncited=st.integers(0, 20), sessions=st.integers(0, 6))
def test_use_never_weakens_and_being_passed_over_never_strengthens(cited: int, uncited: int, sessions: int) -> None:
    others = [note(f"o{i}", 10 - i, session=f"s{i}") for i in range(sessions)]
    mine = note("m", 11, session="s", cited=cited, uncited=uncited)
    used = mine.with_(stats=mine.stats.add({"cited": 1, "hits": 1}, NOW))
    passed_over = mine.with_(stats=mine.stats.add({"uncited": 1, "hits": 1}, NOW))
    view = ListView([mine, *others], now="2026-01-01")
    before, after, worse = AffectiveStrength().weigh([mine, used, passed_over], view.now, view)
    assert after >= before >= worse


def test_what_was_not_taken_up_was_not_used() -> None:
    stats = Stats().add({"uncited": 1, "hits": 1}, NOW)
    assert stats.last_used is None
    assert stats.add({"cited": 1}, NOW).last_used == NOW


def test_heat_counts_from_the_last_analysis() -> None:
    pages = [note(i, cited=1) for i in range(3)]
    topic = Record(id="t", kind="topic", value="", derived_from=("r0", "r1", "r2"), stats=Stats(cited=2))
    view = ListView([*pages, topic], now="2026-01-01")
    reset = topic.with_(fields={ANALYSED: {"visits": 5, "pages": 3}})
    assert Heat(recency=0.0).weigh([topic, reset], view.now, view) == [8.0, 0.0]
    assert Heat(0.8, 0.8, 0.0001).weigh([topic], view.now, view) == [pytest.approx(0.8 * 5 + 0.8 * 3 + 0.0001)]


def test_weight_falls_below_the_floor_within_ten_harmful_uses() -> None:
    (weight_after,) = weight(EarnedWeight(), note(0, successes=3, failures=10))
    assert weight_after == EarnedWeight().floor


def test_age_counts_newer_records_and_not_days() -> None:
    near = weight(AgeWeighted(), note(0, 2), note(1, 1), note(2, 0))
    far = weight(AgeWeighted(), note(0, 900), note(1, 30), note(2, 0))
    assert near == far
    assert near == sorted(near)


@given(ages=st.lists(st.integers(0, 1000), max_size=30, unique=True), most=st.integers(0, 30))
def test_first_in_first_out(ages: list[int], most: int) -> None:
    records = [note(i, age) for i, age in enumerate(ages)]
    view = ListView(records, now="2026-01-01")
    gone = {op.targets[0] for op in WeakestFirst(most=most).sweep(view, view.now)}
    kept = sorted(set(range(len(ages))) - {int(i[1:]) for i in gone})
    assert len(kept) == min(most, len(ages))
    assert {ages[i] for i in kept} == set(sorted(ages)[:most])


def test_time_to_live() -> None:
    view = ListView([note(0, 31), note(1, 29)], now="2026-01-01")
    (op,) = WeakestFirst(strength=Newness(), below=-30).sweep(view, view.now)
    assert (op.kind, op.targets) == ("DEMOTE", ("r0",))
    assert op.reason == "newness -31"


def test_a_share_is_of_all_that_ever_was() -> None:
    records = [note(i, 100 - i, session=f"s{i % 4}") for i in range(100)]
    rule = WeakestFirst(strength=Retention(), share=(0.10, 0.15), a_session=1)
    view = ListView(records, now="2026-01-01")
    gone = {op.targets[0] for op in rule.sweep(view, view.now)}
    assert len(gone) == 100 - (10 + 2)
    again = ListView([r.with_(state="archived") if r.id in gone else r for r in records], now="2026-01-01")
    assert not list(rule.sweep(again, again.now))


def test_the_same_seed_draws_the_same() -> None:
    records = [note(i, i / 10) for i in range(50)]
    drawn = []
    for _ in range(2):
        view = ListView(records, now="2026-01-01", tools=ListTools(seed=3))
        drawn.append([op.targets for op in WeakestFirst(strength=Retention(), draw=True).sweep(view, view.now)])
    assert drawn[0] == drawn[1]
    assert 0 < len(drawn[0]) < 50


def test_it_must_be_said_what_goes() -> None:
    with pytest.raises(BadInput, match="below, draw, most or share"):
        WeakestFirst()
