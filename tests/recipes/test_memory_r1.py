"""Memory-R1 works when two dogs stay two, the reader selects, and a policy can stand in a model's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mnemic.core.pipeline import Chain
from mnemic.core.task import Task
from mnemic.evolution.four_operations import FourOperations
from mnemic.formation.asked_records import AskedRecords
from mnemic.models.language.port import Reply, Usage
from mnemic.models.language.rules import RuleModel
from mnemic.models.scripted_model import ScriptedModel
from mnemic.recipes.memory_r1 import RECIPE

from .asked_records import add_all, each_as_said
from .workbench import bank_at, current, memory_at, model_of


def complement(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A second dog is told of beside the first: the memory holds both afterwards."""
    fact = inputs["facts"][0]
    for memory in inputs["memories"]:
        if "dog" in memory["text"] and "dog" in fact["text"]:
            told = {"event": "UPDATE", "fact": fact["alias"], "memory": memory["alias"]}
            return {"operations": [told | {"text": "Anna adopted two dogs, Buddy and Scout"}]}
    return {"operations": [{"event": "ADD", "fact": fact["alias"]}]}


def test_another_dog_does_not_replace_the_first(tmp_path: Path) -> None:
    for name, operate in (("asked", complement), ("rules", RuleModel)):
        scripts = {"extract_facts": each_as_said} | ({} if name == "rules" else {"memory_operations": operate})
        with bank_at(tmp_path / f"{name}.db", RECIPE, scripts) as bank:
            for text in ("Anna likes chess", "Anna adopted a dog Buddy", "Anna adopted another dog Scout"):
                bank.retain(text, session="s")
            values = " ".join(record.value for record in current(bank))
            assert "Buddy" in values
            assert "Scout" in values
            assert "chess" in values


def test_the_reader_selects_and_an_alias_not_shown_is_passed_over(tmp_path: Path) -> None:
    def choose(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"chosen": [*(o["alias"] for o in inputs["options"] if "tea" in o["text"]), "99"]}

    scripts = {"extract_facts": each_as_said, "memory_operations": add_all, "choose": choose}
    with bank_at(tmp_path / "x.db", RECIPE, scripts) as bank:
        bank.retain(
            [{"content": f"Anna has {thing}"} for thing in ("a boat", "green tea", "a tent", "a tea pot")], session="s"
        )
        context = bank.recall("What does Anna drink?")
        assert sorted(bank.get(c.record).value for c in context.citations) == [
            "Anna has a tea pot",
            "Anna has green tea",
        ]
        asked = next(call for call in model_of(bank).calls if call.task == "choose")
        assert len(asked.inputs["options"]) == 4
        assert not [record.id for record in current(bank) if record.id in str(asked.inputs)]


def test_when_nothing_helps_nothing_is_read(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"choose": lambda _: {"chosen": []}}) as bank:
        bank.retain({"role": "user", "content": "Anna likes green tea with lemon."}, session="s")
        assert bank.recall("What is two and two?").text == ""


@dataclass(frozen=True)
class Policy:
    """Answers one task by what it has learnt, and leaves the rest to another model."""

    name: str = "policy"

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        if task.name == "memory_operations":
            return Reply(complement(inputs), Usage())
        return ScriptedModel({"extract_facts": each_as_said}, otherwise=RuleModel()).ask(task, inputs)


def test_a_policy_takes_the_models_place_and_no_stage_changes(tmp_path: Path) -> None:
    assert RECIPE.asks() == ("choose", "extract_facts", "memory_operations")
    learned = replace(RECIPE, evolution=(Chain.of(FourOperations(k=10, task="write_policy")),))
    assert [line for line in RECIPE.diff(learned) if line.startswith(("-e", "+e", "-f", "+f", "-r", "+r"))] == [
        "-evolution[0]: four_operations()",
        "+evolution[0]: four_operations(task='write_policy')",
    ]
    with memory_at(tmp_path / "x.db", {}) as memory:
        memory.engine.models.language_model = Policy()
        bank = memory.bank("b", recipe=replace(RECIPE, formation=RECIPE.formation.items[0] >> AskedRecords()))
        for text in ("Anna adopted a dog Buddy", "Anna adopted another dog Scout"):
            bank.retain(text, session="s")
        assert [record.value for record in current(bank)] == ["Anna adopted two dogs, Buddy and Scout"]
