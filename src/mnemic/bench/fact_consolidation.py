"""FactConsolidation: numbered facts in order, of which a later one overrides an earlier; questions of one or more hops.

Each fact is an event, a minute after the one before. Categories are ``sh_6k``, ``mh_64k`` and so on: single-hop or
multi-hop, and the size of the history. An answer is right when the accepted string occurs in it.
Source: the split Conflict_Resolution of Y. Hu et al., "MemoryAgentBench", arXiv 2507.05257, 2025.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from mnemic.bench.answers import Check
from mnemic.bench.datafile import find_file, read_json
from mnemic.bench.suite import Conversation, Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.core.times import instant

ORIGIN = "it is the file of the split Conflict_Resolution of MemoryAgentBench"
_START = instant("2026-01-01")
_STEP = timedelta(minutes=1)
#: Facts that are handed in together.
_SESSION = 50
_HOPS = {"sh": "single-hop", "mh": "multi-hop"}


def load_fact_consolidation(data_dir: Path) -> Suite:
    """The histories of a file; single-hop and multi-hop questions on the same facts share one.

    Raises
    ------
    BadInput
        When the file is not there, or a field is missing or of the wrong form.
    """
    name = "fact_consolidation.json"
    path = find_file([folder / name for folder in (data_dir / "fact_consolidation", data_dir)], ORIGIN)
    items = read_json(path)
    histories: dict[str, list[Any]] = {}
    try:
        for item in items:
            histories.setdefault(item["context"], []).append(item)
        conversations = [_conversation(context, same) for context, same in histories.items()]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadInput(f"data: {path}: not in FactConsolidation's form ({error!r})") from None
    return Suite("fact-consolidation", tuple(conversations))


def _conversation(context: str, items: list[Any]) -> Conversation:
    # The first line says what follows.
    lines = [line.strip() for line in context.split("\n")[1:] if line.strip()]
    size = items[0]["metadata"]["source"].rpartition("_")[2]
    events = tuple(
        Event(
            id=f"{size}:{number}",
            session=f"facts-{number // _SESSION}",
            role="user",
            parts=(Part("text", line),),
            occurred_at=_START + number * _STEP,
        )
        for number, line in enumerate(lines)
    )
    asked_at = events[-1].occurred_at + _STEP
    probes = []
    for item in items:
        _, hops, size = item["metadata"]["source"].rsplit("_", 2)
        for number, (question, accepted) in enumerate(zip(item["questions"], item["answers"], strict=True)):
            category = f"{hops}_{size}"
            meaning = f"{_HOPS.get(hops, hops)}, {size} tokens"
            check = Check((tuple(accepted),))
            probes.append(Probe(f"{category}:{number}", question, category, meaning, (), accepted[0], asked_at, check))
    return Conversation(f"facts-{size}", events, tuple(probes))
