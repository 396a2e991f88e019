"""Utility ratio: what was used often and helped too seldom is set aside.

    demote r  if  uses ≥ least_uses  and  successes / uses < least_ratio,   uses = successes + failures

Source: Z. Cao et al., "Remember Me, Refine Me" (ReMe), arXiv 2512.10696, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.stage import Forgetter
from mnemic.core.view import View


@dataclass(frozen=True)
class UtilityRatio(Forgetter):
    """Demotes records of ``kinds`` used ``least_uses`` times or more with a share of successes below ``least_ratio``.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record, Stats
    >>> lessons = [Record(id=f"r{s}", kind="lesson", value="", stats=Stats(successes=s, failures=4)) for s in (0, 1, 5)]
    >>> view = ListView(lessons)
    >>> [op.targets for op in UtilityRatio().sweep(view, view.now)]
    [('r1',)]
    """

    name: ClassVar[str] = "utility_ratio"

    kinds: tuple[str, ...] = ("lesson",)
    least_uses: int = 5
    least_ratio: float = 0.5

    def sweep(self, view: View, now: datetime) -> Iterable[Op]:
        """DEMOTE ops, each with the figures that it rests on."""
        ops = []
        for record in view.scan(Where(kinds=self.kinds)):
            uses = record.stats.successes + record.stats.failures
            if uses >= self.least_uses and record.stats.successes < self.least_ratio * uses:
                reason = f"helped in {record.stats.successes} of {uses} uses"
                ops.append(Op.demote(record, reason=reason, actor=self.name))
        return ops
