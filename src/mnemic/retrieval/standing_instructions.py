"""Standing instructions: what the user asked for once and for all gets a place in every answer's context.

"Always answer in metric units" shares no words with the questions that it is meant for, so it is not ranked
against other records but given every n-th place, the closest ones first. Only a user gives such orders, and only
to an assistant: a bank without one is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Hit, Query
from mnemic.core.stage import Expander
from mnemic.core.view import View
from mnemic.retrieval.cues import stands
from mnemic.retrieval.framing import bare

_LOOKED_AT = 50


@dataclass(frozen=True)
class StandingInstructions(Expander):
    """Puts the ``most`` closest standing orders of the user at the places ``every``, 2 · ``every``, ...

    Orders are records with the label ``label`` that open like one ("always", "from now on"). One that stands
    further up already stays there. Parameters: ``key``, the dense key by which they are compared with the
    question; ``label``, what formation marks instructions with; ``every``, places; ``most``, how many.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> rule = Record(id="rule", kind="episodic", value="Always use metric units", labels=("instruction",),
    ...               keys={"turn": Key("Always use metric units")}, role="user")
    >>> view = ListView([rule, *(Record(id=i, kind="episodic", value=i, role="assistant") for i in "abc")])
    >>> hits = [Hit(i, 1.0, "dense") for i in "abc"]
    >>> query = Query(text="How far is it?", asked_at=view.now)
    >>> [hit.id for hit in StandingInstructions(every=2).expand(hits, query, view)]
    ['a', 'rule', 'b', 'c']
    """

    name: ClassVar[str] = "standing_instructions"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "turn"
    label: str = "instruction"
    every: int = 5
    most: int = 2

    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits with the instructions in their places, each with the score of the hit that it stands before."""
        out = list(hits)
        for number, rule in enumerate(self._rules(query, view), start=1):
            place = min(self.every * number - 1, len(out))
            if any(hit.id == rule.id for hit in out[: place + 1]):
                continue
            out = [hit for hit in out if hit.id != rule.id]
            place = min(place, len(out))
            level = out[place].score if place < len(out) else out[-1].score if out else rule.score
            parts = {"cosine": rule.score, "instruction": float(number)}
            out.insert(place, Hit(rule.id, level, self.name, parts, ("standing instruction",)))
        return out

    def _rules(self, query: Query, view: View) -> list[Hit]:
        allowed = query.where
        if allowed.labels is not None and self.label not in allowed.labels:
            return []
        if allowed.roles is not None and "user" not in allowed.roles:
            return []
        if "assistant" not in view.facts("role"):
            return []
        where = allowed.and_(labels=(self.label,), roles=("user",))
        found = view.dense(bare(query.text), key=self.key, k=_LOOKED_AT, where=where)
        records = view.get([hit.id for hit in found])
        return [hit for hit in found if hit.id in records and stands(records[hit.id].value)][: self.most]
