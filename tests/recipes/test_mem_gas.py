"""MemGAS works when several grains find more sessions than the best of them, and sessions of one topic are linked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.core.execute import search
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Query, Where
from mnemic.core.times import instant
from mnemic.recipes.mem_gas import GRAINS, RECIPE, SESSION
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.entropy_router import EntropyRouter
from mnemic.retrieval.mean_of_parts import MeanOfParts

from .given_bank import given_bank
from .locomo_bank import asked, locomo
from .workbench import bank_at, current

TOPICS = {
    "tea": "We drank green tea from the blue pot and talked about tea leaves",
    "boat": "We rowed the wooden boat over the lake and mended its oars",
}


def test_sessions_of_a_topic_are_linked_and_the_others_are_not(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        for n in range(12):
            topic = "tea" if n % 3 else "boat"
            lines = [{"content": f"{TOPICS[topic]} number{n}."}, {"content": f"Then came visitor{n}."}]
            bank.retain(lines, session=f"{topic}{n}", at=f"2026-01-{n + 1:02d}")
            bank.close_sessions()
        sessions = {record.id: record.session for record in current(bank, kinds=SESSION)}
        assert len(sessions) == 12
        with bank.engine.view(bank.name) as view:
            edges = view.edges(list(sessions), rels=("similar",))
        alike = [sessions[edge.src][:3] == sessions[edge.dst][:3] for edge in edges]
        assert len(edges) > 10
        assert sum(alike) / len(alike) > 0.9


def test_a_session_is_found_by_four_grains_and_opened_into_its_turns(tmp_path: Path) -> None:
    def quote(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"quotes": [{"alias": p["alias"], "text": p["text"]} for p in inputs["passages"] if "oars" in p["text"]]}

    with bank_at(tmp_path / "x.db", RECIPE, {"quote": quote}) as bank:
        for topic, text in TOPICS.items():
            bank.retain([{"content": text}, {"content": "It was late"}], session=topic)
        bank.close_sessions()
        (one,) = [record for record in current(bank, kinds=SESSION) if record.session == "boat"]
        assert set(one.keys) == {"whole", "summary", "keywords"}
        context = bank.recall("Who mended the oars?", tokens=200)
        assert [bank.get(citation.record).kind for citation in context.citations] == ["episodic"]
        assert "late" in bank.recall("Who mended the oars?", tokens=200, profile="uncut").text


def test_on_locomo_four_grains_find_more_sessions_than_the_best_one(tmp_path: Path) -> None:
    grains = {
        "mean": Chain.of(MeanOfParts()),
        **{key: Chain.of(Dense(key=key, kinds=SESSION)) for key in ("whole", "summary", "keywords")},
        "router": GRAINS >> EntropyRouter(),
        "published": GRAINS >> EntropyRouter(normalised=False),
    }
    found: dict[str, list[float]] = {name: [] for name in grains}
    for number in (0, 1, 2):
        conversation = locomo(number)
        session_of = {event.id: event.session for event in conversation.events}
        with (
            given_bank(tmp_path / f"{number}.db", RECIPE, conversation) as bank,
            bank.engine.view(bank.name) as view,
        ):
            sessions = {record.id: record.session for record in view.scan(Where(kinds=SESSION))}
            for probe in asked(conversation, most=120):
                wanted = {session_of[event] for event in probe.evidence}
                for name, chain in grains.items():
                    hits = search(chain, Query(text=probe.question, asked_at=instant(probe.asked_at)), view)[:3]
                    found[name].append(len({sessions[hit.id] for hit in hits} & wanted) / len(wanted))
    means = {name: sum(shares) / len(shares) for name, shares in found.items()}
    assert means["router"] > max(means[name] for name in ("mean", "whole", "summary", "keywords"))
    assert means["router"] > means["published"]
