"""Rounds: search, let a language model say what is still missing, and search again with that, a few times.

    for n = 1 .. rounds:   found = found ∪ search(qₙ);   stop when enough;   qₙ₊₁ = what is missing
    score(r) = max over all searches that found r

Source: iterative reading in R. Zeng et al., "On the Structural Memory of LLM Agents", arXiv 2412.15266, 2024.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.execute import search
from mnemic.core.pipeline import Chain
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.core.wording import dated_line


@dataclass(frozen=True)
class Rounds(Channel):
    """Runs ``inner`` for the question, then for what ``task`` says is missing, at most ``rounds`` times in all.

    Asks ``task`` after each round but the last with ``{question, context}``; the answer is ``{enough, missing}``. A
    search that was made is not made again; when nothing new is missing, it stops. Parameters: ``inner``, the channels
    and what follows them up to a ranking; ``read``, how many of the best records found so far are shown to the model;
    ``joined``, whether the question stands before what is missing in a further search; ``k``, hits given back.
    Raises BadInput without an inner chain or for ``rounds`` below 1.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key, Record
    >>> from mnemic.retrieval.lexical import Lexical
    >>> texts = ["Anna met Clara", "Clara lives in Porto", "It rained"]
    >>> def missing(asked):
    ...     return {"enough": "Porto" in asked["context"], "missing": ["Clara lives"]}
    >>> view = ListView([Record(id=f"r{i}", kind="note", value=t, keys={"turn": Key(t)}) for i, t in enumerate(texts)],
    ...                 tools=ListTools(answers={"check_enough": missing}))
    >>> query = Query(text="Whom did Anna meet?", asked_at=view.now)
    >>> hits = Rounds(Chain.of(Lexical())).search(Sub(text=query.text), query, view)
    >>> sorted((hit.id, hit.path) for hit in hits)
    [('r0', ()), ('r1', ('round 2', 'Clara lives'))]
    """

    name: ClassVar[str] = "rounds"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    inner: Chain = field(default_factory=Chain)
    rounds: int = 4
    read: int = 10
    joined: bool = False
    k: int = 100
    task: str = "check_enough"
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.inner.items:
            raise BadInput("rounds.inner: give the channel that is searched in each round")
        if self.rounds < 1:
            raise BadInput(f"rounds.rounds: {self.rounds} must be 1 or more")

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits of all rounds from best to worst; those of later rounds tell what they were searched with."""
        best: dict[str, Hit] = {}
        asked: dict[str, None] = {}
        wanted = [sub.text]
        for number in range(1, self.rounds + 1):
            for text in wanted:
                asked[text] = None
                found = search(self.inner, replace(query, text=text, where=sub.where), view)
                path = ("round " + str(number), text) if number > 1 else ()
                keep_best(best, (replace(hit, path=(*path, *hit.path)) for hit in found))
            ranked = sorted(best.values(), key=lambda hit: -hit.score)
            if number == self.rounds:
                break
            answer = view.tools.ask(self.task, {"question": sub.text, "context": self._read(ranked, view)})
            missing = [f"{sub.text} {text}" if self.joined else text for text in answer["missing"]]
            wanted = [text for text in dict.fromkeys(missing) if text not in asked]
            if answer["enough"] or not wanted:
                break
        return sorted(best.values(), key=lambda hit: -hit.score)[: self.k]

    def _read(self, ranked: list[Hit], view: View) -> str:
        records = view.get([hit.id for hit in ranked[: self.read]])
        return "\n".join(dated_line(record) for record in records.values())


def keep_best(best: dict[str, Hit], found: Iterable[Hit]) -> None:
    """Put hits beside those found before; of two of one record the better one stays.

    >>> best = {"a": Hit("a", 0.5, "dense")}
    >>> keep_best(best, [Hit("a", 0.7, "dense"), Hit("b", 0.1, "dense")])
    >>> [(hit.id, hit.score) for hit in best.values()]
    [('a', 0.7), ('b', 0.1)]
    """
    for hit in found:
        if hit.id not in best or hit.score > best[hit.id].score:
            best[hit.id] = hit
