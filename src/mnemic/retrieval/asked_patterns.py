"""Asked patterns: a question becomes triples with empty slots, by the commands in it or by asking a model.

    "[MEM_READ{>>works at>>Acme}]"  →  (?, works at, Acme)

Source: A. Modarressi et al., "RET-LLM", arXiv 2305.14322, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.reading import Query, Sub
from mnemic.core.stage import Planner
from mnemic.core.triple_commands import SLOTS, commands_in
from mnemic.core.view import View


@dataclass(frozen=True)
class AskedPatterns(Planner):
    """A sub-query for each pattern, with its slots as facets. Without commands ``task`` is asked with ``{question}``.

    The answer is ``{patterns: [{head, relation, tail}]}``; patterns without or with all slots filled are passed over.
    When there is none the question itself is the one sub-query. ``instruction``: wishes for the task.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([])
    >>> query = Query(text="[MEM_READ{>>works at>>Acme}] please", asked_at=view.now)
    >>> [dict(sub.facets) for sub in AskedPatterns().plan(query, view)]
    [{'relation': 'works at', 'tail': 'Acme'}]
    """

    name: ClassVar[str] = "asked_patterns"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "triple_patterns"
    instruction: str = ""

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The sub-queries."""
        patterns = [command.slots for command in commands_in(query.text) if command.verb == "READ"]
        if not patterns:
            asked = {"question": query.text, "instruction": self.instruction}
            told = view.tools.ask(self.task, asked)["patterns"]
            patterns = [{name: one[name] for name in SLOTS if one[name]} for one in told]
        patterns = [slots for slots in patterns if 0 < len(slots) < len(SLOTS)]
        if not patterns:
            return [Sub(text=query.text, where=query.where)]
        return [Sub(text=query.text, where=query.where, facets=slots) for slots in patterns]
