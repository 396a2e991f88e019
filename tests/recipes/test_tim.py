"""Think-in-Memory works within a bucket; what a hash puts into another one is not seen, and that is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnemic.core.buckets import Buckets
from mnemic.core.errors import BadInput
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.evolution.four_operations import FourOperations
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_turn import PerTurn
from mnemic.recipes.tim import RECIPE

from .asked_records import each_as_said
from .workbench import bank_at, current, model_of


def clustered(count: int = 5000, dim: int = 384, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Vectors in 100 clusters."""
    lot = np.random.default_rng(seed)
    centres = lot.standard_normal((100, dim))
    rows = centres[lot.integers(100, size=count)] + 0.9 * lot.standard_normal((count, dim))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_what_a_hash_finds_of_the_true_neighbours_grows_with_its_probes() -> None:
    rows = clustered()
    asked = rows[:200]
    nearest = np.argsort(-(asked @ rows.T), axis=1)[:, 1:11]
    bucket_of = np.array([bucket for (bucket,) in Buckets(16).probed(rows)])
    found, looked_at = {}, {}
    for probes in (1, 2, 4, 16):
        probed = Buckets(16).probed(asked, probes)
        hits = [np.isin(bucket_of[near], own).mean() for near, own in zip(nearest, probed, strict=True)]
        found[probes] = float(np.mean(hits))
        looked_at[probes] = float(np.mean([np.isin(bucket_of, own).mean() for own in probed]))
    assert found[1] < found[2] < found[4] < found[16] == 1.0, found
    assert found[1] < 0.6, found
    assert looked_at[1] < 0.12
    assert looked_at[4] < 0.4


def test_buckets_are_the_same_for_a_seed_and_differ_for_another() -> None:
    rows = clustered(50)
    assert Buckets(16, seed=3).probed(rows) == Buckets(16, seed=3).probed(rows)
    assert Buckets(16, seed=3).probed(rows) != Buckets(16, seed=4).probed(rows)
    with pytest.raises(BadInput, match="even number"):
        FourOperations(buckets=7)


def thought(record_id: str, text: str) -> Record:
    return Record(id=record_id, kind="semantic", value=text, keys={"said": Key(text)})


def newer_holds(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Every fact takes the place of every memory it is shown beside."""
    fact = inputs["facts"][0]["alias"]
    gone = [{"event": "DELETE", "fact": fact, "memory": memory["alias"]} for memory in inputs["memories"]]
    return {"operations": [*gone, {"event": "ADD", "fact": fact}]}


def test_a_contradiction_is_seen_within_a_bucket_only() -> None:
    old, new = "Anna lives in Porto", "Anna lives in Lisbon"
    tools = ListTools(answers={"memory_operations": newer_holds})
    apart: dict[bool, set[str]] = {True: set(), False: set()}
    for seed in range(40):
        one, other = Buckets(16, seed=seed).probed(tools.embed([old, new]))
        stage = FourOperations(buckets=16, probes=1, seed=seed)
        ops = stage.resolve([thought("d1", new)], ListView([thought("r1", old)], tools=tools))
        apart[one != other].add(" ".join(op.kind for op in ops))
    assert apart == {False: {"SUPERSEDE ADD"}, True: {"ADD"}}


def test_the_recipe_keeps_the_newer_of_two_in_a_bucket(tmp_path: Path) -> None:
    whole = replace(
        RECIPE,
        formation=PerTurn() >> AskedRecords(),
        evolution=(Chain.of(FourOperations(k=6, buckets=16, probes=16)),),
    )
    scripts = {"extract_facts": each_as_said, "memory_operations": newer_holds}
    with bank_at(tmp_path / "x.db", whole, scripts) as bank:
        bank.retain([{"content": "Anna lives in Porto"}, {"content": "Anna lives in Lisbon"}], session="s")
        assert [record.value for record in current(bank)] == ["Anna lives in Lisbon"]


def test_a_reworded_thought_is_sought_in_its_new_bucket(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", replace(RECIPE, formation=PerTurn() >> AskedRecords()), {}) as bank:
        bank.retain("Anna lives in Porto by the river", session="s")
        (thought_,) = current(bank)
        bank.update(thought_.id, "Quinces ripen in October")
        with bank.engine.view("b") as view:
            vector = view.tools.embed(["Quinces ripen in October"])[0]
            hits = Buckets(16, 1).nearest(vector, view, key="said", k=3, where=Where())
        assert [hit.id for hit in hits] == [thought_.id]


def test_stored_thoughts_answer_the_same_way_as_history_grows(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        bank.retain(
            [{"actor": "Anna", "content": "I moved to Lisbon."}, {"actor": "Ben", "content": "Nice."}], session="s"
        )
        answers = set()
        for number in range(10):
            small_talk = [{"actor": "Ben", "content": f"I saw {number} ducks."}, {"actor": "Anna", "content": "Ha."}]
            bank.retain(small_talk, session=f"s{number}")
            context = bank.recall("Anna moved to Lisbon", tokens=60, profile="exact")
            best = max(context.citations, key=lambda citation: citation.hit.score)
            answers.add(bank.get(best.record).value)
        assert answers == {"Anna moved to Lisbon"}
        assert {call.task for call in model_of(bank).calls} == {"extract_triples", "memory_operations"}
