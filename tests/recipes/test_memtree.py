"""MemTree works when subtrees are of one topic, and an insertion touches few nodes however many there are."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import numpy as np

from mnemic.bank import Bank
from mnemic.core.record import Record
from mnemic.recipes.memtree import RECIPE

from .workbench import bank_at, current, log_of, seq_of

TOPICS, SUBTOPICS, EACH = 8, 5, 5


def word(rng: random.Random) -> str:
    return "".join(rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in range(3))


def sentences(seed: int = 3) -> list[tuple[int, str]]:
    """Sentences of topics and subtopics, each of them with words of its own, in random order."""
    rng = random.Random(seed)
    out = []
    for topic in range(TOPICS):
        common = [word(rng) for _ in range(4)]
        for _ in range(SUBTOPICS):
            special = [word(rng) for _ in range(4)]
            for _ in range(EACH):
                words = [*rng.sample(common, 3), *rng.sample(special, 3), word(rng)]
                out.append((topic, " ".join(words) + "."))
    rng.shuffle(out)
    return out


def purity(groups: list[list[int]]) -> float:
    return sum(Counter(group).most_common(1)[0][1] for group in groups) / sum(map(len, groups))


def leaves_below(bank: Bank) -> dict[str, list[Record]]:
    """For each top node, the evidence at the bottom of its subtree."""
    nodes = {record.id: record for record in current(bank)}
    with bank.engine.view(bank.name) as view:
        edges = view.edges(list(nodes), rels=("child",))
    below: dict[str, list[str]] = {}
    for edge in edges:
        below.setdefault(edge.src, []).append(edge.dst)

    def leaves(node: str) -> list[Record]:
        return [leaf for child in below[node] for leaf in leaves(child)] if node in below else [nodes[node]]

    return {i: leaves(i) for i, record in nodes.items() if record.tier == "tree-1"}


def test_subtrees_are_of_one_topic_and_insertion_stays_cheap(tmp_path: Path) -> None:
    told = sentences()
    topic_of = {text: topic for topic, text in told}
    touched = []
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        for _, text in told:
            seq = seq_of(bank)
            bank.retain(text, session="s")
            touched.append(len({op.targets[0] for op in log_of(bank, seq) if op.kind in ("ADD", "UPDATE", "MOVE")}))
        groups = leaves_below(bank)
        assert sorted(leaf.value for group in groups.values() for leaf in group) == sorted(topic_of)
        tree = purity([[topic_of[leaf.value] for leaf in group] for group in groups.values()])
        limit = 0.0
        with bank.engine.view(bank.name) as view:
            limit = view.tools.threshold(0.99)
        vectors = bank.engine.models.load_embedder().embed_documents([text for _, text in told])
        flat = purity(online_clusters([topic for topic, _ in told], vectors, limit))
        shuffled = [topic for topic, _ in told]
        random.Random(1).shuffle(shuffled)
        chance, place = [], 0
        for group in groups.values():
            chance.append(shuffled[place : place + len(group)])
            place += len(group)
        assert tree > purity(chance) + 0.1
        assert tree >= flat - 0.02
        assert len(groups) < len(told) / 2
        for number, count in enumerate(touched, start=1):
            assert count <= 4 + 2 * math.log2(1 + number)
        assert np.mean(touched[-50:]) <= 2 * math.log2(len(told))


def online_clusters(topics: list[int], vectors: np.ndarray, limit: float) -> list[list[int]]:
    """Online k-means: the nearest centre if near enough, else a new one."""
    centres: list[np.ndarray] = []
    groups: list[list[int]] = []
    for topic, vector in zip(topics, vectors, strict=True):
        cosines = [float(vector @ centre) / float(np.linalg.norm(centre)) for centre in centres]
        if cosines and max(cosines) >= limit:
            best = int(np.argmax(cosines))
            centres[best] = centres[best] + vector
            groups[best].append(topic)
        else:
            centres.append(vector.copy())
            groups.append([topic])
    return groups


def test_a_leaf_that_is_split_keeps_its_id_and_hangs_below_a_fold_of_both(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        (first,) = bank.retain("Rex the dog barks at the postman.", session="s").records
        assert bank.get(first).tier == "tree-1"
        made = bank.retain("Rex the dog barks at the plumber.", session="s").records
        inner = next(record for record in current(bank) if record.kind == "summary")
        leaves = {record.id for record in current(bank) if record.kind == "episodic"}
        assert bank.get(first).tier == "tree-2"
        assert set(inner.derived_from) == leaves == {first, *made} - {inner.id}
        assert inner.tier == "tree-1"
        assert inner.epistemic == "inference"
        assert "postman" in inner.value
        assert "plumber" in inner.value


def test_summary_and_detail_are_in_one_ranking(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        for _, text in sentences()[:30]:
            bank.retain(text, session="s")
        kinds = {found.record.kind for found in bank.search(sentences()[0][1], k=10)}
        assert kinds == {"episodic", "summary"}


def test_a_model_can_fold_in_place_of_the_extract(tmp_path: Path) -> None:
    scripts = {
        "fold": lambda inputs: {"text": f"{inputs['count']} things: " + " ".join([inputs["text"], *inputs["new"]])[:60]}
    }
    with bank_at(tmp_path / "x.db", RECIPE, scripts) as bank:
        for who in ("postman", "plumber", "painter"):
            bank.retain(f"Rex the dog barks at the {who}.", session="s")
        assert any(record.value.startswith(("2 things", "3 things")) for record in current(bank))
