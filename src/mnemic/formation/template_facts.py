"""Template facts: bare statements of one form ("the capital of X is Y") become facts, by grammar alone.

    definite description:   the A of S (is|was) V          slot (S, "A of")
    copula and phrase:      S is a A of V, S was A-ed in V   slot (S, "is a A of")
    verb and phrase:        S plays the A of V               slot (S, "plays the A of")

What varies between two statements of one form is the subject and the value; all other words name the attribute.
Names are told by their capitals. A statement about the value of which nothing frames it is left alone.
Source: this project; the task of aligning statements is that of FactConsolidation, Y. Hu et al., arXiv 2507.05257.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from mnemic.core.evidence import Event, Segment, Span, sha
from mnemic.core.facts import as_fact
from mnemic.core.record import Record
from mnemic.core.stage import Extractor
from mnemic.core.times import Interval, Times
from mnemic.core.view import View

_PREPOSITION = r"(?:of|in|by|with|for|to|at|on|from|as)"
_NAMED = r"(?:the (?:[a-z-]+ ){1,2}?of )?"
_COPULA = re.compile(r" (is|are|was|were) ")
_RELATIVE = re.compile(r"\b(?:where|that|who|which|whose)\b")
_PHRASE = re.compile(rf"((?:(?:an?|the) )?(?:[a-z][a-z-]* )*?{_PREPOSITION} {_NAMED})(\S.*)")
_VERB = re.compile(rf" ([a-z]+(?:s|ed)) ({_PREPOSITION} {_NAMED}|the (?:[a-z-]+ ){{1,2}}?of )(\S.*)")
_PARTICIPLE = re.compile(rf"\w+ed {_PREPOSITION}\b")
_POSSESSIVE = re.compile(r"(.*\S)['’]s? ([a-z][a-z -]*)")
_NUMBERED = re.compile(r"^\s*(?:\d+[.):]|[-*•])\s+")
_ABBREVIATION = re.compile(r"(?:\.[A-Z]|\b(?:Jr|Sr|Inc|Ltd|Co|Corp))\.$")
#: What stands for something else is no subject.
_PRONOUN = re.compile(r"^(?i:i|it|this|that|these|those|he|she|they|we|you|there|here|what|who|how|my|his|her|their|"
    r"our|your|its|one|everything|nothing|something|everyone|and|but|so|if|when|because)\b(?!\s+[A-Z])")  # fmt: skip


class Stated(NamedTuple):
    """What a statement says."""

    subject: str
    attribute: str
    value: str


def stated(sentence: str) -> Stated | None:
    """The parts of a bare statement, or None when it has none of the forms.

    >>> tuple(stated("The capital of France is Paris."))
    ('France', 'capital of is', 'Paris')
    >>> tuple(stated("The type of music that Big Sean plays is jazz"))
    ('Big Sean', 'type of music that plays is', 'jazz')
    >>> tuple(stated("Amala Paul is a citizen of India"))
    ('Amala Paul', 'is a citizen of', 'India')
    >>> tuple(stated("Lisa Leslie plays the position of center"))
    ('Lisa Leslie', 'plays the position of', 'center')
    >>> stated("That was fun"), stated("Good morning")
    (None, None)
    """
    text = sentence.strip()
    # The stop of "Washington, D.C." ends the sentence too.
    text = text if _ABBREVIATION.search(text) else text.removesuffix(".").rstrip()
    if not text or text[-1] in "?!:" or _PRONOUN.match(text):
        return None
    copulas = list(_COPULA.finditer(text))
    if not copulas:
        verb = _VERB.search(text)
        if verb is None:
            return None
        return Stated(text[: verb.start()], f"{verb[1]} {verb[2]}".strip(), verb[3])
    # "The university where X was educated is Y": the clause has a copula of its own.
    main = copulas[-1] if _RELATIVE.search(text[: copulas[0].start()]) else copulas[0]
    left, right = text[: main.start()], text[main.end() :]
    described = _described(left)
    phrase = _PHRASE.fullmatch(right)
    if described is not None:
        subject, attribute = described
        if phrase is None or not _PARTICIPLE.match(right):
            return Stated(subject, f"{attribute} {main[1]}", right)
        return Stated(subject, f"{attribute} {main[1]} {phrase[1]}".strip(), phrase[2])
    if phrase is None:
        head, of, subject = left.removeprefix("The ").partition(" of ")
        # "The President of Malta is Anna Borg": a title is written with capitals, and so is who bears it.
        return Stated(subject, f"{head} of {main[1]}", right) if of and _capital(right.split()[0]) else None
    return Stated(left, f"{main[1]} {phrase[1]}".strip(), phrase[2])


def _described(left: str) -> tuple[str, str] | None:
    """Subject and attribute of a definite description ("The author of X", "X's child")."""
    given = left.split()
    if given[0] in ("The", "the") and len(given) > 1 and not _capital(given[1]):
        rest = given[1:]
        capitals = [place for place, word in enumerate(rest) if _capital(word)]
        if not capitals:
            attribute, _, subject = " ".join(rest).partition(" of ")
            return (subject, f"{attribute} of") if subject else None
        first, last = capitals[0], capitals[-1] + 1
        if re.fullmatch(_PREPOSITION, rest[first - 1]):
            last = len(rest)
        return " ".join(rest[first:last]), " ".join((*rest[:first], *rest[last:]))
    possessive = _POSSESSIVE.fullmatch(left)
    return (possessive[1], possessive[2]) if possessive else None


def _capital(word: str) -> bool:
    return any(character.isupper() or character.isdigit() for character in word)


@dataclass(frozen=True)
class TemplateFacts(Extractor):
    """A fact for each line of an event that is nothing but a statement, numbered or not.

    Parameters: ``kind`` of the records; ``longest`` line that is read, in characters: what is longer tells more than
    one thing.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.times import instant
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", "12. The capital of France is Oslo."),),
    ...              occurred_at=instant("2026-06-02"))
    >>> fact, = TemplateFacts().extract(Segment((turn,)), view=None)
    >>> fact.value, fact.fields["value"], fact.tags[0]
    ('The capital of France is Oslo.', 'Oslo', 'slot:france|capital of is')
    """

    name: ClassVar[str] = "template_facts"
    sight: ClassVar[str] = "event"

    kind: str = "semantic"
    longest: int = 200

    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """A draft for each statement."""
        for event in segment.events:
            if event.meta.get("facts"):
                continue
            place = 0
            for line in event.text.split("\n"):
                start = place
                place += len(line) + 1
                if len(line) > self.longest:
                    continue
                text = _NUMBERED.sub("", line).strip()
                said = stated(text) if text else None
                if said is not None:
                    yield self._draft(text, said, event, start, start + len(line))

    def _draft(self, text: str, said: Stated, event: Event, start: int, end: int) -> Record:
        return as_fact(
            Record(
                id="",
                kind=self.kind,
                value=text,
                fields={**said._asdict(), "many": False, "by_grammar": True},
                epistemic="inference",
                times=Times(event=Interval(event.occurred_at, event.occurred_at)),
                sources=(Span(event.id, start, end, sha(event.text[start:end])[:16]),),
                session=event.session,
                actor=event.actor,
                role=event.role,
            )
        )
