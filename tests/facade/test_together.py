"""What records carry together is counted pair by pair, as a walk through them counts it."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import mnemic
from mnemic.core.reading import Where

NAMES = ("Ana", "Ben", "Cleo", "Dora")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sets(st.sampled_from(NAMES), min_size=1), min_size=1, max_size=8))
def test_pairs_are_counted_as_a_walk_counts_them(told: list[set[str]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mnemic.open(Path(folder) / "a.db", embedder="hashing", reranker="overlap") as memory,
    ):
        bank = memory.bank("b")
        bank.retain([{"role": "user", "content": f"{' and '.join(sorted(names))} met."} for names in told])
        bank.delete(bank.list(limit=1).records[0].id)
        words = list(bank.words("entity", limit=100))
        walked: Counter[tuple[str, str]] = Counter()
        for record in bank.list(Where(), limit=1000).records:
            carried = {entity.casefold() for entity in record.entities}
            walked.update(pair for pair in combinations(words, 2) if carried.issuperset(pair))
        assert dict(bank.together("entity", words)) == dict(walked)


def test_what_is_named_together_twice_counts_twice(tmp_path: Path) -> None:
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        bank = memory.bank("b")
        bank.retain([{"role": "user", "content": "Ana met Ben."}, {"role": "user", "content": "Ben met Ana again."}])
        assert bank.together("entity", ["ana", "ben"]) == {("ana", "ben"): 2}
