"""An append-only file of finished readings, so that an interrupted run goes on where it stopped.

The first line holds the parts of the fingerprint that the readings depend on; every further line is one
reading. A line that was being written when the process ended is cut off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.bench.outcome import Reading
from mnemic.core.evidence import canonical, sha


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Sixteen hex digits of the hash of all that a result depends on.

    >>> fingerprint({"seed": 0}) == fingerprint({"seed": 1})
    False
    """
    return sha(canonical(dict(parts)))[:16]


def file_name(text: str) -> str:
    """A text as part of a path: letters, digits and ``.@-_`` stay.

    >>> file_name("my recipe/2@fast")
    'my_recipe_2@fast'
    """
    return re.sub(r"[^\w.@-]", "_", text)


class Journal:
    """The readings of one conversation with one recipe and profile.

    Parameters
    ----------
    path
        The file; made, with its folders, at the first reading.
    parts
        What the readings depend on; a file that begins with other parts is begun anew.
    """

    def __init__(self, path: Path, parts: Mapping[str, Any]) -> None:
        self._path = path
        self._head = canonical({"depends_on": dict(parts)})
        self.finished: dict[str, Reading] = self._load()

    def _load(self) -> dict[str, Reading]:
        if not self._path.exists():
            return {}
        whole = self._path.read_bytes()
        head, *lines = whole[: whole.rfind(b"\n") + 1].decode("utf-8", "replace").split("\n")
        if head != self._head:
            self._path.unlink()
            return {}
        with self._path.open("r+b") as file:
            file.truncate(whole.rfind(b"\n") + 1)
        readings = [Reading.from_json(json.loads(line)) for line in lines if line]
        return {reading.sha: reading for reading in readings}

    def append(self, reading: Reading) -> None:
        """Write a reading down, for good."""
        line = canonical(reading.to_json())
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            line = f"{self._head}\n{line}"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        self.finished[reading.sha] = reading


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
