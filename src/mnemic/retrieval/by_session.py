"""By session: first the sessions that speak of it, then everything that was said in them.

    score(session) = Σ or max over its hits of s(hit);   a turn has the score of its session

Source: session-level retrieval in D. Wu et al., "LongMemEval", arXiv 2410.10813, 2024.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.reading import Hit, Query, Sub
from mnemic.core.stage import Channel
from mnemic.core.view import View
from mnemic.retrieval.fusion import ranked_by_score
from mnemic.retrieval.lexical import Lexical

POOLS = ("sum", "max")


@dataclass(frozen=True)
class BySession(Channel):
    """The turns of the ``sessions`` best sessions by another channel's hits.

    Parameters: ``channel``, whose hits vote; ``pool``, sum or max; ``weight``, for the combiner. A turn that
    the channel found itself stands before the others of its session, which follow in time order. Raises
    BadInput on another pool.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key, Record
    >>> def turn(i, session, text):
    ...     return Record(id=f"r{i}", kind="episodic", value=text, keys={"turn": Key(text)}, session=session)
    >>> view = ListView([turn(0, "a", "Rain"), turn(1, "b", "Green tea"), turn(2, "b", "Yes, please")])
    >>> sub = Sub(text="tea")
    >>> [hit.id for hit in BySession(sessions=1).search(sub, Query(text="tea", asked_at=view.now), view)]
    ['r1', 'r2']
    """

    name: ClassVar[str] = "by_session"

    channel: Channel = field(default_factory=Lexical)
    sessions: int = 3
    pool: str = "sum"
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise BadInput(f"by_session.pool: {self.pool!r} is unknown; use one of {', '.join(POOLS)}")

    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits by falling session score, which each keeps as its part ``session``."""
        found = {hit.id: hit for hit in self.channel.search(sub, query, view)}
        records = view.get(found)
        totals: dict[str, float] = {}
        for record in records.values():
            score = found[record.id].score
            known = totals.get(record.session)
            totals[record.session] = (
                score if known is None else known + score if self.pool == "sum" else max(known, score)
            )
        best = sorted(totals, key=lambda session: -totals[session])[: self.sessions]
        if not best:
            return []
        kinds = {record.kind for record in records.values()}
        turns = view.scan(sub.where.and_(sessions=tuple(best), kinds=tuple(sorted(kinds))))
        turns.sort(key=lambda record: record.id not in found)
        hits = []
        for turn in turns:
            score = totals[turn.session]
            parts = found[turn.id].parts if turn.id in found else {}
            hits.append(Hit(turn.id, score, self.name, {**parts, "session": score}))
        return ranked_by_score(hits)
