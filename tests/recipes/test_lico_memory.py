"""LiCoMemory works when the newer of two states is found first, and a session costs the same in a large graph."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mnemic.bench.metrics import recall_at
from mnemic.recipes.lico_memory import PRESETS, RECIPE

from .given_bank import given_bank
from .locomo_bank import asked, covered, locomo
from .workbench import bank_at, current, log_of, seq_of

CITIES = ("Porto", "Lisbon", "Faro", "Braga", "Coimbra", "Evora", "Aveiro", "Sintra")


def test_the_last_of_many_values_is_found_sooner_with_the_time_weight(tmp_path: Path) -> None:
    found = {}
    for recipe in (RECIPE, PRESETS["as-coded"]):
        with bank_at(tmp_path / f"{recipe.name[-3:]}.db", recipe, {}) as bank:
            rng = random.Random(4)
            last: dict[str, str] = {}
            for month in range(1, 11):
                for n in range(6):
                    name, city = f"Person{n}", rng.choice(CITIES)
                    event = f"{name}-{month}"
                    said = {"id": event, "role": "user", "actor": name, "content": f"I live in {city} now."}
                    bank.retain([said], session=f"s{month}-{n}", at=f"2025-{month:02d}-{n + 1:02d}")
                    last[name] = event
                bank.close_sessions()
            ranks = []
            for name, event in last.items():
                hits = bank.search(f"Where does {name} live now?", k=10, asked_at="2025-10-20")
                ranking = [span.source for one in hits for span in one.record.sources]
                ranks.append(recall_at(list(dict.fromkeys(ranking)), {event}, 3))
            found[recipe.name] = sum(ranks) / len(ranks)
    assert found["lico-memory"] > found["lico-memory:as-coded"]


def test_a_session_touches_as_many_nodes_in_a_large_graph_as_in_a_small_one(tmp_path: Path) -> None:
    touched = []
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        for n in range(40):
            seq = seq_of(bank)
            bank.retain(f"Anna met Person{n} in {CITIES[n % 8]}. Person{n} likes music.", session=f"s{n}")
            bank.close_sessions()
            touched.append(len({t for op in log_of(bank, seq) for t in op.targets if op.kind != "RETAIN"}))
        assert max(touched[-10:]) <= max(touched[:10]) + 1
        kinds = {record.kind for record in current(bank)}
        assert kinds == {"episodic", "summary", "triple", "entity"}
        names = [record.value for record in current(bank, kinds=("entity",))]
        assert len(names) == len(set(names))


def test_on_locomo_the_time_weight_does_no_harm(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, most=150)
    shares = {}
    for recipe in (RECIPE, PRESETS["as-coded"]):
        with given_bank(tmp_path / f"{recipe.name[-3:]}.db", recipe, conversation) as bank:
            shares[recipe.name] = covered(bank, probes)
    assert shares["lico-memory"] >= shares["lico-memory:as-coded"] - 0.02
    assert shares["lico-memory"] == pytest.approx(shares["lico-memory:as-coded"], abs=0.05)
