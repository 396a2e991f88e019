"""Writes a page of results anew from the rows of a finished benchmark, such as after its words have changed.

    python benchmarks/results.py results/rows.json docs/results/locomo-model-free.md "mnemic bench locomo ..."

Ends with 1 when a recipe below bm25 still has no sentence in below-bm25.toml beside the page.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mnemic.bench.results_page import REASONS, write_page


def main(rows: str, page: str, command: str) -> int:
    """Write the page; gives 1 when a sentence is missing."""
    owed = write_page(Path(page), json.loads(Path(rows).read_text("utf-8")), command)
    if owed:
        print(f"below bm25 and not explained in {Path(page).with_name(REASONS)}: {', '.join(owed)}", file=sys.stderr)
    return 1 if owed else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
