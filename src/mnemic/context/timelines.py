"""Timelines: paths are shown whole, each as a block of its own, with the relations between their records.

    [1] 2 May 2026: Anna looked for work in Lisbon.
      (cause)
    [2] 1 June 2026: Anna moved to Lisbon.

Source: the timelines of K. Ong et al., "THEANINE", arXiv 2406.10996, 2024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.context.fill import evidence_of, fill
from mnemic.context.lines import INDENT, numbered
from mnemic.core.reading import Block, Citation, Context, Cost, Hit, Query
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Assembler
from mnemic.core.view import View
from mnemic.core.wording import speaker_of


@dataclass(frozen=True)
class Timelines(Assembler):
    """Shows the paths that hits carry (id, relation, id, ...), as many as the budget holds, then single hits.

    A record stands in the first path that holds it. A path that does not fit is left out; its records may still stand
    alone. When no path fits, the best hits are shown without any.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([Record(id="a", kind="note", value="No work"), Record(id="b", kind="note", value="Moved")])
    >>> hits = [Hit(i, 1.0, "timeline_paths", {}, ("a", "cause", "b")) for i in "ab"]
    >>> print(Timelines().build(hits, Query(text="", asked_at=view.now), view).text)
    [1] No work
      (cause)
    [2] Moved
    """

    name: ClassVar[str] = "timelines"

    def build(self, hits: list[Hit], query: Query, view: View) -> Context:
        """The context; each record's line is cited, relations stand between the lines."""
        records = view.get([hit.id for hit in hits])
        found = {hit.id: hit for hit in reversed(hits) if hit.id in records and records[hit.id].shown().strip()}
        rows: list[tuple[str, list[str]]] = []
        context = Context(query=query.text)
        # A path that runs over only some of the hits is told as far as they go.
        for path in dict.fromkeys(hit.path for hit in hits if len(hit.path) > 1):
            shown = {record_id for _, row in rows for record_id in row[::2]}
            told = _told(path, found, shown)
            if len(told) > 1:
                wider = _written([*rows, ("timeline", told)], found, records, query, view)
                if wider.tokens <= query.tokens:
                    rows.append(("timeline", told))
                    context = wider
        if not rows:
            return fill(hits, (), query, view)
        misses = 0
        for hit in hits:
            if misses < 3 and hit.id in found and not any(hit.id in row for _, row in rows):
                wider = _written([*rows, ("memory", [hit.id])], found, records, query, view)
                if wider.tokens <= query.tokens:
                    rows.append(("memory", [hit.id]))
                    context, misses = wider, 0
                else:
                    misses += 1
        return context


def _told(path: Sequence[str], found: Mapping[str, Hit], shown: set[str]) -> list[str]:
    """The path without records that stand elsewhere; what is between two records left is their last relation."""
    out: list[str] = []
    for place in range(0, len(path), 2):
        if path[place] in found and path[place] not in shown:
            out.extend([path[place - 1], path[place]] if out else [path[place]])
    return out


def _written(
    rows: Sequence[tuple[str, Sequence[str]]],
    found: Mapping[str, Hit],
    records: Mapping[str, Record],
    query: Query,
    view: View,
) -> Context:
    citations: list[Citation] = []
    blocks: list[Block] = []
    for name, row in rows:
        lines, numbers = [], []
        for place, item in enumerate(row):
            if place % 2:
                lines.append(f"{INDENT}({item.replace('_', ' ')})")
                continue
            record, number = records[item], len(citations) + 1
            lines.append(numbered(number, record, found[item].text or record.shown()))
            events = evidence_of(record, view)
            citations.append(Citation(number, item, events, when_of(record), speaker_of(record), found[item]))
            numbers.append(number)
        blocks.append(Block(name, "\n".join(lines), tuple(numbers)))
    context = Context(blocks=tuple(blocks), citations=tuple(citations), query=query.text)
    tokens = view.tools.count_tokens(context.text)
    return Context(blocks=context.blocks, citations=context.citations, cost=Cost(tokens=tokens), query=query.text)
