"""Credit: when a task has ended, the records that were used in it share its success or failure.

    successes(r) += 1  if  reward ≥ least_reward,  else  failures(r) += 1       for r in records_used

Source: the utility counters of Z. Cao et al., "Remember Me, Refine Me" (ReMe), arXiv 2512.10696, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.stage import Consolidator
from mnemic.core.view import View


@dataclass(frozen=True)
class Credit(Consolidator):
    """Counts for every episode that ended since the last run; records it names that are unknown are passed over.

    >>> from mnemic.core.evidence import Event, Part
    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> end = Event(id="t/outcome", session="t", role="outcome", parts=(Part("text", "reward: 0"),), seq=2,
    ...             occurred_at=ListView([]).now, meta={"reward": 0.0, "records_used": ["r1"]})
    >>> view = ListView([Record(id="r1", kind="lesson", value="Call")], events=[end])
    >>> [(op.targets, dict(op.changes["counts"])) for op in Credit().run(view, since=0)]
    [(('r1',), {'failures': 1})]
    """

    name: ClassVar[str] = "credit"

    least_reward: float = 1.0

    def run(self, view: View, since: int) -> Iterable[Op]:
        """TOUCH ops."""
        ops = []
        for event in view.retained(since):
            reward = event.meta.get("reward")
            if reward is None:
                continue
            counter = "successes" if reward >= self.least_reward else "failures"
            used = view.get(event.meta.get("records_used", ()))
            reason = f"used in {event.session}"
            ops += [Op.touch(record_id, {counter: 1}, reason=reason, actor=self.name) for record_id in used]
        return ops
