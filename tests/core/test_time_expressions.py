"""Which interval each expression means, and that no text breaks the finder."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.calendar import FIRST, LAST
from mnemic.core.time_expressions import find_times
from mnemic.core.times import Interval, instant

#: A Thursday.
ANCHOR = instant("2023-05-25T15:30:00")
MIN, MAX = "min", "max"

TABLE = [
    ("the second week of November 2022", "2022-11-08", "2022-11-15", "absolute", "week"),
    ("the last Friday of April", "2023-04-28", "2023-04-29", "absolute", "day"),
    ("the first weekend in July 2023", "2023-07-01", "2023-07-03", "absolute", "weekend"),
    ("five times a year", MIN, MAX, "recurring", "year"),
    ("2023-05-07", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("2023-05-07T13:56", "2023-05-07T13:56", "2023-05-07T13:57", "absolute", "minute"),
    ("7 May 2023", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("May 7th, 2023", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("May 7", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("7th of May", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("the 7th of May, 2022", "2022-05-07", "2022-05-08", "absolute", "day"),
    ("Saturday, 6 May 2023", "2023-05-06", "2023-05-07", "absolute", "day"),
    ("in May", "2023-05-01", "2023-06-01", "absolute", "month"),
    ("in 2019", "2019-01-01", "2020-01-01", "absolute", "year"),
    ("summer 2022", "2022-06-01", "2022-09-01", "absolute", "season"),
    ("the 90s", "1990-01-01", "2000-01-01", "absolute", "decade"),
    ("the 1980s", "1980-01-01", "1990-01-01", "absolute", "decade"),
    ("March-15-2024", "2024-03-15", "2024-03-16", "absolute", "day"),
    ("1:56 pm on 8 May, 2023", "2023-05-08T13:56", "2023-05-08T13:57", "absolute", "minute"),
    ("05/07/2023", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("25/12/2022", "2022-12-25", "2022-12-26", "absolute", "day"),
    ("7.5.2023", "2023-05-07", "2023-05-08", "absolute", "day"),
    ("May 2023", "2023-05-01", "2023-06-01", "absolute", "month"),
    ("Q2 2023", "2023-04-01", "2023-07-01", "absolute", "quarter"),
    ("winter of 2021", "2021-12-01", "2022-03-01", "absolute", "season"),
    ("yesterday", "2023-05-24", "2023-05-25", "relative", "day"),
    ("today", "2023-05-25", "2023-05-26", "relative", "day"),
    ("tonight", "2023-05-25T18:00", "2023-05-26T06:00", "relative", "hour"),
    ("tomorrow", "2023-05-26", "2023-05-27", "relative", "day"),
    ("yesterday morning", "2023-05-24T06:00", "2023-05-24T12:00", "relative", "hour"),
    ("last night", "2023-05-24T18:00", "2023-05-25T06:00", "relative", "hour"),
    ("this morning", "2023-05-25T06:00", "2023-05-25T12:00", "relative", "hour"),
    ("last Saturday", "2023-05-20", "2023-05-21", "relative", "day"),
    ("this Saturday", "2023-05-27", "2023-05-28", "relative", "day"),
    ("next Saturday", "2023-06-03", "2023-06-04", "relative", "day"),
    ("on Saturday", "2023-05-20", "2023-05-21", "relative", "day"),
    ("Saturday night", "2023-05-20T18:00", "2023-05-21T06:00", "relative", "hour"),
    ("last week", "2023-05-15", "2023-05-22", "relative", "week"),
    ("last weekend", "2023-05-20", "2023-05-22", "relative", "weekend"),
    ("this weekend", "2023-05-27", "2023-05-29", "relative", "weekend"),
    ("next weekend", "2023-06-03", "2023-06-05", "relative", "weekend"),
    ("this month", "2023-05-01", "2023-06-01", "relative", "month"),
    ("next month", "2023-06-01", "2023-07-01", "relative", "month"),
    ("last year", "2022-01-01", "2023-01-01", "relative", "year"),
    ("last summer", "2022-06-01", "2022-09-01", "relative", "season"),
    ("this summer", "2023-06-01", "2023-09-01", "relative", "season"),
    ("next summer", "2023-06-01", "2023-09-01", "relative", "season"),
    ("two weeks ago", "2023-05-08", "2023-05-15", "relative", "week"),
    ("a couple of days ago", "2023-05-22", "2023-05-24", "relative", "day"),
    ("a few months ago", "2022-12-01", "2023-04-01", "relative", "month"),
    ("3 days later", "2023-05-28", "2023-05-29", "relative", "day"),
    ("in two weeks", "2023-06-05", "2023-06-12", "relative", "week"),
    ("the day before yesterday", "2023-05-23", "2023-05-24", "relative", "day"),
    ("the day after tomorrow", "2023-05-27", "2023-05-28", "relative", "day"),
    ("the week before last", "2023-05-08", "2023-05-15", "relative", "week"),
    ("the weekend before July 4", "2022-07-02", "2022-07-04", "absolute", "weekend"),
    ("the Friday before 15 July 2023", "2023-07-14", "2023-07-15", "absolute", "day"),
    ("since 2019", "2019-01-01", "2023-05-26", "absolute", "year"),
    ("before June", MIN, "2022-06-01", "absolute", "month"),
    ("after Christmas", "2022-12-26", MAX, "relative", "day"),
    ("for five years", "2018-05-25", "2023-05-26", "duration", "year"),
    ("earlier this week", "2023-05-22", "2023-05-26", "relative", "week"),
    ("later this week", "2023-05-25", "2023-05-29", "relative", "week"),
    ("I lived there for 3 years", "2020-05-25", "2023-05-26", "duration", "year"),
    ("an hour ago", "2023-05-25T14:30", "2023-05-25T15:30", "relative", "hour"),
    ("10 minutes ago", "2023-05-25T15:20", "2023-05-25T15:21", "relative", "minute"),
    ("at 3pm", "2023-05-25T15:00", "2023-05-25T16:00", "relative", "hour"),
    ("tomorrow at 3pm", "2023-05-26T15:00", "2023-05-26T16:00", "relative", "hour"),
    ("every Saturday", MIN, MAX, "recurring", "day"),
    ("on Sundays", MIN, MAX, "recurring", "day"),
    ("twice a week", MIN, MAX, "recurring", "week"),
    ("over the past two years", "2021-05-25", "2023-05-26", "duration", "year"),
    ("the last few months", "2022-12-25", "2023-05-26", "duration", "month"),
    ("in the last month", "2023-04-25", "2023-05-26", "duration", "month"),
    ("next few weeks", "2023-05-25", "2023-06-29", "duration", "week"),
    ("early May", "2023-05-01", "2023-05-11T08:00", "absolute", "month"),
    ("end of 2022", "2022-09-01T08:00", "2023-01-01", "absolute", "year"),
    ("the end of last year", "2022-09-01T08:00", "2023-01-01", "relative", "year"),
    ("mid-June", "2022-06-11", "2022-06-21", "absolute", "month"),
    ("last Christmas", "2022-12-25", "2022-12-26", "relative", "day"),
    ("Thanksgiving 2022", "2022-11-24", "2022-11-25", "absolute", "day"),
    ("Easter", "2023-04-09", "2023-04-10", "relative", "day"),
    ("New Year's Eve", "2022-12-31", "2023-01-01", "relative", "day"),
    ("from 2019 to 2021", "2019-01-01", "2022-01-01", "absolute", "year"),
    ("between May and July", "2022-05-01", "2022-08-01", "absolute", "month"),
    ("two days before Christmas", "2022-12-23", "2022-12-24", "relative", "day"),
    ("the other day", "2023-05-18", "2023-05-25", "relative", "week"),
    ("recently", "2023-04-25", "2023-05-26", "relative", "month"),
    ("last October", "2022-10-01", "2022-11-01", "relative", "month"),
    ("next March", "2024-03-01", "2024-04-01", "relative", "month"),
    ("in the summer", "2022-06-01", "2022-09-01", "relative", "season"),
    ("the week of 5 June 2023", "2023-06-05", "2023-06-12", "absolute", "week"),
    ("a month ago", "2023-04-01", "2023-05-01", "relative", "month"),
    ("half a year ago", "2022-11-01", "2022-12-01", "relative", "month"),
    ("on the 7th.", "2023-05-07", "2023-05-08", "relative", "day"),
    ("We will go in July.", "2023-07-01", "2023-08-01", "absolute", "month"),
    ("will you come on Friday", "2023-05-26", "2023-05-27", "relative", "day"),
    ("until Friday", MIN, "2023-05-20", "relative", "day"),
    ("by next week", "2023-05-25", "2023-06-05", "relative", "week"),
    ("the day before 1 March 2023", "2023-02-28", "2023-03-01", "absolute", "day"),
    ("two decades ago", "2003-01-01", "2004-01-01", "relative", "year"),
    ("this past weekend", "2023-05-20", "2023-05-22", "relative", "weekend"),
    ("the following day", "2023-05-26", "2023-05-27", "relative", "day"),
    ("last quarter", "2023-01-01", "2023-04-01", "relative", "quarter"),
    ("daily", MIN, MAX, "recurring", "day"),
    ("a week from now", "2023-05-29", "2023-06-05", "relative", "week"),
    ("May 2nd at 5:30 pm", "2023-05-02T17:30", "2023-05-02T17:31", "absolute", "minute"),
    ("back in March 2021", "2021-03-01", "2021-04-01", "absolute", "month"),
    ("the year before last", "2021-01-01", "2022-01-01", "relative", "year"),
    ("the night before last", "2023-05-23T18:00", "2023-05-24T06:00", "relative", "hour"),
]


def interval(start: str, end: str) -> Interval:
    return Interval(FIRST if start == MIN else instant(start), LAST if end == MAX else instant(end))


@pytest.mark.parametrize(("text", "start", "end", "kind", "precision"), TABLE, ids=[row[0] for row in TABLE])
def test_expression_means_interval(text: str, start: str, end: str, kind: str, precision: str) -> None:
    found = find_times(text, ANCHOR)
    assert [(m.interval, m.kind, m.precision) for m in found] == [(interval(start, end), kind, precision)]


NOT_TIMES = (
    "she is five years old", "my 5-year-old son", "I may go.", "March on!", "30 people", "room 2019", "",
    "I fall for it", "we spring into action", "a second helping", "version 3.11.2", "1,200 dollars",
    "the last minute", "April said hi to June", "10-12 of them", "call 555-1234",
)  # fmt: skip


@pytest.mark.parametrize("text", NOT_TIMES)
def test_what_is_no_time(text: str) -> None:
    assert find_times(text, ANCHOR) == []


def test_several_mentions_come_in_order() -> None:
    text = "We left yesterday, spent two weeks ago in Rome and will be back on 3 June 2023 at 5 pm."
    assert [m.text for m in find_times(text, ANCHOR)] == ["yesterday", "two weeks ago", "3 June 2023 at 5 pm"]


def test_a_question_is_read_like_a_statement() -> None:
    found = find_times("What did Anna do the weekend before 4 July 2022?", ANCHOR)
    assert [m.interval for m in found] == [interval("2022-07-02", "2022-07-04")]


def test_naive_and_offset_anchors() -> None:
    naive = find_times("yesterday", datetime(2023, 5, 25))
    west = find_times("yesterday", instant("2023-05-24T23:00:00-03:00"))
    assert naive[0].interval == west[0].interval == interval("2023-05-24", "2023-05-25")


EDGES = (
    "last year", "next year", "two weeks ago", "in 9999 years", "9999 decades ago", "the day before yesterday",
    "tomorrow", "last summer", "next Christmas", "Easter", "next weekend", "since 9999-12-31", "9999-12-31",
    "0001-01-01",
    "the week before 0001-01-01", "the weekend after 9999-12-31", "Thanksgiving", "the 31st.", "1 Jan 0000",
    "for 9999 years", "tonight", "5 hours ago", "in 9999 hours", "2023-02-30", "two days before 0001-01-01",
    "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "the month before last", "end of the decade",
    "next quarter",
)  # fmt: skip


@pytest.mark.parametrize("anchor", [FIRST, LAST, instant("0001-12-31"), instant("9999-01-01")], ids=str)
@pytest.mark.parametrize("text", EDGES)
def test_ends_of_the_calendar(text: str, anchor: datetime) -> None:
    for mention in find_times(text, anchor):
        assert FIRST <= mention.interval.start <= mention.interval.end <= LAST


VOCABULARY = """the last next this a few couple of two 3 31 days weeks months year years ago later in since before
    after until from to between yesterday tomorrow tonight May March June 7th Saturday weekend 2019 2023-05-07
    05/07/2023 1:56 pm noon summer every for early end earlier Christmas old half an hour . , and will following
    on at"""
WORDS = st.sampled_from(VOCABULARY.split())
ANCHORS = st.datetimes(timezones=st.just(UTC))


@given(text=st.one_of(st.text(), st.lists(WORDS, max_size=14).map(" ".join)), anchor=ANCHORS)
def test_never_raises_and_points_into_the_text(text: str, anchor: datetime) -> None:
    place = 0
    for mention in find_times(text, anchor):
        assert place <= mention.start < mention.end <= len(text)
        assert mention.text == text[mention.start : mention.end]
        assert mention.interval.start <= mention.interval.end
        place = mention.end


@given(text=st.lists(WORDS, max_size=10).map(" ".join), anchor=ANCHORS)
def test_same_text_same_mentions(text: str, anchor: datetime) -> None:
    assert find_times(text, anchor) == find_times(text, anchor)
