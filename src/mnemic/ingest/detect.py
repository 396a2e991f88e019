"""Which format a file has, by what it holds; its extension decides where that leaves a choice."""

from __future__ import annotations

import re
from pathlib import Path

from mnemic.core.errors import BadInput
from mnemic.ingest.archive import conversation_head
from mnemic.ingest.decoding import beginning
from mnemic.ingest.document import parse
from mnemic.ingest.markdown import heading
from mnemic.ingest.message import Format
from mnemic.ingest.source import Source

_HEAD = 1 << 18
_MAPPING = re.compile(r'(?<!\\)"mapping"\s*:\s*\{')
_CHAT_MESSAGES = re.compile(r'(?<!\\)"chat_messages"\s*:\s*\[')
_MESSAGES = re.compile(r'(?<!\\)"messages"\s*:\s*\[')
#: Names of fields that only the memories of other products have, each with one that stands beside it.
_MEMORIES: tuple[tuple[Format, str, str], ...] = (
    ("mcp-memory", r"entityType|relationType", r"observations|from"),
    ("letta", r"core_memory|agents", r"messages|blocks"),
    ("graphiti", r"episodes|episodic_nodes|fact", r"valid_at|edges|nodes|uuid"),
    ("mem0", r"memory", r"hash|user_id|agent_id|run_id|created_at"),
)
_JSON = re.compile(r"\s*(?:\{\s*(?:\"|\}|$)|\[\s*(?:\{|$|\]\s*$))")
_BOLD_TURN = re.compile(r"^\*\*[^*\n]{1,60}(?::\*\*|\*\*:)", re.MULTILINE)


def detect(origin: str | Path | bytes) -> Format:
    """The format of a file or of bytes; raises BadInput for what is empty, missing, binary or unknown.

    >>> detect(b'{"role": "user", "content": "Hi"}'), detect(b"# Monday\\nAnna: Hi"), detect(b"Anna: Hi")
    ('jsonl', 'markdown', 'text')
    """
    return detect_source(Source.of(origin))


def detect_source(source: Source) -> Format:
    """The format of a source.

    >>> detect_source(Source.of(b'[{"role": "user", "content": "Hi"}]'))
    'openai'
    """
    if source.is_zip():
        found = _export(beginning(conversation_head(source, _HEAD), source.name))
        if not found:
            raise BadInput(f"{source.name}: is the export of neither ChatGPT nor Claude; unpack it and give one file")
        return found
    head = beginning(source.head(_HEAD), source.name)
    suffix = source.path.suffix.lower() if source.path else ""
    if suffix in (".json", ".jsonl", ".ndjson", ".af") or _JSON.match(head):
        return _json(head, otherwise="openai" if suffix == ".json" else "jsonl")
    marked = _BOLD_TURN.search(head) or any(heading(line) for line in head.splitlines())
    return "markdown" if suffix in (".md", ".markdown") or (marked and suffix != ".txt") else "text"


def _export(head: str) -> Format | None:
    mapping, messages = _MAPPING.search(head), _CHAT_MESSAGES.search(head)
    if mapping and not (messages and messages.start() < mapping.start()):
        return "chatgpt"
    return "claude" if messages else None


def _json(head: str, otherwise: Format) -> Format:
    """A list of messages, an export, or lines: a first line that is an object by itself is one message."""
    lines = [line for line in head.splitlines() if line.strip()]
    try:
        value = parse(lines[0], one_line=True) if lines else None
    except BadInput:
        value = None
    if not (isinstance(value, dict) and {"role", "content", "parts"} & value.keys()) and (found := _memories(head)):
        return found
    if isinstance(value, dict) and not {"mapping", "chat_messages", "conversations"} & value.keys():
        return "openai" if isinstance(value.get("messages"), list) and len(lines) == 1 else "jsonl"
    if found := _export(head):
        return found
    return "openai" if head.lstrip().startswith("[") or _MESSAGES.search(head) else otherwise


def _memories(head: str) -> Format | None:
    """Which product's memories a document holds, by its fields; None for none that is known."""

    def has(names: str) -> bool:
        return re.search(rf'(?<!\\)"(?:{names})"\s*:', head) is not None

    if _MAPPING.search(head) or _CHAT_MESSAGES.search(head):
        return None
    found = next((format for format, name, beside in _MEMORIES if has(name) and has(beside)), None)
    return None if found == "mem0" and has("content") else found
