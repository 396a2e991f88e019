"""Research: plan with a map of all pages, search with several tools, note what is found, ask whether it is enough.

    plan(question, need, notes, abstracts) → queries, words, pages;   found = their union
    notes ← integrate(notes, found);   enough? else need ← what is missing;   at most ``rounds`` rounds

Nothing is lost at writing, since pages are kept whole; the effort is made when the question is known.
Source: "General Agentic Memory Via Deep Research" (GAM), arXiv 2511.18423, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import ids_of, shown_records
from mnemic.core.errors import BadInput, Refused
from mnemic.core.execute import search
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.rounds import keep_best
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class Research(Channel):
    """Gives the pages that a research on the question noted something from, each showing that note.

    Asks ``plan_task`` with ``{question, need, notes, map}`` for ``{queries, words, pages}``; ``note_task`` with
    ``{question, need, notes, pages}`` for ``{notes: [{alias, text}]}``; ``check_task`` with ``{question, context}`` for
    ``{enough, missing}``: up to three calls a round. Parameters: ``queries`` and ``words``, the chains that queries
    and words are searched with (each may be empty); ``kinds`` of the pages; ``map``, abstracts shown at most, the ones
    nearest to the question by ``queries`` or ``words`` when there are more; ``abstract``, the view that is shown of
    them; ``each``, hits of one search; ``opened``, pages read in a round; ``rounds``; ``notes``, whether a page shows
    the note on it or stands for itself. When nothing was noted, the pages found are given as they are.
    Raises BadInput for ``rounds`` below 1.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> texts = ["Anna met Clara.", "Clara sails."]
    >>> pages = [Record(id=f"p{i}", kind="page", value=text) for i, text in enumerate(texts)]
    >>> answers = {"plan_research": lambda asked: {"pages": ["1"] if asked["notes"] else ["0"]},
    ...            "integrate": lambda asked: {"notes": [dict(page) for page in asked["pages"]]},
    ...            "check_enough": lambda asked: {"enough": "sails" in asked["context"], "missing": ["Clara"]}}
    >>> view = ListView(pages, tools=ListTools(answers=answers))
    >>> query = Query(text="What does Anna's friend do?", asked_at=view.now)
    >>> [(hit.id, hit.text, hit.path) for hit in Research().search(Sub(text=query.text), query, view)]
    [('p0', 'Anna met Clara.', ('round 1',)), ('p1', 'Clara sails.', ('round 2',))]
    """

    name: ClassVar[str] = "research"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    queries: Chain = field(default_factory=Chain)
    words: Chain = field(default_factory=Chain)
    kinds: tuple[str, ...] = ("page",)
    map: int = 200
    abstract: str = "summary"
    each: int = 5
    opened: int = 10
    rounds: int = 3
    notes: bool = True
    plan_task: str = "plan_research"
    note_task: str = "integrate"
    check_task: str = "check_enough"
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise BadInput(f"research.rounds: {self.rounds} must be 1 or more")

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Pages in the order in which they were noted from."""
        where = narrow(sub.where, self.kinds)
        if where is None:
            return []
        scope = replace(query, where=where)
        chart = self._map(sub.text, scope, view)
        noted: dict[str, Hit] = {}
        best: dict[str, Hit] = {}
        need = sub.text
        needed = [need]
        for number in range(1, self.rounds + 1):
            found = self._round(sub.text, need, _told(noted), chart, scope, view)
            path = (f"round {number}",)
            keep_best(best, (replace(hit, path=path) for hit in found))
            fresh = [hit for hit in found if hit.id not in noted][: self.opened]
            for id_, text in self._notes(sub.text, need, _told(noted), fresh, view).items():
                noted[id_] = replace(best[id_], text=text, path=path)
            if number == self.rounds:
                break
            checked = view.tools.ask(self.check_task, {"question": sub.text, "context": _told(noted)})
            need = "\n".join(checked["missing"])
            # The same need again would be looked for in the same way.
            if checked["enough"] or not need or need in needed:
                break
            needed.append(need)
        ranked = list(noted.values()) or sorted(best.values(), key=lambda hit: -hit.score)
        shown = ranked if self.notes else [replace(hit, text="") for hit in ranked]
        return [hit.with_score(1 / place) for place, hit in enumerate(shown, start=1)]

    def _map(self, text: str, scope: Query, view: View) -> list[Record]:
        if view.count(scope.where) <= self.map:
            return view.scan(scope.where)
        tools = [chain for chain in (self.queries, self.words) if chain.items]
        near = [hit.id for chain in tools[:1] for hit in search(chain, replace(scope, text=text), view)[: self.map]]
        return list(view.get(near).values()) if near else view.scan(scope.where, newest_first=True, limit=self.map)

    def _round(self, question: str, need: str, notes: str, chart: list[Record], scope: Query, view: View) -> list[Hit]:
        aliases = AliasMap.of(page.id for page in chart)
        asked = {"question": question, "need": need, "notes": notes, "map": self._shown(chart, aliases)}
        plan = view.tools.ask(self.plan_task, asked)
        searches = [(self.queries, text) for text in plan["queries"]]
        searches.append((self.words, " ".join(plan["words"])))
        found: dict[str, Hit] = {}
        keep_best(found, (Hit(id_, 1.0, self.name, {"page": 1.0}) for id_ in ids_of(plan["pages"], aliases)))
        for chain, text in searches:
            if chain.items and text:
                # Cosines and BM25 do not compare: what a tool puts first counts like what another puts first.
                hits = search(chain, replace(scope, text=text), view)[: self.each]
                keep_best(found, (hit.with_score(1 / place) for place, hit in enumerate(hits, start=1)))
        return sorted(found.values(), key=lambda hit: -hit.score)

    def _shown(self, chart: list[Record], aliases: AliasMap) -> list[dict[str, str]]:
        return [
            {
                "alias": aliases.alias(page.id),
                "text": page.shown(self.abstract)[:1000],
                "when": f"{when:%Y-%m-%d}" if (when := when_of(page)) else "",
            }
            for page in chart
        ]

    def _notes(self, question: str, need: str, notes: str, fresh: list[Hit], view: View) -> dict[str, str]:
        records = view.get([hit.id for hit in fresh])
        if not records:
            return {}
        aliases = AliasMap()
        pages = shown_records(records.values(), aliases)
        out: dict[str, str] = {}
        asked = {"question": question, "need": need, "notes": notes, "pages": pages}
        for told in view.tools.ask(self.note_task, asked)["notes"]:
            try:
                out.setdefault(aliases.id(told["alias"]), told["text"])
            except Refused:
                continue
        return out


def _told(noted: dict[str, Hit]) -> str:
    return "\n".join(hit.text for hit in noted.values())
