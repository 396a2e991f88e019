"""Floods: one actor says the same over and over, or more in a minute than anybody reads.

score = copies of one text in a write, by ten; or events of an actor within a minute, by a thousand.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mnemic.governance.standing import Finding, Said

NAME, THRESHOLD = "flood", 1.0
MOST_COPIES, MOST_A_MINUTE = 10, 1000
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Floods:
    """Remembers, for this process, how much each actor has said within the last minute."""

    _said: defaultdict[tuple[str, str], deque[tuple[datetime, int]]] = field(
        default_factory=lambda: defaultdict(deque), repr=False
    )

    def check(self, bank: str, batch: Sequence[Said], now: datetime) -> dict[str, Finding]:
        """Findings by the ids of events that are too many; of copies the first goes in. A user's own are left alone."""
        out: dict[str, Finding] = {}
        others = [said for said in batch if not said.by_user and said.event.role != "assistant"]
        copies = Counter((said.event.speaker, said.text) for said in others)
        first: set[tuple[str, str]] = set()
        for said in others:
            same = (said.event.speaker, said.text)
            if copies[same] > MOST_COPIES and same in first:
                score = copies[same] / MOST_COPIES
                out[said.event.id] = Finding(NAME, score, THRESHOLD, f"one text {copies[same]} times")
            first.add(same)
        for actor, count in Counter(said.event.speaker for said in others).items():
            told = self._said[bank, actor]
            while told and told[0][0] < now - _MINUTE:
                told.popleft()
            before = sum(n for _, n in told)
            told.append((now, count))
            # One large write is an import; many writes within a minute are a flood.
            if before > MOST_A_MINUTE:
                finding = Finding(NAME, before / MOST_A_MINUTE, THRESHOLD, f"{before} events within a minute before")
                out.update({s.event.id: finding for s in others if s.event.speaker == actor})
        return out
