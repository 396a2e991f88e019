"""Graded: a language model grades the best hits for the question, a batch at a time; the best grades come first.

    grade(r) ∈ 0..10 for the first ``top`` hits;   equal grades keep their order;   the first ``keep`` stay

Source: the rerank reading in R. Zeng et al., "On the Structural Memory of LLM Agents", arXiv 2412.15266, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_records
from mnemic.core.errors import BadInput, Refused
from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Scorer
from mnemic.core.view import View


@dataclass(frozen=True)
class Graded(Scorer):
    """Asks ``task`` with ``{question, passages}`` for each ``batch`` of the first ``top`` hits.

    The answer is ``{grades: [{alias, grade}]}``; what is not graded counts as 0. Parameters: ``keep``, how many stay.
    Costs ``top / batch`` calls a question. Raises BadInput when a number is below 1.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> def tea(asked):
    ...     grades = ((p["alias"], 9 if "tea" in p["text"] else 1) for p in asked["passages"])
    ...     return {"grades": [{"alias": alias, "grade": grade} for alias, grade in grades]}
    >>> view = ListView([Record(id="r0", kind="note", value="rain"), Record(id="r1", kind="note", value="tea")],
    ...                 tools=ListTools(answers={"grade": tea}))
    >>> hits = [Hit("r0", 2.0, "dense"), Hit("r1", 1.0, "dense")]
    >>> [(hit.id, hit.score) for hit in Graded().score(hits, Query(text="Which tea?", asked_at=view.now), view)]
    [('r1', 0.9), ('r0', 0.1)]
    """

    name: ClassVar[str] = "graded"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    top: int = 100
    batch: int = 10
    keep: int = 20
    task: str = "grade"

    def __post_init__(self) -> None:
        for name in ("top", "batch", "keep"):
            if getattr(self, name) < 1:
                raise BadInput(f"graded.{name}: {getattr(self, name)} must be 1 or more")

    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The best hits by grade, 0..1."""
        first = hits[: self.top]
        found = view.get([hit.id for hit in first])
        known = [hit for hit in first if hit.id in found]
        grades = dict.fromkeys((hit.id for hit in known), 0.0)
        for start in range(0, len(known), self.batch):
            aliases = AliasMap()
            passages = shown_records((found[hit.id] for hit in known[start : start + self.batch]), aliases)
            for told in view.tools.ask(self.task, {"question": query.text, "passages": passages})["grades"]:
                try:
                    grades[aliases.id(told["alias"])] = told["grade"] / 10
                except Refused:
                    continue
        out = [hit.with_score(grades[hit.id], grade=grades[hit.id]) for hit in known]
        return sorted(out, key=lambda hit: -hit.score)[: self.keep]
