"""What cannot be read ends in one clear BadInput, never in a traceback and never in half an import."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mnemic.core.errors import BadInput
from mnemic.ingest import FORMATS, MAX_MESSAGE_BYTES, BadLine, detect, read_all, read_events

GOOD = b'{"role": "user", "content": "a", "at": "2026-05-01"}\n'


def refused(origin: str | Path | bytes, format: str | None = None, **options: Any) -> str:
    with pytest.raises(BadInput) as caught:
        read_all(origin, format, **options)
    message = str(caught.value)
    assert len(message) < 500
    assert message.isprintable()
    return message


@pytest.mark.parametrize("format", [None, *FORMATS])
def test_empty_file(format: str | None, tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    assert "is empty" in refused(path, format)
    assert "is empty" in refused(b"", format)


@pytest.mark.parametrize("format", ["jsonl", "markdown", "text"])
def test_blank_file(format: str) -> None:
    assert "holds no messages" in refused(b"\n \n\n", format)


def test_export_without_conversations() -> None:
    for format in ("openai", "chatgpt", "claude"):
        assert "holds no messages" in refused(b"[]", format)


def test_missing_file_directory_and_odd_paths(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "none.jsonl")
    assert "is a directory" in refused(tmp_path)
    refused("a\0b")
    refused("x" * 5000)
    refused(str(tmp_path / "caf\udce9.txt"))


def test_binaries_are_named(tmp_path: Path) -> None:
    database = tmp_path / "memory.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert "SQLite" in refused(database)
    assert "gzip" in refused(b"\x1f\x8b\x08\x00rest")
    assert "PDF" in refused(b"%PDF-1.7\n")
    assert "NUL bytes" in refused(b"\x7fELF\x02\x01\x01\x00\x00")
    assert "NUL bytes" in refused("Anna: Hi".encode("utf-16-le"))
    assert "UTF-32" in refused("Anna: Hi".encode("utf-32"))


def test_latin1_names_the_byte() -> None:
    message = refused("Anna: um café".encode("latin-1"))
    assert "0xe9 at offset 12" in message
    assert "iconv" in message
    late = b"Anna: " + b"x" * 200_000 + b"\xe9"
    assert "offset 200006" in refused(late)


def test_bad_line_names_file_line_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(GOOD + b"\n" + b'{"role": "user"\n' + GOOD)
    message = refused(path)
    assert "chat.jsonl, line 3" in message
    assert "--skip-bad" in message


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (b"{broken", "not JSON"),
        (b'"text"', "no message"),
        (b'{"content": "a"}', "role"),
        (b'{"role": 7, "content": "a"}', "role"),
        (b'{"role": "user"}', "content"),
        (b'{"role": "user", "content": 7}', "content"),
        (b'{"role": "user", "content": [{"type": "smell"}]}', "type"),
        (b'{"role": "user", "content": "a", "parts": [{"kind": "smell"}]}', "kind"),
        (b'{"role": "user", "content": "a", "at": "yesterday"}', "at"),
        (b'{"role": "user", "content": "a", "at": "2026-02-30"}', "at"),
        (b'{"role": "user", "content": "a", "at": "0000-01-01"}', "at"),
        (b'{"role": "user", "content": "a", "at": "9999-12-31T23:59:59-05:00"}', "at"),
        (b'{"role": "user", "content": "a", "at": 1e300}', "at"),
        (b'{"role": "user", "content": "a", "at": true}', "at"),
        (b'{"role": "user", "content": "a", "at": "1712011000123"}', "at"),
        (b'{"role": "user", "content": "a", "at": 1712011000123}', "at"),
        (b'{"role": "user", "content": "a", "at": NaN}', "NaN"),
        (b'{"role": "user", "content": "a", "at": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"role": "user", "content": "half \\ud800 of it"}', "surrogate"),
        (b'{"role": "user", "content": "nul \\u0000 in it"}', "NUL"),
        (b'{"role": "user", "content": "a", "meta": {"k": "\\udfff"}}', "surrogate"),
        (b'{"role": "user", "content": "a", "meta": 7}', "meta"),
        (b'{"role": "user", "content": "a", "id": {}}', "id"),
        (b'{"role": "user", "content": "a", "session": "' + b"s" * 300 + b'"}', "session"),
        (b'{"role": "user", "content": "a", "meta": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "nested"),
        (b'{"role": "user", "content": "a", "meta": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "nested"),
        (b'{"role": "user", "tool_calls": [7]}', "tool_calls"),
    ],
)
def test_bad_lines_are_refused_or_left_out(line: bytes, names: str) -> None:
    message = refused(GOOD + line + b"\n", "jsonl")
    assert "line 2" in message
    assert names in message
    events, report = read_all(GOOD + line + b"\n", "jsonl", skip_bad=True)
    assert len(events) == 1
    assert [bad.number for bad in report.bad] == [2]


def test_streaming_tells_of_bad_lines() -> None:
    told: list[BadLine] = []
    events = list(read_events(GOOD + b"{\n", "jsonl", skip_bad=True, on_bad=told.append))
    assert len(events) == 1
    assert [bad.number for bad in told] == [2]


def test_size_of_a_message_is_limited() -> None:
    full = "x" * MAX_MESSAGE_BYTES
    events, _ = read_all(json.dumps({"role": "user", "content": full, "at": 0}).encode())
    assert len(events[0].text) == MAX_MESSAGE_BYTES
    for format, data in (
        ("jsonl", json.dumps({"role": "user", "content": full + "x", "at": 0}).encode()),
        ("text", (full + "x").encode()),
        ("text", ("xx\n" * (MAX_MESSAGE_BYTES // 2)).encode()),
        ("markdown", ("Anna: " + full + "x").encode()),
    ):
        assert "a message may hold" in refused(data, format, at="2026-01-01")


@pytest.mark.parametrize("format", ["jsonl", "markdown", "text"])
def test_line_of_fifty_megabytes(format: str, tmp_path: Path) -> None:
    path = tmp_path / "long.dat"
    with path.open("wb") as stream:
        for _ in range(50):
            stream.write(b"Anna: hi # [" + b"a" * ((1 << 20) - 12))
        stream.write(b"\n" + GOOD)
    assert "line 1" in refused(path, format)
    events, report = read_all(path, format, skip_bad=True)
    assert len(events) == 1
    assert [bad.number for bad in report.bad] == [1]


def test_one_id_for_two_contents() -> None:
    lines = [{"id": "1", "role": "user", "content": content, "at": 0} for content in "ab"]
    text = "\n".join(json.dumps(line) for line in lines)
    assert "line 2: id '1' stands before" in refused(text.encode())


def test_no_time_and_no_file() -> None:
    assert "give at" in refused(b"Anna: Hi\nBen: Hello")


def test_unknown_format_and_time() -> None:
    assert "format" in refused(GOOD, "yaml")
    assert "at:" in refused(GOOD, at="soon")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"mapping":{"a":', b'[{"chat_messages":['])
def test_deep_nesting(format: str, opening: bytes) -> None:
    with contextlib.suppress(BadInput):
        read_all(opening * 100_000, format, at="2026-01-01")


def chatgpt(mapping: object, leaf: object = "b") -> bytes:
    return json.dumps([{"id": "c", "create_time": 0, "mapping": mapping, "current_node": leaf}]).encode()


def said(text: str) -> dict[str, Any]:
    return {"id": text, "author": {"role": "user"}, "content": {"content_type": "text", "parts": [text]}}


@pytest.mark.parametrize(
    ("mapping", "names"),
    [
        ({"a": {"parent": "b", "children": ["b"]}, "b": {"parent": "a", "children": ["a"]}}, "circle"),
        ({"b": {"parent": "b", "children": []}}, "circle"),
        ({"b": {"parent": None, "children": ["c"]}, "c": {"parent": "b", "children": ["b"]}}, "circle"),
        ({"b": {"parent": "gone", "children": []}}, "not there"),
        ({"a": {"parent": None, "children": []}}, "not there"),
        ({"b": 7}, "no object"),
        ({"b": {"parent": 7}}, "parent"),
        ({"b": {"children": 7}}, "children"),
        ([], "mapping"),
        ({"b": {"message": {"author": None}}}, "author"),
        ({"b": {"message": {**said("x"), "create_time": "soon"}}}, "create_time"),
        ({"b": {"message": {**said("x"), "content": {"content_type": "text", "parts": 7}}}}, "parts"),
    ],
)
def test_damaged_conversation_trees(mapping: object, names: str) -> None:
    message = refused(chatgpt(mapping), "chatgpt")
    assert "conversation 1" in message
    assert names in message


def test_good_conversations_beside_a_bad_one() -> None:
    good = json.loads(chatgpt({"b": {"message": said("hello")}}))
    bad = json.loads(chatgpt({"b": {"parent": "b"}}))
    events, report = read_all(json.dumps(bad + good).encode(), "chatgpt", skip_bad=True)
    assert [event.text for event in events] == ["hello"]
    assert [(bad.number, bad.unit) for bad in report.bad] == [(1, "conversation")]


def test_claude_replies_in_a_circle() -> None:
    messages = [
        {"uuid": "1", "sender": "human", "text": "a", "parent_message_uuid": "2"},
        {"uuid": "2", "sender": "human", "text": "b", "parent_message_uuid": "1"},
    ]
    assert "circle" in refused(json.dumps([{"uuid": "c", "chat_messages": messages}]).encode())


def packed(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def test_damaged_and_hostile_archives() -> None:
    good = chatgpt({"b": {"message": said("hello")}})
    whole = packed(("conversations.json", good))
    assert read_all(whole)[1].events == 1
    assert "damaged" in refused(whole[: len(whole) // 2])
    assert "damaged" in refused(whole[:60].replace(good[:4], b"xxxx") + whole[60:-40])
    assert "no conversations.json" in refused(packed(("readme.txt", b"hi")))
    assert "outside" in refused(packed(("conversations.json", good), ("../../etc/passwd", b"x")))
    assert "outside" in refused(packed(("/conversations.json", good)))
    assert "outside" in refused(packed(("..\\conversations.json", good)))
    bomb = packed(("conversations.json", b"[" + b" " * (32 << 20) + b"]"))
    assert "times its size" in refused(bomb)
    assert "neither ChatGPT nor Claude" in refused(packed(("conversations.json", b'[{"a": 1}]')))
    assert "zip archive" in refused(whole, "jsonl")


def test_declared_size_of_an_entry_is_not_trusted() -> None:
    data = packed(("conversations.json", b'[{"mapping": {}, "pad": "' + b"a" * 100_000 + b'"}]'))
    central = data.rindex(b"PK\x01\x02")
    lying = data[: central + 24] + (10).to_bytes(4, "little") + data[central + 28 :]
    assert "damaged" in refused(lying, "chatgpt")


def test_encrypted_archive() -> None:
    data = bytearray(packed(("conversations.json", b"[]")))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(data), "chatgpt")


def test_broken_document_names_line_and_column() -> None:
    assert "line 2, column" in refused(b'[{"role": "user",\n "content" "a"}]')


def test_detect_refuses_what_no_format_has(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        detect(tmp_path / "none")
    with pytest.raises(BadInput, match="NUL bytes"):
        detect(b"\x00\x01\x02")


def test_invalid_date_in_text_and_heading() -> None:
    assert "line 2" in refused(b"[2026-05-01 10:00] Anna: Hi\n[2026-13-01 10:00] Ben: Hello")
    assert "date in heading" in refused(b"# 2026-02-30\nAnna: Hi\nBen: Hello")
