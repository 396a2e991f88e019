"""Triple pattern channel: all triples whose slots are as given; a slot that nothing matches gives way to the nearest.

    exact:  every given slot is the stored term          score 1
    fuzzy:  term → the stored term of like spelling (typos), else the nearest by meaning above θ
            score = Π likeness of the slots

It finds every match, not the best few: "who works at X" has as many answers as there are.
Source: A. Modarressi et al., "RET-LLM", arXiv 2305.14322, 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import ClassVar

from mnemic.core.reading import Hit, Query, Sub, Where
from mnemic.core.stage import Channel
from mnemic.core.triple_commands import SLOTS, slot_labels, slot_name
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.scope import narrow


@dataclass(frozen=True)
class TriplePattern(Channel):
    """Triples that match the facets head, relation and tail of a sub-query; without any of them it finds nothing.

    Parameters: ``fuzzy``, whether a slot may give way; ``spelling``, how alike two terms must be written, 0..1;
    ``quantile`` of random pairs and ``strictness``, how far from there to identical, for terms of like meaning (asked
    of the embedder only when ``meaning`` is set); ``k``, most hits; ``kinds``; ``weight``, for the combiner.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def triple(i, head, relation, tail):
    ...     labels = slot_labels({"head": head, "relation": relation, "tail": tail})
    ...     return Record(id=i, kind="triple", value=f"{head} {relation} {tail}", labels=labels)
    >>> view = ListView([triple("a", "Anna", "works at", "Acme"), triple("b", "Ben", "works at", "Acme"),
    ...                  triple("c", "Ben", "lives in", "Rome")])
    >>> query = Query(text="", asked_at=view.now)
    >>> def found(**slots):
    ...     return [hit.id for hit in TriplePattern(meaning=False).search(Sub(text="", facets=slots), query, view)]
    >>> found(relation="works at", tail="ACME"), found(head="Ben"), found(head="Anna", tail="Rome")
    (['a', 'b'], ['b', 'c'], [])
    >>> found(tail="Acmee")
    ['a', 'b']
    """

    name: ClassVar[str] = "triple_pattern"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    fuzzy: bool = True
    spelling: float = 0.8
    meaning: bool = True
    quantile: float = 0.99
    strictness: float = 0.5
    k: int = 1000
    kinds: tuple[str, ...] | None = ("triple",)
    weight: float = 1.0

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Exact matches, else those of the terms that stand nearest."""
        slots = {name: str(sub.facets[name]) for name in SLOTS if sub.facets.get(name)}
        where = narrow(sub.where, self.kinds)
        if where is None or not slots:
            return []
        likeness = dict.fromkeys(slots, 1.0)
        rows = {name: self._holding(name, term, where, view) for name, term in slots.items()}
        for name, term in slots.items():
            if not rows[name] and self.fuzzy:
                stored, likeness[name] = self._nearest(name, term, where, view)
                rows[name] = self._holding(name, stored, where, view) if stored else {}
        first, *others = rows.values()
        score = 1.0
        for value in likeness.values():
            score *= value
        both = [i for i in first if all(i in other for other in others)]
        parts = {f"slot:{name}": value for name, value in likeness.items()}
        return ranked_by_score(Hit(i, score, self.name, dict(parts)) for i in both)[: self.k]

    def _holding(self, name: str, term: str, where: Where, view: View) -> Mapping[str, Hit]:
        hits = view.tagged("label", slot_labels({name: term}), k=1_000_000, where=where)
        return {hit.id: hit for hit in sorted(hits, key=lambda hit: hit.id)}

    def _nearest(self, name: str, term: str, where: Where, view: View) -> tuple[str, float]:
        wanted, prefix = slot_name(term), f"{name}="
        known = [label[len(prefix) :] for label in view.facts("label") if label.startswith(prefix)]
        written = get_close_matches(wanted, known, n=1, cutoff=self.spelling)
        if written:
            return written[0], SequenceMatcher(None, wanted, written[0]).ratio()
        if not self.meaning:
            return "", 0.0
        base = view.tools.threshold(self.quantile)
        hits = view.dense(view.tools.embed([wanted])[0], key=name, k=1, where=where)
        if not hits or hits[0].score < base + self.strictness * (1.0 - base):
            return "", 0.0
        return view.get([hits[0].id])[hits[0].id].key_text(name), hits[0].score
