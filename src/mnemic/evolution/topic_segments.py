"""Topic segments: what leaves the short-term queue is sorted into topics, which are joined or opened.

    likeness(theme, topic) = (cos - θ) / (1 - θ) + |K ∩ K'| / |K ∪ K'|,   K = words of the titles,   θ = θ(quantile)
    joins the most alike topic  if  likeness ≥ join,   else opens one

Pages are what the queue holds; a chain of them that hangs together is asked about as a whole. A topic names its pages
as what it was derived from, and leads to each by an edge. Source: J. Kang et al., "Memory OS of AI Agent",
arXiv 2506.06326, 2025, whose code puts every page of a chain into each of its topics; ``published`` does the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.analysis import terms
from mnemic.core.asking import ids_of, shown_turns
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Consolidator, Fold, Segmenter
from mnemic.core.times import Interval, Times
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive
from mnemic.evolution.likeness import vectors_of

SHORT, MIDDLE, TOPICS = "", "middle", "topics"


@dataclass(frozen=True, kw_only=True)
class TopicSegments(Consolidator):
    """Sorts pages of ``kind`` beyond the newest ``queue`` into records of kind ``topic``.

    Pages move to the tier ``middle``; topics are of the tier ``topics``.

    ``segmenter`` cuts the turns behind the leaving pages into chains; for each chain ``task`` is asked with ``{turns,
    instruction}``, and its answer is ``{records: [{title, text, turns}]}``, of which ``most`` are taken. Pages that no
    theme names go with the first. Parameters: ``join``, the likeness from which a theme joins a topic, and the
    ``quantile`` of random pairs at which it is 0; ``fold`` and ``tokens``, how its text and the topic's
    become one; ``key``, under which topics are found and compared.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.formation.per_session import PerSession
    >>> turn = Event(id="e", session="s", role="user", parts=(Part("text", "Rex barks"),), occurred_at=ListView([]).now)
    >>> page = Record(id="p", kind="episodic", value=turn.text, sources=(turn.span(),))
    >>> answer = {"records": [{"title": "pets", "text": "Rex barks.", "turns": ["0"]}]}
    >>> view = ListView([page], events=[turn], tools=ListTools(answers={"find_topics": lambda asked: answer}))
    >>> ops = list(TopicSegments(segmenter=PerSession(), queue=0).run(view, since=0))
    >>> [(op.kind, op.targets) for op in ops], ops[1].record.value
    ([('MOVE', ('p',)), ('ADD', ('n1',)), ('LINK', ('n1', 'p'))], 'pets: Rex barks.')
    """

    name: ClassVar[str] = "topic_segments"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    segmenter: Segmenter
    kind: str = "episodic"
    topic: str = "topic"
    queue: int = 10
    most: int = 2
    join: float = 0.6
    quantile: float = 0.99
    fold: Fold = field(default_factory=Extractive)
    tokens: int = 150
    key: str = "said"
    instruction: str = "at most two topics"
    published: bool = False
    task: str = "find_topics"

    def run(self, view: View, since: int) -> Iterable[Op]:
        """MOVE ops of pages, ADD and UPDATE ops of topics, LINK ops between them."""
        pages = view.scan(Where(kinds=(self.kind,), tiers=(SHORT,)))
        leaving = pages[: max(len(pages) - self.queue, 0)]
        topics = {topic.id: topic for topic in view.scan(Where(kinds=(self.topic,)))}
        vectors = dict(view.vectors(list(topics), key=self.key))
        first = dict(topics)
        for chain in self._chains(leaving, view):
            for theme, members in self._themes(chain, view):
                draft = self._draft(theme, members, view)
                vectors |= vectors_of([draft], self.key, view)
                into = self._nearest(draft, topics, vectors, view)
                if into is not None:
                    draft = self._joined(into, draft, members, view)
                    vectors |= vectors_of([draft], self.key, view)
                topics[draft.id] = draft
        for page in leaving:
            yield Op.move(page, MIDDLE, reason="left the queue", actor=self.name)
        for topic in topics.values():
            before = first.get(topic.id)
            if before is None:
                yield Op.add(topic, reason="a topic of its own", actor=self.name)
            elif before.derived_from != topic.derived_from:
                yield Op.update(before, topic, reason="goes on", actor=self.name)
            for page_id in topic.derived_from[len(before.derived_from) if before else 0 :]:
                yield Op.link(Edge(src=topic.id, dst=page_id, rel="child"), actor=self.name)

    def _chains(self, leaving: Sequence[Record], view: View) -> Iterable[list[Record]]:
        of_event = {span.source: page for page in leaving for span in page.sources}
        known = view.events(list(of_event))
        sessions: dict[str, list[Event]] = {}
        for event_id in of_event:
            if event_id in known:
                sessions.setdefault(known[event_id].session, []).append(known[event_id])
        for events in sessions.values():
            for segment in self.segmenter.split(events, view, closed=True):
                chain = dict.fromkeys(of_event[event.id].id for event in segment.events)
                held = {page.id: page for page in leaving}
                yield [held[page_id] for page_id in chain]

    def _themes(self, chain: Sequence[Record], view: View) -> Iterable[tuple[Mapping[str, Any], list[Record]]]:
        aliases = AliasMap()
        of_event = {span.source: page for page in chain for span in page.sources}
        events = view.events(list(of_event))
        lines = [(events[i], of_event[i].value) for i in of_event if i in events]
        asked = {"turns": shown_turns(lines, aliases), "instruction": self.instruction}
        themes = list(view.tools.ask(self.task, asked)["records"])[: self.most]
        owner = dict.fromkeys((page.id for page in chain), 0)
        for place, theme in reversed(list(enumerate(themes))):
            owner.update((of_event[i].id, place) for i in ids_of(theme.get("turns", ()), aliases))
        for place, theme in enumerate(themes):
            members = [page for page in chain if self.published or owner[page.id] == place]
            if members:
                yield theme, members

    def _draft(self, theme: Mapping[str, Any], members: Sequence[Record], view: View) -> Record:
        text = f"{theme['title']}: {theme['text']}"
        return Record(
            id=view.tools.new_id(),
            kind=self.topic,
            value=text,
            keys={self.key: Key(text)},
            fields={"keywords": sorted(set(terms(str(theme["title"]))))},
            epistemic="inference",
            tier=TOPICS,
            times=Times(event=_span(members)),
            derived_from=tuple(page.id for page in members),
        )

    def _nearest(
        self, draft: Record, topics: Mapping[str, Record], vectors: Mapping[str, Any], view: View
    ) -> Record | None:
        chance = view.tools.threshold(self.quantile)
        best, limit = None, self.join
        for topic in topics.values():
            if topic.id not in vectors:
                continue
            cosine = (float(vectors[draft.id] @ vectors[topic.id]) - chance) / (1.0 - chance)
            mine, theirs = set(draft.fields["keywords"]), set(topic.fields.get("keywords", ()))
            alike = cosine + len(mine & theirs) / max(len(mine | theirs), 1)
            if alike >= limit:
                best, limit = topic, alike
        return best

    def _joined(self, topic: Record, draft: Record, members: Sequence[Record], view: View) -> Record:
        text = self.fold.fold(topic, [draft], self.tokens, view).value
        pages = tuple(dict.fromkeys((*topic.derived_from, *draft.derived_from)))
        words = sorted({*topic.fields.get("keywords", ()), *draft.fields["keywords"]})
        spans = [span for span in (topic.times.event, _span(members)) if span]
        event = Interval(min(s.start for s in spans), max(s.end for s in spans)) if spans else None
        return topic.with_(
            value=text,
            keys={self.key: Key(text)},
            fields={**topic.fields, "keywords": words},
            derived_from=pages,
            times=Times(event=event),
        )


def _span(pages: Sequence[Record]) -> Interval | None:
    times = [when for page in pages if (when := when_of(page)) is not None]
    return Interval(min(times), max(times)) if times else None
