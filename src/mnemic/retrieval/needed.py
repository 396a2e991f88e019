"""Needed: whether a question needs memory at all is asked first; small talk then costs no context.

    asked: question -> need

Source: the memory controllers of B. Wang et al., "SCM: Self-Controlled Memory", arXiv 2304.13343, 2023, and
R. Westhäußer et al., "CAIM", arXiv 2505.13044, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Query
from mnemic.core.stage import Gate
from mnemic.core.view import View


@dataclass(frozen=True)
class Needed(Gate):
    """Asks ``task`` with ``{question, instruction}``; the answer is ``{need}``. Ops pass.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> view = ListView([], tools=ListTools(answers={"need_memory": lambda asked: {"need": "my" in asked["question"]}}))
    >>> Needed().admit(Query(text="Thank you!", asked_at=view.now), view)
    'needs no memory'
    >>> Needed().admit(Query(text="Where is my tea?", asked_at=view.now), view)
    """

    name: ClassVar[str] = "needed"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "need_memory"
    instruction: str = ""

    def admit(self, subject: Op | Query, view: View) -> str | None:
        """None to search, else that nothing is needed."""
        if isinstance(subject, Op):
            return None
        needed = view.tools.ask(self.task, {"question": subject.text, "instruction": self.instruction})["need"]
        return None if needed else "needs no memory"
