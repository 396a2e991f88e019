"""Resolvers and linkers on plain lists: whatever a model answers, only what was shown is touched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.list_view import ListTools, ListView
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.record import Key, Record
from mnemic.evolution.beliefs import Beliefs, weighed
from mnemic.evolution.causal import Causal
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.four_operations import FourOperations
from mnemic.evolution.insert_only import InsertOnly
from mnemic.evolution.neighbour_rewriting import NeighbourRewriting
from mnemic.evolution.similar import Similar
from mnemic.evolution.skip_duplicates import SkipDuplicates
from mnemic.evolution.triggers import EveryEvents
from mnemic.evolution.utility_ratio import UtilityRatio
from mnemic.recipes import load_recipe


def fact(record_id: str, text: str, **more: Any) -> Record:
    keys = {"said": Key(text), "note": Key(text)}
    return Record(id=record_id, kind="semantic", value=text, keys=keys, **more)


KNOWN = [fact("r0", "Anna lives in Porto"), fact("r1", "Ben likes tea"), fact("r2", "Clara rows")]
ALIAS = st.sampled_from(["0", "1", "2", "3", "99", "-1", "", "r0", "zero", 0, 7])
OPERATION = st.fixed_dictionaries(
    {"event": st.sampled_from(["ADD", "UPDATE", "DELETE", "NONE", "add"]), "fact": ALIAS, "memory": ALIAS}
)


@given(st.lists(OPERATION, max_size=6))
def test_four_operations_touch_only_what_was_shown(operations: list[dict[str, Any]]) -> None:
    view = ListView(KNOWN, tools=ListTools(answers={"memory_operations": lambda inputs: {"operations": operations}}))
    drafts = [fact("d0", "Anna lives in Lisbon"), fact("d1", "Ben likes coffee")]
    ops = list(FourOperations().resolve(drafts, view))
    assert len(ops) == len(operations)
    for op in ops:
        assert set(op.targets) <= {"r0", "r1", "r2", "d0", "d1"}
        assert op.kind in ("ADD", "UPDATE", "SUPERSEDE", "NOOP")
    changed = [op.targets[0] for op in ops if op.kind in ("ADD", "UPDATE", "SUPERSEDE")]
    assert len(changed) == len(set(changed))


@given(st.lists(ALIAS, max_size=4), st.lists(ALIAS, max_size=4))
def test_rewriting_touches_only_neighbours_and_chains_its_changes(links: list[Any], rewrites: list[Any]) -> None:
    rewrite = [{"alias": alias, "tags": ["new"]} for alias in rewrites]
    answer = {"connections": links, "tags": ["t"], "rewrite": rewrite}
    view = ListView(KNOWN, tools=ListTools(answers={"evolve_neighbours": lambda inputs: answer}))
    ops = list(NeighbourRewriting(k=2).link([fact("n0", "Anna likes tea")], view))
    assert {target for op in ops for target in op.targets} <= {"r0", "r1", "r2", "n0"}
    standing = {record.id: record for record in [*KNOWN, fact("n0", "Anna likes tea")]}
    for op in ops:
        if op.kind == "RETAG":
            (target,) = op.targets
            assert op.before_sha[target] == standing[target].sha
            keys = {name: Key(text, "l" in mode, "d" in mode) for name, (text, mode) in op.changes["keys"].items()}
            changed = standing[target].with_(fields=op.changes["fields"], tags=op.changes["tags"], keys=keys)
            standing[target] = changed


def test_the_drafts_of_a_segment_are_compared_with_one_another() -> None:
    drafts = [fact("d0", "Ben likes green tea"), fact("d1", "Ben likes green tea")]
    assert [op.kind for op in SkipDuplicates().resolve(drafts, ListView([]))] == ["NOOP", "ADD"]
    pairs = [op.targets for op in Similar(quantile=0.5).link(drafts, ListView([]))]
    assert pairs == [("d0", "d1")]


def test_causes_that_name_nothing_are_left_out() -> None:
    told = [("b", "causes", 0.5), ("nobody", "causes", 1), ("a", "causes", 1), ("b", "hopes", 1), ("b", "prevents", 7)]
    odd = [{"ref": ref, "how": how, "strength": strength} for ref, how, strength in told]
    new = [fact("n0", "rain", fields={"ref": "a", "causal": odd}), fact("n1", "home", fields={"ref": "b"})]
    edges = [op.edge for op in Causal().link(new, ListView([])) if op.edge]
    assert [(edge.note, edge.weight) for edge in edges] == [("causes", 0.5), ("prevents", 1.0)]


@given(st.lists(st.sampled_from(["reinforce", "weaken", "contradict"]), max_size=30))
def test_confidence_stays_a_share_and_moves_the_right_way(effects: list[str]) -> None:
    belief = fact("b", "Anna likes tea", confidence=0.5, epistemic="belief")
    for place, effect in enumerate(effects):
        new = weighed(belief, fact(f"f{place}", "a fact"), {"effect": effect, "text": "Anna likes coffee"})
        assert new.confidence is not None
        assert belief.confidence is not None
        assert 0.0 < new.confidence < 1.0
        assert (new.confidence > belief.confidence) == (effect == "reinforce")
        belief = new
    assert belief.derived_from == tuple(f"f{i}" for i in range(len(effects)))


def test_a_fact_counts_once_however_often_it_is_looked_at() -> None:
    counted = fact("b", "Anna likes tea", epistemic="belief", entities=("Anna",), derived_from=("f",))
    view = ListView([counted.with_(kind="belief"), fact("f", "Anna drank tea", entities=("Anna",))])
    assert list(Beliefs().run(view, since=0)) == []


@given(st.lists(st.text("ab .!\n", max_size=40), min_size=1, max_size=5), st.integers(1, 30))
def test_a_fold_keeps_to_its_budget_and_names_what_it_was_made_of(texts: list[str], budget: int) -> None:
    view = ListView([])
    records = [Record(id=f"r{i}", kind="note", value=text) for i, text in enumerate(texts)]
    made = Extractive().fold(None, records, budget, view)
    assert view.tools.count_tokens(made.value) <= budget
    assert made.derived_from == tuple(record.id for record in records)
    again = Extractive().fold(made, [Record(id="new", kind="note", value="a b.")], budget, view)
    assert again.derived_from == (*made.derived_from, "new")


@pytest.mark.parametrize(
    ("evolution", "message"),
    [
        ((Chain.of(UtilityRatio()),), "put a trigger before it"),
        ((EveryEvents() >> InsertOnly(),), "leave out the trigger"),
        ((Chain.of(InsertOnly()), Chain.of(SkipDuplicates())), "would each take in every draft"),
    ],
)
def test_a_rule_that_would_never_run_or_add_twice_is_refused(evolution: tuple[Chain, ...], message: str) -> None:
    base = load_recipe("bm25")
    with pytest.raises(BadInput, match=message):
        Recipe(name="x", summary="", formation=base.formation, retrieval=base.retrieval, evolution=evolution)
