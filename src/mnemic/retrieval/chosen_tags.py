"""Chosen tags: a model names the tags that a question is about, out of those in use; what carries one of them is found.

    asked: question, tags in use -> tags, or none;   found = records with one of them, within the time asked about

No text is compared: the tags are the index. Source: R. Westhäußer, F. Berenz, W. Minker, S. Zepf, "CAIM: Development
and Evaluation of a Cognitive AI Memory Framework", arXiv 2505.13044, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.cues import interval_of
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class ChosenTags(Channel):
    """Asks ``task`` with ``{question, options, most, instruction}``; the answer is ``{chosen: [alias]}``.

    Rarer tags count more. When the question speaks of a time, only records of it are found, and those of any tag when
    none was chosen. Parameters: ``of``, tags shown, the most used first; ``most`` chosen; ``k``, ``kinds`` of records;
    ``timed``, whether times are looked at; ``weight``, for the combiner; ``instruction``, wishes for the task.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> def pets(asked):
    ...     return {"chosen": [o["alias"] for o in asked["options"] if o["text"] == "pets"]}
    >>> view = ListView([Record(id="a", kind="semantic", value="Rex is a dog", tags=("pets",)),
    ...                  Record(id="b", kind="semantic", value="It rained", tags=("weather",))],
    ...                 tools=ListTools(answers={"choose": pets}))
    >>> sub = Sub(text="Any animals?")
    >>> [hit.id for hit in ChosenTags().search(sub, Query(text=sub.text, asked_at=view.now), view)]
    ['a']
    """

    name: ClassVar[str] = "chosen_tags"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    of: int = 200
    most: int = 8
    k: int = 100
    kinds: tuple[str, ...] | None = None
    timed: bool = True
    weight: float = 1.0
    instruction: str = ""
    task: str = "choose"

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling idf of the tags that they carry."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        interval = (sub.interval or interval_of(sub.text, query.asked_at)) if self.timed else None
        tags = self._chosen(sub.text, view)
        if not tags:
            hits = view.during(interval, k=self.k, where=where) if interval is not None else []
            return [Hit(hit.id, hit.score, self.name, {"overlap": hit.score}) for hit in hits]
        if interval is not None:
            within = [hit.id for hit in view.during(interval, k=1_000_000, where=where)]
            where = where.and_(ids=tuple(within))
        hits = view.tagged("tag", tags, k=self.k, where=where)
        return [Hit(hit.id, hit.score, self.name, {"tag": hit.score}, tuple(tags)) for hit in hits]

    def _chosen(self, question: str, view: View) -> list[str]:
        counts = view.facts("tag")
        used = sorted(counts, key=lambda tag: (-counts[tag], tag))[: self.of]
        if not used:
            return []
        aliases = AliasMap()
        options = [{"alias": aliases.alias(tag), "text": tag, "when": ""} for tag in used]
        asked = {"question": question, "options": options, "most": self.most, "instruction": self.instruction}
        return ids_of(view.tools.ask(self.task, asked)["chosen"], aliases)[: self.most]
