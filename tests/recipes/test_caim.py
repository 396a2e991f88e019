"""CAIM works when it looks only where it must, by tag and time, and keeps of what repeats or changes the latest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.bank import Bank
from mnemic.core.pipeline import Recipe
from mnemic.recipes import load_recipe

from .workbench import bank_at, current, log_of, model_of, seq_of

CITIES = ("Porto", "Lisbon", "Faro", "Braga")
#: What is said in every session: a state that changes now and then, a habit that is repeated, and one thing of its own.
SESSIONS = 20


def lines(session: int) -> list[dict[str, str]]:
    city = CITIES[session // 5]
    return [
        {"content": f"I live in {city}."},
        {"content": "I drink green tea."},
        {"content": f"I saw film number {session}."},
    ]


def extract(asked: Mapping[str, Any]) -> dict[str, Any]:
    tags = {"live": "home", "drink": "drinks", "saw": "films"}
    return {
        "records": [
            {
                "text": turn["text"],
                "turns": [turn["alias"]],
                "tags": [tag for word, tag in tags.items() if word in turn["text"]],
            }
            for turn in asked["turns"]
        ]
    }


def compare(asked: Mapping[str, Any]) -> dict[str, Any]:
    verdicts = []
    for pair in asked["pairs"]:
        same = pair["old"] == pair["new"]
        state = pair["old"].startswith("I live in") and pair["new"].startswith("I live in")
        verdicts.append({"pair": pair["alias"], "verdict": "repeats" if same else "changed" if state else "different"})
    return {"verdicts": verdicts}


def choose(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Tags and events by the word that a question turns on."""
    about = {"Where": ("home", "live"), "drink": ("drinks", "tea"), "film": ("films", "film")}
    wanted = [word for cue, words in about.items() if cue in asked["question"] for word in words]
    return {"chosen": [o["alias"] for o in asked["options"] if any(word in o["text"] for word in wanted)]}


SCRIPTS = {"extract_facts": extract, "compare": compare, "choose": choose}


def live_through(path: Path, recipe: str | Recipe) -> tuple[int, str, str]:
    """Records at the end, and what is recalled of a state and of a habit."""
    with bank_at(path, recipe, SCRIPTS) as bank:
        for session in range(SESSIONS):
            bank.retain(lines(session), session=f"s{session}", at=f"2026-03-{session + 1:02d}", close=True)
            bank.consolidate()
        home, tea = (bank.recall(q).text for q in ("Where do I live?", "What do I drink?"))
        return len(current(bank, kinds=("semantic",))), home, tea


def test_review_halves_the_store_and_loses_no_state(tmp_path: Path) -> None:
    caim = load_recipe("caim")
    reviewed, home, tea = live_through(tmp_path / "reviewed.db", caim)
    extracted, all_homes, _ = live_through(tmp_path / "extracted.db", replace(caim, name="unreviewed", evolution=()))
    assert extracted == 3 * SESSIONS
    assert reviewed <= 0.6 * extracted
    assert re.findall("|".join(CITIES), home) == ["Braga"]
    assert len(set(re.findall("|".join(CITIES), all_homes))) == 4
    assert tea.count("green tea") == 1


def test_what_repeats_keeps_all_its_evidence_and_what_changed_is_history(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "caim", SCRIPTS) as bank:
        for session in (0, 5):
            bank.retain(lines(session), session=f"s{session}", at=f"2026-03-{session + 1:02d}", close=True)
            bank.consolidate()
        tea = next(record for record in current(bank) if "tea" in record.value)
        assert {bank.event(span.source).session for span in tea.sources} == {"s0", "s5"}
        (old,) = [r for r in current(bank, states=("superseded",)) if "Porto" in r.value]
        assert bank.get(old.fields["superseded_by"]).value == "I live in Lisbon."


def spread(bank: Bank) -> None:
    for day in (3, 10, 17):
        bank.retain([{"content": f"I saw film number {day}."}], session=f"s{day}", at=f"2026-03-{day:02d}", close=True)
    bank.consolidate()


def test_time_narrows_what_the_tags_find(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "caim", SCRIPTS) as bank:
        spread(bank)
        whole = bank.recall("Which film did I see?").text
        assert [f"number {day}" in whole for day in (3, 10, 17)] == [True, True, True]
        on_a_day = bank.recall("Which film did I see on 10 March 2026?").text
        assert [f"number {day}" in on_a_day for day in (3, 10, 17)] == [False, True, False]


def test_the_controller_spares_what_needs_no_memory(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "caim", SCRIPTS) as bank:
        spread(bank)
        before = len(model_of(bank).calls)
        needing = [f"Which film did I see on {day} March 2026?" for day in (3, 10, 17)] * 5
        plain = ["Thank you!", "Hello!", "What is 3 + 4?", "Good night.", "Translate cat."] * 3
        found = [bool(bank.recall(question).text) for question in needing]
        spared = [not bank.recall(question).text for question in plain]
        assert sum(found) / len(found) >= 0.95
        assert sum(spared) / len(spared) > 0.9
        asked = [call.task for call in model_of(bank).calls[before:]]
        assert asked.count("need_memory") == 30
        # The same question of the same tags is answered from what was answered before.
        assert asked.count("choose") == 2 * 3


def test_tags_in_use_are_told_as_remembered_and_no_vector_is_made(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", "caim", SCRIPTS) as bank:
        spread(bank)
        asked = [call.inputs for call in model_of(bank).calls if call.task == "extract_facts"]
        assert asked[0]["known"] == []
        assert asked[-1]["known"][0]["text"] == "Tags in use: films"
        assert not any(key.dense for record in current(bank) for key in record.keys.values())
        before = seq_of(bank)
        bank.recall("Which film did I see?")
        assert log_of(bank, before) == []
