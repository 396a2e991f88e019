"""MemVerse works when the window is asked first and the graphs only if it does not do, and when all graphs are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from mnemic.context.within_budget import WithinBudget
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.recipes.mem_verse import PRESETS, RECIPE, WINDOW
from mnemic.retrieval.about_entities import AboutEntities
from mnemic.retrieval.cascade import Cascade

from .asked_records import as_said
from .workbench import bank_at, current

SEARCHED: list[str] = []


@dataclass(frozen=True)
class CountedGraph(Channel):
    """The graph search, with a note of every call."""

    name: ClassVar[str] = "test_counted_graph"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        SEARCHED.append(sub.text)
        return AboutEntities(kinds=("episodic", "semantic", "core")).search(sub, query, view)


def typed(inputs: Any) -> dict[str, Any]:
    """Likes are core, weather is semantic, all else episodic."""
    record = as_said(inputs)["records"][0]
    kind = "core" if "likes" in record["text"] else "semantic" if "rains" in record["text"] else "episodic"
    return {"records": [{**record, "kind": kind}]}


TALK = ("Anna likes green tea.", "It rains in Porto in May.", "Anna met Ben at the harbour.")


def test_the_graphs_are_searched_once_and_only_if_the_window_does_not_do(tmp_path: Path) -> None:
    enough = [True]
    scripts = {"extract_typed": typed, "check_enough": lambda inputs: {"enough": enough[0]}}
    chain = Cascade(first=WINDOW, then=CountedGraph()) >> WithinBudget()
    with bank_at(tmp_path / "x.db", replace(RECIPE, profiles={"cascade": chain}), scripts) as bank:
        for text in TALK:
            bank.retain(text, session="s")
        SEARCHED.clear()
        assert bank.recall("Whom did Anna meet?", profile="cascade").citations
        assert SEARCHED == []
        enough[0] = False
        context = bank.recall("Whom did Anna meet there?", profile="cascade")
        assert len(SEARCHED) == 1
        assert "harbour" in context.text


def test_all_three_graphs_are_read_and_the_published_code_reads_one(tmp_path: Path) -> None:
    for recipe, kinds in ((RECIPE, {"core", "semantic", "episodic"}), (PRESETS["as-coded"], {"core"})):
        with bank_at(tmp_path / f"{len(kinds)}.db", recipe, {"extract_typed": typed}) as bank:
            for text in TALK:
                bank.retain(text, session="s")
            found = {one.record.kind for one in bank.search("Does Anna like the rain in Porto?", k=30)}
            assert found - {"turn", "profile"} == kinds


def test_what_is_core_is_folded_into_a_profile(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"extract_typed": typed}) as bank:
        for n in range(10):
            bank.retain([{"role": "user", "actor": "Anna", "content": f"Anna likes tea number {n}."}], session="s")
        (profile,) = current(bank, kinds=("profile",))
        assert profile.epistemic == "inference"
        assert len(profile.derived_from) >= 5
