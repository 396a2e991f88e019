"""Heat promotion: a topic that has grown hot is analysed; what it tells of the person goes into long-term memory.

    strength(topic) ≥ at, and it has pages not analysed yet   →   profile ← fold(profile, those pages),
                                                                  records of what they tell,
                                                                  analysed ← (visits, pages), by which heat falls

Heat promotes and does not forget. The counters stay as they are; the topic notes how far it was analysed.
Source: J. Kang et al., "Memory OS of AI Agent", arXiv 2506.06326, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.core.stage import Consolidator, Extractor, Fold, Strength
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.heat import ANALYSED, Heat, visits_of


@dataclass(frozen=True, kw_only=True)
class HeatPromotion(Consolidator):
    """Analyses topics of kind ``topic`` whose ``strength`` is ``at`` or more, the strongest first.

    ``extractor`` makes records of the turns behind the pages; ``fold`` works the pages into one record of kind
    ``profile`` of at most ``tokens`` tokens, found under ``key``.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.formation.turn_record import TurnRecord
    >>> pages = [Record(id=f"p{i}", kind="episodic", value="Anna rows.") for i in range(5)]
    >>> topic = Record(id="t", kind="topic", value="rowing", derived_from=tuple(page.id for page in pages))
    >>> ops = HeatPromotion(extractor=TurnRecord()).run(ListView([*pages, topic]), since=0)
    >>> [(op.kind, op.record.value if op.record else op.changes["fields"]) for op in ops]
    [('RETAG', {'analysed': {'visits': 0, 'pages': 5}}), ('ADD', 'Anna rows.')]
    """

    name: ClassVar[str] = "heat_promotion"

    extractor: Extractor
    strength: Strength = field(default_factory=Heat)
    at: float = 5.0
    topic: str = "topic"
    profile: str = "profile"
    fold: Fold = field(default_factory=Extractive)
    tokens: int = 300
    key: str = "said"

    def run(self, view: View, since: int) -> Iterable[Op]:
        """ADD ops of records, an ADD or UPDATE of the profile, a RETAG of each topic."""
        topics = view.scan(Where(kinds=(self.topic,)))
        heats = dict(zip((t.id for t in topics), self.strength.weigh(topics, view.now, view), strict=True))
        hot = sorted((t for t in topics if heats[t.id] >= self.at), key=lambda topic: -heats[topic.id])
        known = view.scan(Where(kinds=(self.profile,)), limit=1)
        portrait = known[0] if known else None
        for topic in hot:
            analysed = topic.fields.get(ANALYSED, {}).get("pages", 0)
            held = view.get(topic.derived_from)
            pages = [held[page] for page in topic.derived_from[analysed:] if page in held]
            if not pages:
                continue
            portrait = self.fold.fold(portrait, pages, self.tokens, view)
            for draft in self.extractor.extract(self._segment(pages, view), view):
                yield Op.add(draft.with_(id=view.tools.new_id()), reason=f"told in {topic.id}", actor=self.name)
            done = {"visits": visits_of(topic, list(held.values())), "pages": len(topic.derived_from)}
            reason = f"analysed at heat {heats[topic.id]:.2f}"
            yield Op.retag(topic, fields={ANALYSED: done}, reason=reason, actor=self.name)
        if portrait is not None and (not known or portrait is not known[0]):
            made = portrait.with_(kind=self.profile, keys={self.key: Key(portrait.value)}, epistemic="inference")
            if known:
                yield Op.update(known[0], made, reason="more is known", actor=self.name)
            else:
                yield Op.add(made.with_(id=view.tools.new_id()), reason="first known", actor=self.name)

    @staticmethod
    def _segment(pages: Sequence[Record], view: View) -> Segment:
        events = view.events([span.source for page in pages for span in page.sources])
        return Segment(tuple(sorted(events.values(), key=lambda event: event.seq)))
