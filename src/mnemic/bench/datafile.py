"""Opens the files of a benchmark, and says what was looked for and where it comes from when there is none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mnemic.core.errors import BadInput


def find_file(candidates: Sequence[Path], origin: str) -> Path:
    """The first of the paths that exists; raises BadInput with all of them and the data's ``origin``."""
    for path in candidates:
        if path.is_file():
            return path
    looked = " or ".join(str(path) for path in candidates)
    raise BadInput(f"data: {looked} not found; {origin}")


def read_json(path: Path) -> Any:
    """The content of a ``.json`` or ``.json.gz`` file; raises BadInput when it is not JSON."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return json.loads(raw)
    except (OSError, EOFError, ValueError) as error:
        raise BadInput(f"data: {path} is not readable JSON ({error}); fetch it again") from None


def read_jsonl(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a ``.jsonl`` file, each with ``file:line`` for messages; empty lines are passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"data: {path} cannot be read ({error})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"data: {path}:{number} is not JSON ({error})") from None
        if not isinstance(row, dict):
            raise BadInput(f"data: {path}:{number} is not a JSON object")
        yield f"{path}:{number}", row
