"""The memory tool: command for command what the SDK's own file-based tool does, and driven by the SDK's runner."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.memory import Memory

pytest.importorskip("anthropic")

from anthropic.lib.tools import ToolError
from anthropic.lib.tools._beta_builtin_memory_tool import BetaLocalFilesystemMemoryTool

from mnemic.compat.anthropic_memory import MnemicMemoryTool

NAMES = st.sampled_from(["a.md", "b.md", "notes/a.md", "notes/deep/c.md"])
TEXTS = st.sampled_from(["green tea", "one\ntwo\nthree\n", "tea and tea", "x\n\ny"])
COMMANDS = st.one_of(
    st.fixed_dictionaries({"command": st.just("create"), "path": NAMES, "file_text": TEXTS}),
    st.fixed_dictionaries(
        {"command": st.just("view"), "path": NAMES, "view_range": st.sampled_from([None, [1, 2], [2, -1]])}
    ),
    st.fixed_dictionaries(
        {
            "command": st.just("str_replace"),
            "path": NAMES,
            "old_str": st.sampled_from(["tea", "two", "none"]),
            "new_str": st.sampled_from(["milk", "1\n2"]),
        }
    ),
    st.fixed_dictionaries(
        {"command": st.just("insert"), "path": NAMES, "insert_line": st.integers(-1, 3), "insert_text": TEXTS}
    ),
    st.fixed_dictionaries(
        {"command": st.just("delete"), "path": st.sampled_from(["a.md", "notes", "notes/deep", "none"])}
    ),
    st.fixed_dictionaries(
        {
            "command": st.just("rename"),
            "old_path": st.sampled_from(["a.md", "b.md", "notes", "none"]),
            "new_path": st.sampled_from(["c.md", "b.md", "old/a.md"]),
        }
    ),
)


def _run(tool: Any, command: dict[str, Any]) -> str:
    named = {key: f"/memories/{value}" if key.endswith("path") else value for key, value in command.items()}
    try:
        return str(tool.call(named))
    except ToolError as error:
        return f"error: {error}"


@settings(max_examples=30)
@given(st.lists(COMMANDS, max_size=12))
def test_it_answers_like_the_file_based_tool(commands: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory = mnemic.open(folder + "/a.db", embedder="hashing", reranker="overlap")
        ours = MnemicMemoryTool(memory.bank("anna"))
        theirs = BetaLocalFilesystemMemoryTool(folder + "/files")
        for command in commands:
            # A directory that was emptied is gone from a bank, and stays on a disk.
            assert _run(ours, command) == _run(theirs, command), command
            assert _paths(_run(ours, {"command": "view", "path": ""})) >= set()
        files = {p.relative_to(folder + "/files/memories").as_posix() for p in Path(folder).rglob("*.md")}
        assert {n.removeprefix("/memories/") for n in ours._below("/memories")} == files
        memory.close()


def _paths(listing: str) -> set[str]:
    return set(re.findall(r"\t(\S+)$", listing, re.MULTILINE))


@pytest.fixture
def tool(memory: Memory) -> MnemicMemoryTool:
    return MnemicMemoryTool(memory.bank("anna"))


def call(tool: MnemicMemoryTool, command: str, **fields: Any) -> str:
    return str(tool.call({"command": command, **fields}))


def test_a_directory_is_listed_two_levels_deep(tool: MnemicMemoryTool) -> None:
    for path in ("tea.md", "people/anna.md", "people/deep/er.md", ".hidden"):
        call(tool, "create", path=f"/memories/{path}", file_text="words")
    listing = call(tool, "view", path="/memories")
    assert _paths(listing) == {
        "/memories", "/memories/people/", "/memories/people/anna.md", "/memories/people/deep/", "/memories/tea.md"
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/memories/../etc/passwd", "/etc/passwd", "/memoriesx/a", "/memories/a/../../b", "..", "", "/memories/..\\..\\x"],
)
def test_no_path_leads_out(tool: MnemicMemoryTool, path: str) -> None:
    for fields in (
        {"command": "create", "path": path, "file_text": "x"},
        {"command": "view", "path": path},
        {"command": "delete", "path": path},
        {"command": "rename", "old_path": path, "new_path": "/memories/a"},
        {"command": "rename", "old_path": "/memories/a", "new_path": path},
    ):
        with pytest.raises(ToolError):
            tool.call(fields)


def test_files_keep_their_versions_and_are_recalled(tool: MnemicMemoryTool, memory: Memory) -> None:
    call(tool, "create", path="/memories/tea.md", file_text="Anna drinks green tea.")
    call(tool, "str_replace", path="/memories/tea.md", old_str="green", new_str="black")
    bank = memory.bank("anna")
    assert "black tea" in bank.recall("What tea does Anna drink?").text
    (record,) = bank.list().records
    assert [entry.record.value for entry in bank.history(record.id)] == [
        "Anna drinks green tea.", "Anna drinks black tea."
    ]  # fmt: skip
    call(tool, "delete", path="/memories/tea.md")
    assert "tea" not in bank.recall("What tea does Anna drink?").text
    call(tool, "create", path="/memories/tea.md", file_text="")
    assert "line numbers" in call(tool, "view", path="/memories/tea.md")


def test_one_user_does_not_see_another(tool: MnemicMemoryTool, memory: Memory) -> None:
    call(tool, "create", path="/memories/secret.md", file_text="Anna's secret")
    other = MnemicMemoryTool(memory.bank("ben"))
    assert "secret" not in call(other, "view", path="/memories")
    with pytest.raises(ToolError, match="does not exist"):
        call(other, "view", path="/memories/secret.md")


def test_what_is_wrong_is_a_tool_error(tool: MnemicMemoryTool) -> None:
    for fields, words in [
        ({"command": "fly"}, "Unknown command"),
        ({"command": "create", "path": "/memories/a"}, "file_text"),
        ({"command": "create", "path": "/memories/a", "file_text": "x" * (2 << 20)}, "at most"),
        ({"command": "create", "path": "/memories/a", "file_text": "a\0b"}, "NUL"),
    ]:
        with pytest.raises(ToolError, match=words):
            tool.call(fields)
    assert tool.to_dict() == {"type": "memory_20250818", "name": "memory"}
