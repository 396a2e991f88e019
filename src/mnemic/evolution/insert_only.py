"""Insert only: every draft becomes a record, and nothing that is known is touched.

Latest-wins at reading time makes it enough for many uses, and it can still answer "and before?".
Source: the additive store of M. Patel et al., "ENGRAM", arXiv 2511.12960, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.core.stage import Resolver
from mnemic.core.view import View


@dataclass(frozen=True)
class InsertOnly(Resolver):
    """An ADD for each draft.

    >>> from mnemic.core.list_view import ListView
    >>> drafts = [Record(id="d1", kind="semantic", value="Anna likes tea")]
    >>> [op.kind for op in InsertOnly().resolve(drafts, ListView([]))]
    ['ADD']
    """

    name: ClassVar[str] = "insert_only"
    sight: ClassVar[str] = "event"
    #: It looks at nothing that is stored.
    bulk: ClassVar[bool] = True

    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """Adds them all."""
        return [Op.add(draft, actor=self.name) for draft in drafts]
