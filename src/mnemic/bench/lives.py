"""Lives: small made-up lives told in dated turns amid chatter, and questions about what is true of them by now.

A life is a world of facts that are stated, changed, ended, rest on one another in chains of two to four, and are at
times said once more. Every turn that tells a fact carries it as a given extraction, which is all that a system gets
besides the words. What is right follows from the life's own world, which shares no code with the engine. Six kinds:

    exact      the value that holds        track     the one before it          aggregate  all values held side by side
    delete     it was ended                cascade   what a change put in doubt, and what it did not
    absence    it was never said, though the person, or the attribute of another person, is known

The same seed gives the same life. Seeds under 100 are for adjusting; held-out lives also ask in words of their own.
Source: this project.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mnemic.bench.answers import Check
from mnemic.bench.lives_words import Trait, words_of_lives
from mnemic.bench.suite import Conversation, Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.core.times import instant

KINDS = ("exact", "aggregate", "track", "delete", "cascade", "absence")
#: Lives that are measured unless others are named; the first held-out seed.
HELD_OUT = 100
LIVES = (HELD_OUT, HELD_OUT + 19)
DOUBT = ("uncertain", "in doubt", "no longer certain", "not certain", "unsure", "may have changed")
GONE = ("no longer", "not any more", "no more", "ended", "none", "nothing")
UNKNOWN = ("nothing is remembered", "nothing is known", "never mentioned", "not known", "unknown", "no record")
_START = instant("2025-01-06T18:00:00")
_EACH = {"exact": 8, "aggregate": 6, "track": 6, "delete": 6, "cascade": 10, "absence": 6}
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six")


@dataclass
class Fact:
    """A trait of a person over time: values with their days and events; None is an ending."""

    person: str
    trait: Trait
    line: list[tuple[int, str | None, str]] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)

    @property
    def value(self) -> str | None:
        """What holds now."""
        return self.line[-1][1] if self.line else None

    @property
    def values(self) -> list[str]:
        """All values that it had, one after the other; what was only said once more counts once."""
        said = [value for _, value, _ in self.line if value is not None]
        return [value for place, value in enumerate(said) if not place or value != said[place - 1]]


@dataclass
class World:
    """The facts of a life, and which of them are in doubt."""

    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)

    def of(self, person: str, trait: Trait) -> Fact:
        """The fact of a person's trait, made when it is new."""
        return self.facts.setdefault((person, trait.attribute), Fact(person, trait))

    def doubted(self, fact: Fact) -> bool:
        """Whether what a fact rests on changed, or is in doubt itself, since the fact was last said."""
        below = self.facts.get((fact.person, fact.trait.rests_on))
        if below is None or not fact.line or fact.value is None:
            return False
        said = fact.line[-1][0]
        then = [value for day, value, _ in below.line if day <= said]
        return bool(then) and (then[-1] != below.value or (self.doubted(below)))

    def above(self, fact: Fact) -> list[Fact]:
        """What rests on a fact, directly or through others."""
        direct = [
            other
            for other in self.facts.values()
            if other.person == fact.person and other.trait.rests_on == fact.trait.attribute and other.line
        ]
        return [*direct, *(far for near in direct for far in self.above(near))]


def load_lives(seeds: str = "") -> Suite:
    """The lives of seeds ``"first-last"``, the held-out ones when none are named.

    Raises BadInput when the seeds are no such range.

    >>> suite = load_lives("3-4")
    >>> [conversation.id for conversation in suite.conversations], sorted(suite.categories) == sorted(KINDS)
    (['life-3', 'life-4'], True)
    """
    first, _, last = seeds.partition("-")
    try:
        low, high = (int(first), int(last or first)) if seeds else LIVES
    except ValueError:
        raise BadInput(f"suite: lives/{seeds}: give seeds such as lives/0-4") from None
    if not 0 <= low <= high:
        raise BadInput(f"suite: lives/{seeds}: give seeds from low to high, such as lives/0-4")
    return Suite("lives", tuple(life(seed) for seed in range(low, high + 1)))


def life(seed: int) -> Conversation:
    """One life and the questions about it."""
    return _Teller(seed).told()


class _Teller:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(f"lives {seed}")
        self.world = World()
        self.events: list[Event] = []
        self.day = 0
        self.words = words_of_lives()
        self.me, self.other, self.stranger = self.rng.sample(self.words.names, 3)

    def told(self) -> Conversation:
        """The whole life, then the questions."""
        mine = list(self.words.single)
        theirs = self.rng.sample(self.words.single, 4)
        groups = self.rng.sample(self.words.many, 3)
        first: list[tuple[str, Trait]] = [(self.me, trait) for trait in mine] + [(self.other, t) for t in theirs]
        self.rng.shuffle(first)
        first += [(self.me, trait) for trait in self.words.resting]
        for person, trait in first:
            self._state(person, trait)
        for person, some in ((self.me, groups), (self.other, groups[:1])):
            for trait in some:
                for _ in range(self.rng.randint(2, 4)):
                    self._add(person, trait)
        later = [(self.me, trait) for trait in mine] + [(self.other, trait) for trait in theirs]
        self.rng.shuffle(later)
        for person, trait in later:
            self._later(person, trait)
        for trait in groups:
            self._remove(self.me, trait)
            if self.rng.random() < 0.5:
                self._add(self.me, trait)
        for fact in [fact for fact in self.world.facts.values() if self.world.doubted(fact)]:
            if self.world.doubted(fact) and self.rng.random() < 0.25:
                self._state(self.me, fact.trait, same=self.rng.random() < 0.5)
        return Conversation(f"life-{self.seed}", tuple(self.events), tuple(self._probes()))

    # What happens.

    def _later(self, person: str, trait: Trait) -> None:
        chance = self.rng.random()
        if trait.ended and chance < 0.35:
            self._end(person, trait)
        elif trait.changed and chance < 0.75:
            self._state(person, trait)
            if self.rng.random() < 0.3:
                self._state(person, trait)

    def _state(self, person: str, trait: Trait, *, same: bool = False) -> None:
        fact = self.world.of(person, trait)
        used = set(fact.values)
        free = [value for value in trait.values if value not in used and not self._taken(trait, value)]
        value = fact.value if same and fact.value else self.rng.choice(free)
        wordings = trait.changed if fact.line and trait.changed else trait.told
        note: dict[str, object] = {"subject": person, "attribute": trait.attribute, "value": value}
        note["text"] = trait.noted.format(p=person, v=value)
        rests = [{"subject": person, "attribute": trait.rests_on}] if trait.rests_on else []
        event = self._say(person, self.rng.choice(wordings).format(v=value), {**note, "rests_on": rests})
        fact.line.append((self.day, value, event))

    def _taken(self, trait: Trait, value: str) -> bool:
        return any(value in fact.values for fact in self.world.facts.values() if fact.trait is trait)

    def _end(self, person: str, trait: Trait) -> None:
        fact = self.world.of(person, trait)
        words, _ = self.rng.choice(trait.ended)
        note = {
            "subject": person,
            "attribute": trait.attribute,
            "value": "",
            "ended": True,
            "text": f"{person}: {words}",
        }
        event = self._say(person, words, {**note, "text": f"{person}: {words}"})
        fact.line.append((self.day, None, event))

    def _add(self, person: str, trait: Trait) -> None:
        fact = self.world.of(person, trait)
        free = [v for v in trait.values if v not in fact.held and v not in fact.removed and not self._known(trait, v)]
        if not free:
            return
        value = self.rng.choice(free)
        note: dict[str, object] = {"subject": person, "attribute": trait.attribute, "value": value}
        note["text"] = trait.noted.format(p=person, v=value)
        fact.held[value] = self._say(person, self.rng.choice(trait.told).format(v=value), note)

    def _known(self, trait: Trait, value: str) -> bool:
        return any(value in other.held for other in self.world.facts.values() if other.trait is trait)

    def _remove(self, person: str, trait: Trait) -> None:
        fact = self.world.of(person, trait)
        value = self.rng.choice(sorted(fact.held))
        words = self.rng.choice(trait.ended)[0].format(v=value)
        note = {"subject": person, "attribute": trait.attribute, "value": value, "ended": True}
        fact.removed[value] = self._say(person, words, {**note, "text": f"{person}: {words}"})
        del fact.held[value]

    # How it is told.

    def _say(self, person: str, words: str, fact: dict[str, object]) -> str:
        self.day += self.rng.randint(2, 12)
        turns: list[tuple[str, str, dict[str, object]]] = []
        for _ in range(self.rng.randint(0, 2)):
            turns.append(("user", self.rng.choice(self.words.chatter), {}))
            turns.append(("assistant", self.rng.choice(self.words.replies), {}))
        if person != self.me:
            words = self.rng.choice(self.words.about_other).format(p=person, s=words)
        turns += [("user", words, {"facts": [fact]}), ("assistant", self.rng.choice(self.words.replies), {})]
        if self.rng.random() < 0.5:
            turns.append(("user", self.rng.choice(self.words.chatter), {}))
        told = ""
        for place, (role, text, meta) in enumerate(turns):
            event = Event(
                id=f"life-{self.seed}:{len(self.events)}",
                session=f"day-{self.day}",
                role=role,
                actor=self.me if role == "user" else "assistant",
                parts=(Part("text", text),),
                occurred_at=self._when(place),
                meta=meta,
            )
            told = event.id if meta else told
            self.events.append(event)
        return told

    def _when(self, place: int) -> datetime:
        return _START + timedelta(days=self.day, minutes=place)

    # What is asked.

    def _probes(self) -> list[Probe]:
        out: list[Probe] = []
        for kind in KINDS:
            found = getattr(self, f"_{kind}")()
            self.rng.shuffle(found)
            for number, (question, check, evidence, answer) in enumerate(found[: _EACH[kind]]):
                name = f"life-{self.seed}:{kind}:{number}"
                out.append(Probe(name, question, kind, kind, evidence, answer, self._when(1440), check))
        return out

    def _worded(self, wordings: Sequence[str], **names: str | None) -> str:
        held_out = self.seed >= HELD_OUT and self.rng.random() < 0.5
        return (wordings[-1] if held_out else self.rng.choice(wordings[:-1])).format(**names)

    def _lines(self, *, many: bool = False) -> list[Fact]:
        return [fact for fact in self.world.facts.values() if fact.trait.many == many]

    def _exact(self) -> list[_Question]:
        out: list[_Question] = []
        for fact in self._lines():
            if fact.value is not None and not self.world.doubted(fact):
                former = tuple(value for value in fact.values if value != fact.value)
                question = self._worded(fact.trait.asked, p=fact.person)
                out.append((question, Check(((fact.value,),), former), (fact.line[-1][2],), fact.value))
        return out

    def _track(self) -> list[_Question]:
        out: list[_Question] = []
        for fact in self._lines():
            if fact.trait.before and fact.value is not None and len(fact.values) > 1:
                before = fact.values[-2]
                question = self._worded(fact.trait.before, p=fact.person, v=fact.value)
                event = next(told for _, value, told in fact.line if value == before)
                out.append((question, Check(((before,),), (fact.value,)), (event,), before))
        return out

    def _aggregate(self) -> list[_Question]:
        out: list[_Question] = []
        for fact in self._lines(many=True):
            held = sorted(fact.held)
            for wording in range(2):
                question = self._worded(fact.trait.asked, p=fact.person)
                number = ((str(len(held)), _NUMBERS[len(held)]),) if question.startswith("How many") else ()
                groups = (*number, *((value,) for value in held))
                if held and (not out or wording == 0 or question not in {one[0] for one in out}):
                    check = Check(groups, tuple(fact.removed), several=True)
                    out.append((question, check, tuple(fact.held.values()), "; ".join(held)))
        return out

    def _delete(self) -> list[_Question]:
        out: list[_Question] = []
        for fact in self._lines():
            if fact.value is None and fact.line:
                question = self._worded(fact.trait.gone, p=fact.person, v=fact.values[-1])
                cues = tuple(cue for _, cue in fact.trait.ended)
                out.append((question, Check(((*GONE, *cues),), ("Yes",)), (fact.line[-1][2],), "no longer"))
        for fact in self._lines(many=True):
            for value, event in fact.removed.items():
                question = self._worded(self.words.still_among, p=fact.person, v=value, a=fact.trait.attribute)
                cues = tuple(cue for _, cue in fact.trait.ended)
                out.append((question, Check(((*GONE, *cues),), ("Yes",)), (event,), "no longer"))
        return out

    def _cascade(self) -> list[_Question]:
        out: list[_Question] = []
        for fact in self._lines():
            resting = [other for other in self.world.above(fact) if other.value is not None]
            if fact.trait.sure and fact.value is not None:
                question = self._worded(fact.trait.sure, p=fact.person, v=fact.value)
                doubted = self.world.doubted(fact)
                check = Check((DOUBT,), ("Yes",)) if doubted else Check((("yes", "still"),), DOUBT)
                out.append((question, check, (fact.line[-1][2],), "uncertain" if doubted else "yes"))
            changed = len(fact.values) > 1 or fact.value is None
            shaken = [other for other in resting if self.world.doubted(other)]
            if fact.trait.touched and changed and shaken:
                former = fact.values[-2] if fact.value is not None else fact.values[-1]
                wordings = [text for text in fact.trait.touched if "{v}" not in text or fact.value is not None]
                question = self._worded(wordings * (1 + (len(wordings) == 1)), p=fact.person, v=fact.value, w=former)
                # What a doubt comes from may be named as its reason.
                reasons = {other.trait.rests_on for other in shaken}
                settled = (o for o in self._lines() if o.trait.rests_on and o not in shaken)
                firm = {o.value for o in settled if o.value and o.trait.attribute not in reasons}
                hold = tuple((other.value or "",) for other in shaken)
                check = Check(hold, tuple(sorted(v for v in firm if v)), several=True)
                events = tuple(other.line[-1][2] for other in shaken)
                out.append((question, check, events, "; ".join(other.value or "" for other in shaken)))
        return out

    def _absence(self) -> list[_Question]:
        check = Check((UNKNOWN,))
        known = {(fact.person, fact.trait.attribute) for fact in self.world.facts.values()}
        asked = [(person, text) for person in (self.me, self.other) for text in self.rng.sample(self.words.never, 3)]
        traits = (*self.words.single, *self.words.resting)
        asked += [(self.other, trait.asked) for trait in traits if (self.other, trait.attribute) not in known]
        asked += [(self.stranger, trait.asked) for trait in self.rng.sample(self.words.single, 2)]
        return [(self._worded(wordings, p=person), check, (), "never said") for person, wordings in asked]


_Question = tuple[str, Check, tuple[str, ...], str]
