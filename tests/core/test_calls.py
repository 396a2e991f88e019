"""How often a recipe asks a model is read off from where its asking stages sit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from mnemic.core.calls import calls_of, without_model
from mnemic.core.op import Op
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.stage import Consolidator
from mnemic.core.view import View
from mnemic.evolution.four_operations import FourOperations
from mnemic.evolution.premises import Premises
from mnemic.evolution.triggers import EveryEvents, OnIdle, OnSessionEnd
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.per_session import PerSession
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.topic_shift import TopicShift
from mnemic.recipes import load_recipe

BASE = load_recipe("bm25")


@dataclass(frozen=True)
class Asker(Consolidator):
    """Asks a task and proposes nothing."""

    name: ClassVar[str] = "test_asker"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)
    task: str = "judge"

    def run(self, view: View, since: int) -> Iterable[Op]:
        return ()


def asking(segmenter: PerTurn | PerSession | TopicShift, **changes: object) -> Recipe:
    return replace(BASE, formation=Chain.of(segmenter, AskedRecords()), **changes)  # type: ignore[arg-type]


def test_formation_asks_once_for_each_segment() -> None:
    assert calls_of(asking(PerTurn())).write == "1 a turn"
    assert calls_of(asking(PerSession())).write == "1 a session"
    assert calls_of(asking(TopicShift())).write == "1 a segment"


def test_a_rule_on_every_event_counts_with_formation() -> None:
    calls = calls_of(asking(PerTurn(), evolution=(Chain.of(FourOperations()),)))
    assert (calls.write, calls.idle, calls.read) == ("2 a turn", "0", "0")


def test_scheduled_rules_count_by_their_trigger() -> None:
    rules = tuple(Chain.of(trigger, Asker()) for trigger in (OnSessionEnd(), EveryEvents(10), OnIdle()))
    calls = calls_of(replace(BASE, evolution=rules))
    assert (calls.write, calls.idle) == ("0", "1 a session, 1 per 10 turns, 1 an idle time")


def test_a_recipe_runs_without_a_model_when_every_task_has_a_rule() -> None:
    assert without_model(BASE) == "yes"
    assert without_model(asking(PerTurn())) == "by rule"
    unknown = Chain.of(OnIdle(), Asker(task="nobody_knows"))
    assert without_model(replace(BASE, evolution=(unknown,))) == "no"


def test_what_a_stage_runs_by_default_counts_as_part_of_the_recipe() -> None:
    names = {stage.name for stage in Chain.of(Premises()).stages()}
    assert {"premises", "versions", "insert_only"} <= names
