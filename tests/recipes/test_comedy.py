"""COMEDY works when the description is made of the notes of all sessions, in its three parts, with what holds now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.recipes.comedy import RECIPE

from .workbench import bank_at, current, model_of

TALK = (
    ("s1", "I live in Porto."),
    ("s1", "Ben and I trust each other."),
    ("s2", "I moved to Lisbon in May."),
    ("s2", "I live in Lisbon."),
)


def slots(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a model is asked for: the newest home, who is close, what happened."""
    told = {"user": "", "relationship": "", "events": ""}
    for text in inputs["new"]:
        told["user" if "live" in text else "relationship" if "trust" in text else "events"] = text
    return {"slots": [{"name": name, "text": text} for name, text in told.items()]}


def test_three_parts_from_all_notes_with_the_latest_value(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"fold_slots": slots}) as bank:
        for session, text in TALK:
            bank.retain([{"role": "user", "actor": "Anna", "content": text}], session=session)
        bank.consolidate()
        (profile,) = current(bank, kinds=("profile",))
        assert list(profile.fields["slots"]) == ["user", "relationship", "events"]
        assert "Lisbon" in profile.fields["slots"]["user"]
        assert "Porto" not in profile.value
        notes = current(bank, kinds=("note",))
        assert set(profile.derived_from) == {note.id for note in notes}
        assert bank.recall("Where does Anna live?").text.count("Lisbon") >= 1


def test_each_description_is_made_anew(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"fold_slots": slots}) as bank:
        for session in ("s1", "s2"):
            for number, text in TALK:
                if number == session:
                    bank.retain([{"role": "user", "actor": "Anna", "content": text}], session=session)
            bank.consolidate()
        asked = [call.inputs for call in model_of(bank).calls if call.task == "fold_slots"]
        assert [inputs["text"] for inputs in asked] == ["", ""]
        assert len(asked[1]["new"]) > len(asked[0]["new"])
        assert len(current(bank, kinds=("profile",))) == 1
