"""THEANINE works when a change is found with where it came from, and nothing is deleted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mnemic.core.execute import search
from mnemic.core.reading import Query
from mnemic.core.times import instant
from mnemic.recipes.theanine import RECIPE

from .asked_records import as_said
from .workbench import bank_at, current

#: A life in twelve sessions; each event follows the one before, the fifth also led aside.
CHAIN = [f"Anna's job number{n} of her career, chapter{n}" for n in range(12)]
ASIDE = "Anna's hobby began with job number4"


def number_of(text: str) -> int:
    found = re.search(r"job number(\d+)", text)
    return int(found[1]) if found else -1


def compare(inputs: Any) -> dict[str, Any]:
    """Neighbouring jobs changed into one another; the hobby is of one topic with its job."""
    verdicts = []
    for pair in inputs["pairs"]:
        old, new = number_of(pair["old"]), number_of(pair["new"])
        follows = "hobby" not in pair["old"] + pair["new"] and new == old + 1
        aside = "hobby" in pair["new"] and old == new
        name = "changed" if follows else "same_topic" if aside else "none"
        verdicts.append({"pair": pair["alias"], "verdict": name})
    return {"verdicts": verdicts}


SCRIPTS = {"extract_facts": as_said, "compare": compare}


def told(bank: Any) -> None:
    for n, text in enumerate(CHAIN):
        # The chain is only as long as the neighbours that are asked about; each event repeats the last one's words.
        said = f"{text}, after chapter{n - 1}" if n else text
        bank.retain(said, session=f"s{n:02d}", at=f"2026-01-{n + 1:02d}")
        bank.close_sessions()
    bank.retain(ASIDE, session="s99", at="2026-02-01")
    bank.close_sessions()


def test_what_changed_is_told_from_origin_to_latest(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        told(bank)
        assert len(current(bank)) == 13
        with bank.engine.view(bank.name) as view:
            query = Query(text="What about job number6 of chapter6?", asked_at=instant("2026-03-01"))
            hits = search(RECIPE.retrieval, query, view)
            path = hits[0].path
            texts = [view.get([record_id])[record_id].value for record_id in path[::2]]
        order = [number_of(text) for text in texts]
        assert 6 in order
        assert order == sorted(order)
        assert order == list(range(order[0], order[-1] + 1))
        assert (order[0], order[-1]) == (0, 11)
        text = bank.recall("What about job number6 of chapter6?", tokens=800).text
        assert text.index("job number0 ") < text.index("(changed)") < text.index("job number11 ")


def test_a_store_of_the_latest_alone_cannot_tell(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        told(bank)
        for record in current(bank):
            if number_of(record.value) != 11:
                bank.delete(record.id)
        assert "number0 " not in bank.recall("What about job number6 of chapter6?", tokens=800).text
