"""Every format becomes the events that a reader of the file would expect."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mnemic.core.evidence import Event
from mnemic.ingest import FORMATS, detect, read_all, read_events

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED = {
    "chat.jsonl": "jsonl",
    "openai.json": "openai",
    "chatgpt.json": "chatgpt",
    "claude.json": "claude",
    "notes.md": "markdown",
    "diary.md": "markdown",
    "transcript.txt": "text",
    "essay.txt": "text",
}


def events_of(name: str) -> list[Event]:
    return read_all(FIXTURES / name)[0]


def zipped(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_format_is_found_by_content(name: str, expected: str, tmp_path: Path) -> None:
    path = FIXTURES / name
    assert detect(path) == expected
    assert detect(path.read_bytes()) == expected
    if expected not in ("markdown", "text"):
        renamed = tmp_path / "renamed.dat"
        renamed.write_bytes(path.read_bytes())
        assert detect(renamed) == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_importing_twice_gives_equal_events(name: str) -> None:
    first, report = read_all(FIXTURES / name)
    assert report.events == len(first) > 0
    assert not report.bad
    assert [event.to_json() for event in first] == [event.to_json() for event in read_events(FIXTURES / name)]
    assert len({event.id for event in first}) == len(first)


@pytest.mark.parametrize("name", EXPECTED)
def test_utf16_and_byte_order_marks_change_nothing(name: str, tmp_path: Path) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    plain = [event.to_json() for event in read_all(text.encode(), session="s", at="2026-01-01")[0]]
    for encoding in ("utf-8-sig", "utf-16"):
        read, _ = read_all(text.replace("\n", "\r\n").encode(encoding), session="s", at="2026-01-01")
        assert [event.to_json() for event in read] == plain


def test_jsonl_fields() -> None:
    events = events_of("chat.jsonl")
    assert [event.id for event in events[:2]] == ["m1", "m2"]
    assert [event.actor for event in events] == ["Rosa", "", "Rosa", "Ali", ""]
    assert events[0].occurred_at == datetime(2026, 3, 2, 17, 5, tzinfo=UTC)
    assert events[3].text == "First line\nsecond line"
    assert events[4].captions == ("a seed tray",)
    assert events[4].occurred_at == events[3].occurred_at
    assert dict(events[4].meta) == {"mood": "calm", "time_from": "neighbour"}


def test_openai_parts_and_tools() -> None:
    events, report = read_all(FIXTURES / "openai.json", session="trip", at="2026-05-02")
    assert [event.role for event in events] == ["system", "user", "assistant", "tool", "assistant"]
    assert {event.session for event in events} == {"trip"}
    image = events[1].parts[1]
    assert image.kind == "image"
    assert image.uri.startswith("sha256:")
    call, result = events[2].parts[0], events[3].parts[0]
    assert (call.kind, call.text, call.meta["name"]) == ("tool_call", '{"page": 1}', "read_ticket")
    assert (result.kind, result.meta["call_id"]) == ("tool_result", "call_1")
    assert report.format == "openai"


def test_chatgpt_takes_the_chosen_branch_only() -> None:
    events, report = read_all(FIXTURES / "chatgpt.json")
    text = "\n".join(event.text for event in events)
    assert "oven is broken" not in text
    assert "15 g more starter" in text
    assert [event.parts[0].kind for event in events] == ["image", "tool_call", "tool_result", "text", "text"]
    assert events[1].occurred_at == events[0].occurred_at
    assert events[4].occurred_at == datetime(2026, 1, 2, 9, tzinfo=UTC)
    assert events[0].meta["title"] == "Bread that does not rise"
    assert report.skipped == 2


def test_claude_blocks_attachments_and_missing_time() -> None:
    events = events_of("claude.json")
    assert [event.role for event in events] == ["user", "assistant", "user"]
    assert "Epoxy primer 2.5 l" in events[0].text
    assert [part.kind for part in events[1].parts] == ["tool_call", "tool_result", "text"]
    assert "waterline" not in events[1].text
    assert events[1].occurred_at == events[0].occurred_at
    assert events[2].text == "Thanks, I start on Sunday."


def test_claude_follows_the_current_leaf() -> None:
    text = b"""[{"uuid": "c", "created_at": "2026-01-01T00:00:00Z",
      "current_leaf_message_uuid": "3",
      "chat_messages": [
        {"uuid": "1", "sender": "human", "text": "Tea or coffee?", "parent_message_uuid": "0"},
        {"uuid": "2", "sender": "assistant", "text": "Coffee.", "parent_message_uuid": "1"},
        {"uuid": "3", "sender": "assistant", "text": "Tea.", "parent_message_uuid": "1"}]}]"""
    assert [event.text for event in read_all(text)[0]] == ["Tea or coffee?", "Tea."]


@pytest.mark.parametrize("name", ["chatgpt.json", "claude.json"])
def test_zip_of_an_export_reads_as_its_file(name: str) -> None:
    data = (FIXTURES / name).read_bytes()
    plain = [event.to_json() for event in read_all(data)[0]]
    packed = zipped(("user.json", b"{}"), ("export/conversations.json", data))
    assert detect(packed) == EXPECTED[name]
    assert [event.to_json() for event in read_all(packed)[0]] == plain


def test_numbered_conversation_files_are_read_in_order() -> None:
    def shard(name: str) -> bytes:
        return (
            b'[{"id": "%s", "create_time": 0, "current_node": "n", "mapping": {"n": {"parent": null, '
            b'"message": {"id": "m", "author": {"role": "user"}, '
            b'"content": {"content_type": "text", "parts": ["%s"]}}}}}]'
        ) % (name.encode(), name.encode())

    packed = zipped(
        ("conversations-001.json", shard("second")),
        ("conversations-000.json", shard("first")),
        ("chat.html", b""),
    )
    assert [event.text for event in read_all(packed)[0]] == ["first", "second"]


def test_markdown_headings_are_sessions_and_their_dates_times() -> None:
    events = events_of("notes.md")
    assert [event.session for event in events] == ["2026-02-14 The workshop"] * 3 + ["February 20th, 2026"]
    assert [event.speaker for event in events] == ["Rosa", "assistant", "Rosa", "Rosa"]
    assert events[0].text == "I rented the workshop in Rua do Almada.\nIt has two windows."
    assert "# not a heading" in events[2].text
    assert events[3].occurred_at == datetime(2026, 2, 20, tzinfo=UTC)


def test_markdown_without_turns_is_a_document() -> None:
    events = events_of("diary.md")
    assert {event.role for event in events} == {"document"}
    assert events[1].text == "- two rows of beans\n- one of peas"
    assert events[2].occurred_at == datetime(2026, 3, 3, tzinfo=UTC)


def test_equal_headings_keep_equal_paragraphs_apart() -> None:
    events, report = read_all(b"# Day\nrain\n# Day\nrain", at="2026-01-01")
    assert [event.text for event in events] == ["rain", "rain"]
    assert report.duplicates == 0


def test_headings_that_are_roles_are_turns() -> None:
    text = "# Bread\n\n## 👤 User\n\nWhy flat?\n\nIt is rye.\n\n## Assistant:\n\nToo little time.\n"
    events, _ = read_all(text.encode(), at="2026-01-01")
    assert [(event.session, event.role) for event in events] == [("Bread", "user"), ("Bread", "assistant")]
    assert events[0].text == "Why flat?\n\nIt is rye."


def test_fields_of_a_line_do_not_make_it_an_export() -> None:
    assert detect(b'{"role": "user", "content": "a", "meta": {"mapping": {}}}') == "jsonl"


def test_transcript_turns_go_on_over_lines() -> None:
    events = events_of("transcript.txt")
    assert [event.actor for event in events] == ["Rosa", "Ali Reza", "Rosa"]
    assert events[1].text == "Yes, at nine.\nIt was heavy."
    assert events[2].occurred_at == datetime(2026, 5, 1, 8, 3, 30, tzinfo=UTC)


def test_prose_with_a_colon_is_no_transcript() -> None:
    assert {event.role for event in events_of("essay.txt")} == {"document"}


def test_times_without_offset_are_in_the_given_zone() -> None:
    zone = timezone(timedelta(hours=2))
    events, _ = read_all(FIXTURES / "transcript.txt", timezone=zone)
    assert events[0].occurred_at == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert events[2].occurred_at == datetime(2026, 5, 1, 8, 3, 30, tzinfo=UTC)


def test_given_time_and_session_are_for_messages_without() -> None:
    bare, full = (
        b'{"role": "user", "content": "a"}',
        b'{"role": "user", "content": "b", "session": "x", "at": "2026-05-01"}',
    )
    events, _ = read_all(bare + b"\n" + full, session="s", at=datetime(2026, 1, 1))
    assert [(event.session, event.occurred_at.month) for event in events] == [("s", 1), ("x", 5)]


def test_file_time_is_the_last_resort_and_not_part_of_the_id(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Anna: Hi\nBen: Hello", encoding="utf-8")
    first, _ = read_all(path)
    os.utime(path, (86_400, 86_400))
    second, _ = read_all(path)
    assert second[0].occurred_at == datetime(1970, 1, 2, tzinfo=UTC)
    assert second[0].meta == {"time_from": "file"}
    assert second[0].session == "talk"
    assert [event.id for event in first] == [event.id for event in second]


def test_year_9999_is_read() -> None:
    events, _ = read_all(b'{"role": "user", "content": "later", "at": "9999-12-31T23:59:59+00:00"}')
    assert events[0].occurred_at.year == 9999


def test_equal_lines_with_one_id_count_once() -> None:
    line = b'{"id": "1", "role": "user", "content": "a", "at": "2026-05-01"}\n'
    events, report = read_all(line + line)
    assert (len(events), report.duplicates) == (1, 1)


def test_lines_without_id_may_repeat() -> None:
    line = b'{"role": "user", "content": "ok", "at": "2026-05-01"}\n'
    assert len({event.id for event in read_all(line + line)[0]}) == 2


def test_appending_keeps_the_ids() -> None:
    before, _ = read_all(b"Anna: Hi\nBen: Hello", at="2026-01-01")
    after, _ = read_all(b"Anna: Hi\nBen: Hello\nAnna: Bye", at="2026-01-01")
    assert [event.id for event in after[:2]] == [event.id for event in before]


def test_formats_are_those_that_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in FORMATS)
