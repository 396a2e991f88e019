"""Anthropic's memory tool (``memory_20250818``) over a bank: its files are documents with all their versions.

    client.beta.messages.run_tools(model=..., messages=[...], tools=[MnemicMemoryTool(memory.bank("anna"))])

One bank is one user's ``/memories``. There is no file system behind it that a path could lead out of.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anthropic.lib.tools import BetaAbstractMemoryTool, ToolError

from mnemic.bank import Bank
from mnemic.compat.documents import KIND, Document, Documents, data_of, name_of
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Where

ROOT = "/memories"
_TAG = "memories"
_LINE_WIDTH = 6
_MOST_LINES = 999_999
_FIELDS: dict[str, dict[str, type]] = {
    "view": {"path": str},
    "create": {"path": str, "file_text": str},
    "str_replace": {"path": str, "old_str": str, "new_str": str},
    "insert": {"path": str, "insert_line": int, "insert_text": str},
    "delete": {"path": str},
    "rename": {"old_path": str, "new_path": str},
}


class MnemicMemoryTool(BetaAbstractMemoryTool):
    """The memory tool over a bank; what it answers is worded as the SDK's own file-based tool words it.

    >>> import mnemic, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> memory = mnemic.open(folder.name + "/agent.db", embedder="hashing", reranker="overlap")
    >>> tool = MnemicMemoryTool(memory.bank("anna"))
    >>> tool.call({"command": "create", "path": "/memories/tea.md", "file_text": "green"})
    'File created successfully at: /memories/tea.md'
    >>> memory.close(); folder.cleanup()
    """

    def __init__(self, bank: Bank, **options: Any) -> None:
        super().__init__(**options)
        self.documents = Documents(bank, role="assistant")

    def execute(self, command: Any) -> Any:
        """Run a command; raises ToolError with one line that says what is wrong."""
        for name, kind in _FIELDS.get(str(getattr(command, "command", "")), {}).items():
            if not isinstance(getattr(command, name, None), kind):
                raise ToolError(f"{name}: is missing, or is no {'text' if kind is str else 'whole number'}")
        try:
            return super().execute(command)
        except (MnemicError, NotImplementedError) as error:
            raise ToolError(str(error)) from None

    def view(self, command: Any) -> str:
        """A file with numbered lines, or what is in a directory, two levels deep."""
        path = _path(command.path)
        text = self._text(path)
        if text is None:
            return self._listing(path, command.path)
        lines = text.split("\n")
        if len(lines) > _MOST_LINES:
            raise ToolError(f"File {command.path} exceeds maximum line limit of 999,999 lines.")
        first, last = 0, len(lines)
        asked = command.view_range
        if asked and len(asked) == 2:
            first, last = max(1, asked[0]) - 1, len(lines) if asked[1] == -1 else asked[1]
        shown = "\n".join(_numbered(enumerate(lines[first:last], first + 1)))
        return f"Here's the content of {command.path} with line numbers:\n{shown}"

    def create(self, command: Any) -> str:
        """A new file."""
        path = _path(command.path)
        if path == ROOT or self._text(path) is not None or self._below(path):
            raise ToolError(f"File {command.path} already exists")
        parts = path.split("/")
        for end in range(3, len(parts)):
            if self._text("/".join(parts[:end])) is not None:
                raise ToolError(f"{'/'.join(parts[:end])} is a file, not a directory")
        self._write(path, command.file_text)
        return f"File created successfully at: {command.path}"

    def str_replace(self, command: Any) -> str:
        """One place of a file in other words."""
        path = _path(command.path)
        text = self._file(path, command.path)
        old = command.old_str
        count = text.count(old)
        if not old or count == 0:
            raise ToolError(f"No replacement was performed, old_str `{old}` did not appear verbatim in {command.path}.")
        if count > 1:
            starts = (i for i in range(len(text)) if text.startswith(old, i))
            lines = ", ".join(str(text[:start].count("\n") + 1) for start in starts)
            raise ToolError(
                f"No replacement was performed. Multiple occurrences of old_str `{old}` in lines: {lines}. "
                "Please ensure it is unique"
            )
        place = text[: text.find(old)].count("\n")
        new = text.replace(old, command.new_str)
        self._write(path, new)
        lines_now = new.split("\n")
        first, last = max(0, place - 2), min(len(lines_now), place + 3)
        shown = "\n".join(_numbered(enumerate(lines_now[first:last], first + 1)))
        return f"The memory file has been edited. Here is the snippet showing the change (with line numbers):\n{shown}"

    def insert(self, command: Any) -> str:
        """A text behind a line of a file."""
        path = _path(command.path)
        lines = self._file(path, command.path).split("\n")
        if lines[-1] == "":
            lines.pop()
        if not 0 <= command.insert_line <= len(lines):
            raise ToolError(
                f"Invalid `insert_line` parameter: {command.insert_line}. "
                f"It should be within the range [0, {len(lines)}]."
            )
        lines.insert(command.insert_line, command.insert_text.rstrip("\n"))
        self._write(path, "\n".join(lines).removesuffix("\n") + "\n")
        return f"The file {command.path} has been edited."

    def delete(self, command: Any) -> str:
        """Set a file or a directory aside; its history stays with the bank."""
        path = _path(command.path)
        if path == ROOT:
            raise ToolError(f"Cannot delete the {ROOT} directory itself")
        names = [path] if self._text(path) is not None else self._below(path)
        if not names:
            raise ToolError(f"The path {command.path} does not exist")
        self.documents.write(names, reason="delete")
        return f"Successfully deleted {command.path}"

    def rename(self, command: Any) -> str:
        """Move a file or a directory, in one commit."""
        old, new = _path(command.old_path), _path(command.new_path)
        if old == ROOT:
            raise ToolError(f"Cannot rename the {ROOT} directory itself")
        if new == ROOT or self._text(new) is not None or self._below(new):
            raise ToolError(f"The destination {command.new_path} already exists")
        names = [old] if self._text(old) is not None else self._below(old)
        if not names:
            raise ToolError(f"The path {command.old_path} does not exist")
        if new.startswith(f"{old}/"):
            raise ToolError(f"The destination {command.new_path} is inside of {command.old_path}")
        records = self.documents.read_many(names)
        moved = [self._document(new + name.removeprefix(old), records[name].value) for name in names]
        self.documents.write([*names, *moved], reason=f"rename {old} to {new}")
        return f"Successfully renamed {command.old_path} to {command.new_path}"

    def clear_all_memory(self) -> str:
        """Set every file aside."""
        self.documents.write(self._below(ROOT), reason="clear")
        return "All memory cleared"

    # Files and directories.

    def _text(self, path: str) -> str | None:
        record = self.documents.read(path)
        return None if record is None else str(data_of(record).get("text", record.value))

    def _file(self, path: str, given: str) -> str:
        text = self._text(path)
        if text is not None:
            return text
        if path == ROOT or self._below(path):
            raise ToolError(f"The path {given} is not a file.")
        raise ToolError(f"The path {given} does not exist. Please provide a valid path.")

    def _below(self, path: str) -> list[str]:
        where = Where(kinds=(KIND,), tags=(_TAG,))
        return sorted(n for n in map(name_of, self.documents.all(where)) if n.startswith(f"{path}/"))

    def _document(self, path: str, text: str) -> Document:
        return Document(path, text, tags=(_TAG,), session=path.rpartition("/")[0])

    def _write(self, path: str, text: str) -> None:
        self.documents.write([self._document(path, text)])

    def _listing(self, path: str, given: str) -> str:
        names = self._below(path)
        if not names and path != ROOT:
            raise ToolError(f"The path {given} does not exist. Please provide a valid path.")
        sizes = {n: len(r.value.encode()) for n, r in self.documents.read_many(names).items()}
        rows: dict[str, int] = {}
        for name, size in sizes.items():
            parts = name.removeprefix(f"{path}/").split("/")
            if any(part.startswith(".") for part in parts[:2]):
                continue
            for depth in range(1, min(len(parts), 3)):
                folder = "/".join(parts[:depth]) + "/"
                rows[folder] = rows.get(folder, 0) + size
            if len(parts) <= 2:
                rows["/".join(parts)] = size
        shown = [f"{_size(sum(sizes.values()))}\t{given}"]
        shown += [f"{_size(rows[row])}\t{given}/{row}" for row in sorted(rows, key=lambda row: row.split("/"))]
        head = f"Here're the files and directories up to 2 levels deep in {given}, excluding hidden items:"
        return "\n".join([head, *shown])


def _path(given: Any) -> str:
    """A path in its plain form; raises ToolError for one that leads out of ``/memories``.

    >>> _path("/memories//notes/./a.md")
    '/memories/notes/a.md'
    """
    if not isinstance(given, str) or not (given == ROOT or given.startswith(f"{ROOT}/")):
        raise ToolError(f"Path must start with {ROOT}, got: {given}")
    parts = [part for part in given.split("/") if part not in ("", ".")]
    if ".." in given.replace("\\", "/").split("/") or "\0" in given:
        raise ToolError(f"Path {given} would escape {ROOT} directory")
    return "/" + "/".join(parts)


def _numbered(lines: Iterable[tuple[int, str]]) -> Iterable[str]:
    return (f"{str(number).rjust(_LINE_WIDTH)}\t{line}" for number, line in lines)


def _size(size: int) -> str:
    """A size as ``ls -h`` writes it.

    >>> _size(0), _size(100), _size(1536)
    ('0B', '100B', '1.5K')
    """
    power = min(max(size.bit_length() - 1, 0) // 10, 3)
    value = size / 1024**power
    return f"{int(value)}{'BKMG'[power]}" if value == int(value) else f"{value:.1f}{'BKMG'[power]}"
