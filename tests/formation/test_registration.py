"""Every stage of the room is registered, has a name of its own, and goes to TOML and back."""

from __future__ import annotations

import pytest

import mnemic.formation
from mnemic.core.pipeline import Chain
from mnemic.core.stage import Stage, registered
from mnemic.formation.index_text import IndexText
from mnemic.formation.key_phrases import KeyPhrases
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.topic_shift import TopicShift
from mnemic.formation.turn_record import TurnRecord
from mnemic.formation.turn_window import TurnWindow

STAGES: list[type[Stage]] = [
    cls for cls in registered().values() if cls.__module__.startswith(mnemic.formation.__name__)
]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_stage_is_registered_and_documented(stage: type[Stage]) -> None:
    assert registered()[stage.name] is stage
    assert stage.role
    assert stage.__doc__
    assert str(stage()) == f"{stage.name}()"


@pytest.mark.parametrize(
    "chain",
    [
        PerTurn() >> TurnRecord() >> IndexText(key="before", previous=2, dense=False) >> NamedEntities(captions=True),
        TopicShift(window=2, quantile=0.9) >> TurnRecord(kind="note") >> KeyPhrases(most=2),
        TurnWindow(size=4, stride=2) >> TurnRecord(),
    ],
    ids=str,
)
def test_chains_go_to_data_and_back(chain: Chain) -> None:
    assert Chain.from_data(chain.to_data()) == chain
