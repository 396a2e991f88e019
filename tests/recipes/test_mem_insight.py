"""MemInsight works when attributes find what words do not, and the first of them carry most of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.core.pipeline import Chain
from mnemic.formation.mined_attributes import MinedAttributes
from mnemic.models.tasks.mine_attributes import rule
from mnemic.recipes.mem_insight import RECIPE

from .locomo_bank import asked, covered, locomo, recalled, retain_all
from .workbench import bank_at, current

ATTRIBUTES = {
    "We finally found a flat by the Tagus!": [("place", "Lisbon"), ("emotion", "joy"), ("event", "move")],
    "My sister got the job.": [("person", "Clara"), ("event", "new job"), ("emotion", "pride")],
    "It rains again.": [("topic", "weather")],
    "Where did they move?": [("event", "move")],
    "What happened in Lisbon?": [("place", "Lisbon")],
}
TURNS = list(ATTRIBUTES)[:3]


def mine(inputs: Mapping[str, Any]) -> dict[str, Any]:
    pairs = next(pairs for text, pairs in ATTRIBUTES.items() if text in inputs["text"])
    return {"attributes": [{"attribute": a, "value": v} for a, v in pairs[: inputs["most"]]]}


def test_a_turn_is_found_through_what_was_mined_from_it(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"mine_attributes": mine}) as bank:
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in TURNS], session="s")
        bank.consolidate()
        flat = next(record for record in current(bank) if "flat" in record.value)
        assert flat.fields["attributes"][0] == ["place", "Lisbon"]
        assert flat.keys["attributes"].text == "place: Lisbon; emotion: joy; event: move"
        assert flat.keys["said"].text.startswith("Anna: We finally found")
        for profile in (None, "embedding", "attributes"):
            found = bank.search("What happened in Lisbon?", profile=profile)
            assert found[0].record.id == flat.id
        # The filter leaves out what shares no attribute.
        assert [f.record.id for f in bank.search("Where did they move?", profile="attributes")] == [flat.id]


def test_attributes_beside_the_words_cover_more_than_the_words_alone(tmp_path: Path) -> None:
    conversation = locomo(0)
    bare = [stage for stage in RECIPE.formation if not isinstance(stage, MinedAttributes)]
    words = Chain.of(*RECIPE.retrieval.items[1:])
    figures = {}
    for name, recipe in (
        ("mined", RECIPE),
        ("bare", replace(RECIPE, formation=Chain.of(*bare), retrieval=words, profiles={})),
    ):
        with bank_at(tmp_path / f"{name}.db", recipe, {}) as bank:
            retain_all(bank, conversation)
            figures[name] = covered(bank, asked(conversation))
    assert figures["mined"] > figures["bare"]


def test_the_first_attributes_carry_more_when_the_most_telling_come_first(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation)
    formation = Chain.of(*(replace(s, most=2) if isinstance(s, MinedAttributes) else s for s in RECIPE.formation))

    def last_first(inputs: Mapping[str, Any]) -> dict[str, Any]:
        told = rule({**inputs, "most": 8})["attributes"]
        return {"attributes": told[::-1][: inputs["most"]]}

    figures = {}
    for name, scripts in (("telling", {}), ("reversed", {"mine_attributes": last_first})):
        with bank_at(tmp_path / f"{name}.db", replace(RECIPE, formation=formation), scripts) as bank:
            retain_all(bank, conversation)
            figures[name] = covered(bank, probes, profile="attributes")
    assert figures["telling"] > figures["reversed"]


def test_the_first_five_by_attributes_hold_more_evidence_than_by_meaning(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, "4", 80)
    found = {}
    for name, profile in (("mem-insight", "attributes"), ("dense", None)):
        with bank_at(tmp_path / f"{name}.db", name, {}) as bank:
            retain_all(bank, conversation)
            found[name] = recalled(bank, probes, 5, profile)
    assert found["mem-insight"] > found["dense"]
