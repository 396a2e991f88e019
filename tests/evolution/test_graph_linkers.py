"""Linkers and consolidators that build graphs and trees."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemic.core.list_view import ListTools, ListView
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.evolution.cluster_parents import ClusterParents
from mnemic.evolution.entity_graph import EntityGraph
from mnemic.evolution.kmeans import grouped
from mnemic.evolution.label_tree import LabelTree
from mnemic.evolution.mixture_links import MixtureLinks, mixture_boundary
from mnemic.evolution.typed_relations import TypedRelations


def note(i: str, text: str, **more: Any) -> Record:
    return Record(id=i, kind=more.pop("kind", "semantic"), value=text, keys={"said": Key(text)}, **more)


def links(ops: list[Op], rel: str) -> set[tuple[str, str]]:
    return {(op.edge.src, op.edge.dst) for op in ops if op.edge is not None and op.edge.rel == rel}


@dataclass
class Clustered(ListTools):
    """Embeds "topic number" as the topic's centre with noise of the number's own."""

    def embed(self, texts: Sequence[str]) -> Any:
        rows = []
        for text in texts:
            topic, number = (int(part) for part in text.split()[:2])
            centre = np.random.default_rng(topic).normal(size=64)
            rows.append(centre + 0.7 * np.random.default_rng(1000 + number).normal(size=64))
        stacked = np.array(rows, dtype=np.float32).reshape(-1, 64)
        return stacked / np.linalg.norm(stacked, axis=1, keepdims=True)


def clusters(seed: int, sizes: tuple[int, ...]) -> list[tuple[int, str]]:
    """Texts of topics of different sizes, in random order."""
    told = [topic for topic, size in enumerate(sizes) for _ in range(size)]
    random.Random(seed).shuffle(told)
    return [(topic, f"{topic} {number}") for number, topic in enumerate(told)]


def f1(found: set[frozenset[str]], wanted: set[frozenset[str]]) -> float:
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def test_mixture_links_beat_a_fixed_number_of_neighbours() -> None:
    told = clusters(1, (12, 9, 3, 2, 7, 10))
    records = [note(f"r{n:02d}", text, session=f"s{n}") for n, (_, text) in enumerate(told)]
    topic = {record.id: told[n][0] for n, record in enumerate(records)}
    mixture: set[frozenset[str]] = set()
    fixed: set[frozenset[str]] = set()
    wanted: set[frozenset[str]] = set()
    for n, record in enumerate(records):
        view = ListView(records[:n], tools=Clustered())
        mixture |= {frozenset(pair) for pair in links(list(MixtureLinks().link([record], view)), "similar")}
        vector = view.tools.embed([record.value])[0]
        near = view.dense(vector, key="said", k=5, where=Where())
        fixed |= {frozenset((record.id, hit.id)) for hit in near}
        # Before there are enough earlier units no mixture can be fitted; both are measured without those.
        if n >= 6:
            wanted |= {frozenset((record.id, o.id)) for o in records[:n] if topic[o.id] == topic[record.id]}
    early = {r.id for r in records[:6]}
    fixed = {pair for pair in fixed if not pair <= early}
    assert f1(mixture, wanted) > f1(fixed, wanted) + 0.1
    assert f1(mixture, wanted) > 0.8


@given(st.lists(st.floats(-1, 1), max_size=40))
def test_a_boundary_is_one_of_the_values(values: list[float]) -> None:
    boundary = mixture_boundary(values)
    assert boundary is None or boundary in values
    assert boundary is None or min(values) < boundary


def test_relations_are_asked_once_and_only_to_other_sessions() -> None:
    asked: list[Any] = []

    def compare(inputs: Any) -> dict[str, Any]:
        asked.append(inputs)
        return {
            "verdicts": [
                {"pair": pair["alias"], "verdict": "changed" if "Porto" in pair["old"] else "none"}
                for pair in inputs["pairs"]
            ]
            + [{"pair": "99", "verdict": "cause"}]
        }

    known = [
        note("r1", "Anna lives in Porto", session="s1"),
        note("r2", "Anna lives with Ben", session="s2"),
        note("r3", "Anna lives near the river", session="s3"),
    ]
    new = [note("n1", "Anna lives in Lisbon", session="s3"), note("n2", "Anna lives alone", session="s3")]
    view = ListView(known, tools=ListTools(answers={"compare": compare}))
    ops = list(TypedRelations(quantile=0.1).link(new, view))
    assert len(asked) == 1
    assert {pair["old"] for pair in asked[0]["pairs"]} == {known[0].value, known[1].value}
    assert "r1" not in str(asked[0])
    assert links(ops, "changed") == {("r1", "n1"), ("r1", "n2")}
    assert [op.reason for op in ops if op.kind == "NOOP"] == ["refused: pair '99' was never shown"]


def test_labels_are_used_again_and_a_second_parent_is_found() -> None:
    def filed(i: str, domain: str, category: str) -> Record:
        return note(i, i, kind="episodic", fields={"domain": domain, "category": category})

    stage = LabelTree(levels=("domain", "category"))
    first = [filed("r1", "travel", "train journeys"), filed("r2", "Travel", "train journeys"), note("r3", "unfiled")]
    ops = list(stage.link(first, ListView(first)))
    made = {op.record.value: op.record for op in ops if op.record is not None}
    assert sorted(made) == ["train journeys", "travel"]
    assert made["travel"].tier == "level-1"
    assert (made["train journeys"].id, "r2") in links(ops, "child")
    laid = [op.edge for op in ops if op.edge is not None]
    later = filed("r4", "leisure", "train journeys")
    tools = ListTools()
    tools.made = 100
    view = ListView([*first, *made.values()], laid, tools=tools)
    alone, both = (
        links(list(LabelTree(levels=stage.levels, parents=parents, strictness=0.0).link([later], view)), "child")
        for parents in (1, 2)
    )
    assert len({src for src, dst in alone if dst == "r4"}) == 1
    assert (made["train journeys"].id, "r4") not in alone
    assert (made["train journeys"].id, "r4") in both


def test_names_in_a_text_and_ends_of_a_triple_become_nodes_once() -> None:
    triple = Record(id="t", kind="triple", value="Anna rows", fields={"head": "Anna", "tail": "the Tagus"})
    fact = note("f", "Anna met Ben", entities=("anna", "Ben", "x" * 80))
    skipped = note("g", "Zoe sang", kind="episodic", entities=("Zoe",))
    ops = list(EntityGraph(kinds=("triple", "semantic")).link([triple, fact, skipped], ListView([])))
    nodes = {op.record.value: op.record.id for op in ops if op.record is not None}
    assert sorted(nodes) == ["anna", "ben", "tagus"]
    assert links(ops, "about") == {
        ("t", nodes["anna"]), ("t", nodes["tagus"]), ("f", nodes["anna"]), ("f", nodes["ben"]),
    }  # fmt: skip


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 5))
def test_groups_cover_everything_once_and_are_small(count: int, most: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)
    rows[: count // 2] = rows[0]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    groups = grouped(rows, most, random.Random(seed))
    assert sorted(place for group in groups for place in group) == list(range(count))
    assert all(1 <= len(group) <= most for group in groups)
    assert groups == grouped(rows, most, random.Random(seed))


def test_a_second_run_looks_only_at_what_has_no_parent() -> None:
    told = clusters(2, (8, 8, 8))
    records = [note(f"r{n:02d}", text) for n, (_, text) in enumerate(told)]
    stage = ClusterParents(size=8, least=4, levels=1)
    ops = list(stage.run(ListView(records, tools=Clustered()), since=0))
    parents = [op.record for op in ops if op.record is not None]
    assert len(parents) >= 2
    assert all(set(parent.derived_from) <= {record.id for record in records} for parent in parents)
    edges = [op.edge for op in ops if op.edge is not None]
    assert all(isinstance(laid, Edge) for laid in edges)
    held = {laid.dst for laid in edges}
    view = ListView([*records, *(p.with_(keys={"said": Key("0 0")}) for p in parents)], edges, tools=Clustered())
    again = list(stage.run(view, since=0))
    assert not {op.edge.dst for op in again if op.edge is not None} & held
    assert list(ClusterParents(start=99, levels=1).run(view, since=0)) == []
