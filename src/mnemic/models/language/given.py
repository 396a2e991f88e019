"""Given extractions: facts and session summaries that a data set carries stand in for what a model would extract.

    answer(task, turns) = rule(task, turns with their given facts in place of their text)

A task whose answer is a list of things resting on ``turns`` (records, tool calls) gets the facts of the turns that it
was shown, put into its own form by its rule: triples out of triples' rule, notes out of the notes' rule. A task whose
answer is one ``text`` over turns gets the summary of their session. So systems built on facts can be compared without
any model, and a task that is new needs nothing here. Every other task is answered by rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.evidence import Event, canonical, sha
from mnemic.core.shape import Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.language.port import LanguageModel, Reply, Usage
from mnemic.models.language.rules import RuleModel
from mnemic.models.tasks.parts import central

#: A summary stands for the turns shown when they are at least this share of their session.
WHOLE_SESSION = 0.5
#: A turn that tells nothing. A task that has a record even of it gives every turn a place.
_NOTHING = {"alias": "0", "speaker": "", "when": "", "text": "Really?"}


@dataclass(frozen=True, slots=True)
class Extractions:
    """What a data set knows of its events: facts by event id, summaries by session.

    >>> bool(Extractions()), bool(Extractions(facts={"e1": ("Anna moved.",)}))
    (False, True)
    """

    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    summaries: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.facts or self.summaries)

    @property
    def sha(self) -> str:
        """Hash of all of it."""
        return sha(canonical([{id_: list(facts) for id_, facts in self.facts.items()}, dict(self.summaries)]))


class GivenExtractions:
    """A language model for one history whose extractions are known; see the module for what it answers.

    A turn is known again by its speaker, minute and text (or what a compressor left of it), since a model never sees
    ids. A turn without a fact is left out where the task picks what is worth remembering, and kept where it gives every
    turn a place (notes, topics).

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.task import task_named
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "I did it! Lisbon!"),), actor="Anna",
    ...              occurred_at=instant("2026-06-02"))
    >>> known = Extractions({"e1": ["Anna moved to Lisbon."]}, {"s": "Anna tells of her move."})
    >>> model = GivenExtractions([turn], known)
    >>> shown = {"turns": [{"alias": "0", "speaker": "Anna", "when": "2026-06-02 00:00", "text": "I did it! Lisbon!"}]}
    >>> model.ask(task_named("extract_facts"), shown).answer["records"]
    [{'text': 'Anna moved to Lisbon.', 'turns': ['0']}]
    >>> model.ask(task_named("extract_triples"), shown).answer["records"]
    [{'head': 'Anna', 'relation': 'moved to', 'tail': 'Lisbon', 'turns': ['0']}]
    >>> model.ask(task_named("summarise"), {**shown, "tokens": 50}).answer
    {'text': 'Anna tells of her move.'}
    """

    def __init__(
        self, events: Iterable[Event], extractions: Extractions, otherwise: LanguageModel | None = None
    ) -> None:
        self._otherwise = RuleModel() if otherwise is None else otherwise
        self._facts, self._summaries = extractions.facts, extractions.summaries
        self._turns: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._sizes: dict[str, int] = defaultdict(int)
        for event in events:
            self._turns[event.speaker, f"{event.occurred_at:%Y-%m-%d %H:%M}"].append(event)
            self._sizes[event.session] += 1

    #: Answers cost nothing: they need no budget and are not kept.
    free = True

    @property
    def name(self) -> str:
        """What reports call it."""
        return "given"

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        """The given facts or summary in the task's form; else what the model behind says."""
        turns, shape = inputs.get("turns"), task.shape(inputs).of
        if not turns or task.rule is None:
            return self._otherwise.ask(task, inputs)
        shown = [self._event(turn) for turn in turns]
        if listed := next((name for name, part in shape.items() if _rests_on_turns(part)), ""):
            return self._otherwise.ask(task, {**inputs, "turns": self._told(task, listed, inputs, shown)})
        if list(shape) == ["text"] and isinstance(shape["text"], Text):
            text = self._summary(shown)
            if text:
                return Reply({"text": central([text], shape["text"].most)}, Usage())
        return self._otherwise.ask(task, inputs)

    def _event(self, turn: Mapping[str, Any]) -> Event | None:
        """The event that a turn shows; of a part of it, the event that holds the part."""
        same = self._turns.get((turn.get("speaker") or "", turn.get("when") or ""), [])
        text = " ".join(turn["text"].split())
        held = {event.id: " ".join(event.text.split()) for event in same}
        whole = [event for event in same if held[event.id] == text]
        part = [event for event in same if text and (text in held[event.id] or held[event.id] in text)]
        shortened = [event for event in same if text and not part and _left_of(text, event)]
        return next(iter(whole or part or shortened), None)

    def _told(
        self, task: Task, listed: str, inputs: Mapping[str, Any], shown: Sequence[Event | None]
    ) -> list[dict[str, Any]]:
        """The turns with their facts as text: those that have some, or all where each turn is given a place."""
        keeps_all = task.rule is not None and bool(task.rule({**inputs, "turns": [_NOTHING]})[listed])
        out = []
        for turn, event in zip(inputs["turns"], shown, strict=True):
            facts = self._facts.get(event.id, ()) if event is not None else ()
            if facts:
                out.append({**turn, "speaker": "", "text": "\n".join(facts)})
            elif keeps_all:
                out.append(dict(turn))
        return out

    def _summary(self, shown: Sequence[Event | None]) -> str:
        """The summaries of the sessions of which most is shown, in the order of the turns."""
        count: dict[str, int] = defaultdict(int)
        for event in shown:
            if event is not None:
                count[event.session] += 1
        known = [s for s in count if s in self._summaries and count[s] >= WHOLE_SESSION * self._sizes[s]]
        return "\n".join(self._summaries[session] for session in known)


def _rests_on_turns(part: Any) -> bool:
    return isinstance(part, Items) and isinstance(part.of, Fields) and "turns" in part.of.of


def _left_of(text: str, event: Event) -> bool:
    """Whether all words of a text stand in an event or its captions, in the same order."""
    rest = iter(" ".join((event.text, *(f"[image: {caption}]" for caption in event.captions))).split())
    return all(word in rest for word in text.split())
