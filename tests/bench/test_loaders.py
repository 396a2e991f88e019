"""Loaders: the same types from every data set, nothing lost in silence, clear words when data are missing."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mnemic.bench.sample import spread
from mnemic.bench.suite import Suite, load_suite
from mnemic.core.errors import BadInput
from mnemic.core.times import instant

LOCOMO: list[dict[str, Any]] = [
    {
        "sample_id": "conv-7",
        "conversation": {
            "speaker_a": "Ida",
            "speaker_b": "Max",
            "session_2": [{"speaker": "Ida", "dia_id": "D2:1", "text": "I sold the boat."}],
            "session_2_date_time": "12:05 am on 3 June, 2024",
            "session_1": [
                {"speaker": "Ida", "dia_id": "D1:1", "text": "I bought a boat."},
                {
                    "speaker": "Max",
                    "dia_id": "D1:2",
                    "text": "Look!",
                    "blip_caption": "a red boat",
                    "query": "boat",
                    "img_url": ["x"],
                },
            ],
            "session_1_date_time": "1:56 pm on 8 May, 2024",
            "session_3_date_time": "1:56 pm on 9 July, 2024",
        },
        "qa": [
            {"question": "What did Ida buy?", "answer": "a boat", "evidence": ["D1:1"], "category": 4},
            {"question": "How many boats?", "answer": 1, "evidence": ["D1:1; D2:1", "D9:9"], "category": 1},
            {"question": "Who?", "answer": "Max", "evidence": ["D"], "category": 3},
            {"question": "Car?", "adversarial_answer": "red", "evidence": ["D:1:2"], "category": 5},
        ],
    }
]

CHAT = [
    {
        "batch_number": 1,
        "time_anchor": None,
        "turns": [
            [
                {
                    "role": "user",
                    "id": 0,
                    "time_anchor": "March-15-2024",
                    "content": "I use Rust.\nPlan it? ->-> 1,1",
                },
                {"role": "assistant", "id": 1, "content": "Rust it is."},
            ]
        ],
    },
    {
        "batch_number": 2,
        "time_anchor": "April-02-2024",
        "turns": [[{"role": "user", "id": 2, "content": "Now I use Go. ->-> 2,N/A"}]],
    },
]

PROBING = {
    "knowledge_update": [
        {
            "question": "Which language?",
            "answer": "Go",
            "source_chat_ids": {"original_info": [0], "updated_info": [2]},
        }
    ],
    "abstention": [{"question": "Which editor?", "ideal_response": "unknown"}],
}


@pytest.fixture
def locomo(tmp_path: Path) -> Suite:
    (tmp_path / "locomo").mkdir()
    (tmp_path / "locomo" / "locomo.json").write_text(json.dumps(LOCOMO))
    return load_suite("locomo", tmp_path)


@pytest.fixture
def beam(tmp_path: Path) -> Suite:
    chat = tmp_path / "beam" / "100K" / "02"
    chat.mkdir(parents=True)
    (chat / "chat.json.gz").write_bytes(gzip.compress(b"[]"))
    (chat / "chat_truncated.json.gz").write_bytes(gzip.compress(json.dumps(CHAT).encode()))
    (chat / "probing_questions.json").write_text(json.dumps(PROBING))
    return load_suite("beam", tmp_path)


def test_locomo_turns_become_events_in_order_of_sessions(locomo: Suite) -> None:
    (conversation,) = locomo.conversations
    assert [event.id for event in conversation.events] == ["conv-7:D1:1", "conv-7:D1:2", "conv-7:D2:1"]
    first, picture, last = conversation.events
    assert (first.actor, first.role, first.session) == ("Ida", "user", "session_1")
    assert first.occurred_at == instant("2024-05-08T13:56")
    assert last.occurred_at == instant("2024-06-03T00:05")
    assert (picture.text, picture.captions, picture.meta) == ("Look!", ("a red boat",), {"query": "boat"})


def test_locomo_questions_keep_id_and_name_of_their_category(locomo: Suite) -> None:
    assert locomo.categories == {"1": "multi-hop", "4": "single-hop", "5": "adversarial"}
    assert locomo.groups["1-4"] == ("1", "2", "3", "4")
    by_category = {probe.category: probe for probe in locomo.probes}
    assert by_category["1"].evidence == ("conv-7:D1:1", "conv-7:D2:1")
    assert (by_category["1"].answer, by_category["5"].answer) == ("1", "")
    assert by_category["5"].evidence == ("conv-7:D1:2",)
    assert all(probe.asked_at > locomo.conversations[0].events[-1].occurred_at for probe in locomo.probes)


def test_locomo_counts_what_it_drops(locomo: Suite) -> None:
    assert locomo.dropped.unresolved == (("conv-7:q1", "conv-7:D9:9"),)
    assert locomo.dropped.without_evidence == {"3": 1}


def test_beam_takes_the_truncated_chat_and_strips_marks(beam: Suite) -> None:
    assert beam.name == "beam-100K"
    (conversation,) = beam.conversations
    assert [event.text for event in conversation.events] == [
        "I use Rust.\nPlan it?",
        "Rust it is.",
        "Now I use Go.",
    ]
    assert [event.role for event in conversation.events] == ["user", "assistant", "user"]
    assert [event.session for event in conversation.events] == ["batch_1", "batch_1", "batch_2"]
    assert conversation.events[1].occurred_at == instant("2024-03-15")
    assert conversation.events[2].occurred_at == instant("2024-04-02")


def test_beam_flattens_evidence_and_drops_abstention(beam: Suite) -> None:
    (probe,) = beam.probes
    assert probe.evidence == ("100K-02:0", "100K-02:2")
    assert (probe.category, probe.category_name) == ("knowledge_update", "knowledge update")
    assert probe.answer == "Go"
    assert beam.dropped.without_evidence == {"abstention": 1}


@pytest.mark.usefixtures("beam")
def test_beam_is_found_from_its_size_folder_too(tmp_path: Path) -> None:
    folder = tmp_path / "beam" / "100K"
    assert load_suite("beam", folder).name == load_suite("beam/100K", folder).name == "beam-100K"
    with pytest.raises(BadInput, match="500K"):
        load_suite("beam/500K", tmp_path)


def test_folder_gives_the_same_types(diary: Suite) -> None:
    anna, boris = diary.conversations
    assert [event.id for event in anna.events] == ["e1", "e2", "e3", "e4", "e5"]
    assert [session for session, _ in anna.sessions()] == ["s1", "s2"]
    assert boris.events[2].captions == ("an oven with a cracked door",)
    assert [probe.id for probe in diary.probes] == ["anna:q1", "anna:q2", "boris:q1", "boris:q2"]
    assert diary.probes[0].asked_at == instant("2026-06-09T19:01")
    assert diary.probes[3].asked_at == instant("2026-02-01")
    assert diary.dropped.without_evidence == {"2": 1}
    assert diary.dropped.unresolved == (("boris:q1", "m9"),)


def test_folder_of_one_conversation(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"id": 1, "text": "Hi", "occurred_at": "2026-01-01"}\n\n')
    (tmp_path / "questions.jsonl").write_text('{"id": "q", "question": "What?", "evidence": [1]}\n')
    (probe,) = load_suite(tmp_path).probes
    assert (probe.evidence, probe.category, probe.category_name) == (("1",), "-", "-")


@pytest.mark.parametrize(
    ("events", "questions", "message"),
    [
        ('{"id": "e", "text": "Hi"}', "", r"events.jsonl:1: occurred_at is missing"),
        ('{"id": "e", "occurred_at": "2026-01-01"}', "", r"give either text or parts"),
        ('{"id": "e", "text": "Hi", "occurred_at": "soon"}', "", r"events.jsonl:1: occurred_at"),
        (
            '{"id": "e", "text": "Hi", "occurred_at": "2026-01-01", "when": 1}',
            "",
            r"when is not a known field",
        ),
        ("{", "", r"events.jsonl:1 is not JSON"),
        ("[]", "", r"events.jsonl:1 is not a JSON object"),
        ("", "", r"holds no events"),
        (
            '{"id": "e", "text": "Hi", "occurred_at": "2026-01-01"}',
            '{"id": "q"}',
            r"questions.jsonl:1: question",
        ),
        (
            '{"id": "e", "text": "Hi", "occurred_at": "2026-01-01"}',
            '{"id": "q", "question": "?", "evidence": "e"}',
            r"evidence must be a list",
        ),
    ],
)
def test_folder_says_which_line_is_wrong(tmp_path: Path, events: str, questions: str, message: str) -> None:
    (tmp_path / "events.jsonl").write_text(events)
    (tmp_path / "questions.jsonl").write_text(questions)
    with pytest.raises(BadInput, match=message):
        load_suite(tmp_path)


def test_an_id_may_not_come_twice(tmp_path: Path) -> None:
    event = '{"id": "e", "text": "Hi", "occurred_at": "2026-01-01"}\n'
    (tmp_path / "events.jsonl").write_text(event * 2)
    with pytest.raises(BadInput, match=r"events.jsonl:2: id 'e' comes twice"):
        load_suite(tmp_path)
    (tmp_path / "events.jsonl").write_text(event)
    (tmp_path / "questions.jsonl").write_text('{"id": "q", "question": "?", "evidence": ["e"]}\n' * 2)
    with pytest.raises(BadInput, match=r"questions.jsonl:2: id 'q' comes twice"):
        load_suite(tmp_path)


@pytest.mark.parametrize(
    ("suite", "looked_for", "origin"),
    [
        ("locomo", "locomo.json", "snap-research/locomo"),
        ("beam", "100K", "mohammadtavakoli78/BEAM"),
        ("beam/1M", "1M", "mohammadtavakoli78/BEAM"),
    ],
)
def test_missing_data_names_the_file_and_its_origin(tmp_path: Path, suite: str, looked_for: str, origin: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_suite(suite, tmp_path)
    assert looked_for in str(caught.value)
    assert origin in str(caught.value)


def test_without_a_data_folder_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MNEMIC_DATA", raising=False)
    with pytest.raises(BadInput, match="MNEMIC_DATA"):
        load_suite("locomo")


@pytest.mark.parametrize("content", ["{", "{}", '[{"sample_id": "x"}]', "[3]"])
def test_broken_locomo_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "locomo10.json").write_text(content)
    with pytest.raises(BadInput, match=r"locomo10\.json"):
        load_suite("locomo", tmp_path)


def test_a_limit_is_spread_over_categories_and_conversations(diary: Suite) -> None:
    assert len(spread(diary, 99).probes) == 4
    two = spread(diary, 2).probes
    assert {probe.category for probe in two} == {"1", "2"}
    assert {probe.id.split(":")[0] for probe in two} == {"anna", "boris"}
    assert set(spread(diary, 1).probes) < set(two) < set(spread(diary, 3).probes)
    assert spread(diary, 2) == spread(diary, 2)
    assert len(spread(diary, 1).conversations) == 1
    with pytest.raises(BadInput, match="limit"):
        spread(diary, 0)


needs_data = pytest.mark.skipif("MNEMIC_DATA" not in os.environ, reason="MNEMIC_DATA names no folder of data sets")


@needs_data
def test_published_locomo_is_read_whole() -> None:
    suite = load_suite("locomo")
    known = {event.id for conversation in suite.conversations for event in conversation.events}
    assert all(set(probe.evidence) <= known for probe in suite.probes)
    assert len(suite.dropped.unresolved) <= 2
    assert suite.dropped.questions <= 4
    sample = load_suite("locomo", limit=50)
    assert set(Counter(probe.category for probe in sample.probes).values()) == {10}
    shares = Counter(probe.id.split(":")[0] for probe in sample.probes).values()
    assert max(shares) - min(shares) <= 1


@needs_data
def test_published_beam_is_read_whole() -> None:
    suite = load_suite("beam")
    assert not suite.dropped.unresolved
    assert "abstention" in suite.dropped.without_evidence
    assert not any("->->" in event.text for chat in suite.conversations for event in chat.events)
