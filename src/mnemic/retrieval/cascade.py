"""Cascade: look where it is cheap first, and go on only if that is not enough.

    hits = first(q);   enough? → hits, else then(q)

Source: the fast path of J. Liu et al., "MemVerse: Multimodal Memory for Lifelong Learning Agents", arXiv 2512.03627,
2025.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.core.wording import dated_line
from mnemic.retrieval.lexical import Lexical
from mnemic.retrieval.recent import Recent


@dataclass(frozen=True)
class Cascade(Channel):
    """Asks ``task`` with ``{question, context}`` whether what ``first`` found is ``enough``; if not, asks ``then``.

    Parameters: ``first`` and ``then``, channels; ``shown``, how many hits are judged; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Key, Record
    >>> notes = [Record(id=i, kind="note", value=t, keys={"turn": Key(t)}) for i, t in (("a", "tea"), ("b", "rain"))]
    >>> enough = lambda asked: {"enough": "rain" in asked["question"]}
    >>> view = ListView(notes, tools=ListTools(answers={"check_enough": enough}))
    >>> def found(text):
    ...     hits = Cascade(first=Recent(k=1)).search(Sub(text=text), Query(text=text, asked_at=view.now), view)
    ...     return [(hit.id, hit.channel) for hit in hits]
    >>> found("Any rain?"), found("Which tea?")
    ([('b', 'recent')], [('a', 'lexical')])
    """

    name: ClassVar[str] = "cascade"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    first: Channel = field(default_factory=Recent)
    then: Channel = field(default_factory=Lexical)
    shown: int = 10
    task: str = "check_enough"
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """The hits of the first channel that is enough."""
        hits = self.first.search(sub, query, view)
        records = view.get([hit.id for hit in hits[: self.shown]])
        context = "\n".join(dated_line(record) for record in records.values())
        if context and view.tools.ask(self.task, {"question": sub.text, "context": context})["enough"]:
            return hits
        return self.then.search(sub, query, view)
