"""Shapes and rules that tasks share: turns, remembered lines, options, and what they have in common by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Alias, Fields, Items, Text, Whole

SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])")

LONG = Text(most=200_000, optional=True)
TURN = Fields(
    of={
        "alias": Alias(),
        "speaker": Text(most=1000, optional=True),
        "when": Text(most=40, optional=True),
        "text": LONG,
    }
)
TURNS = Items(of=TURN, most=10_000)
EARLIER = Items(of=TURN, most=1000, optional=True)
OPTION = Fields(of={"alias": Alias(), "text": LONG, "when": Text(most=40, optional=True)})
OPTIONS = Items(of=OPTION, most=10_000)
KNOWN = Items(of=OPTION, most=1000, optional=True)
NAMED = Items(of=Fields(of={"name": Text(most=60), "about": Text(most=600, optional=True)}), most=60)
INSTRUCTION = Text(most=4000, optional=True)
WHOLE_NUMBER = Whole(low=1)
#: What every task is given that makes records of turns.
READ = Fields(of={"turns": TURNS, "earlier": EARLIER, "known": KNOWN, "instruction": INSTRUCTION})


def aliases(items: Iterable[Mapping[str, Any]], name: str = "alias") -> tuple[str, ...]:
    """The aliases of what is shown.

    >>> aliases([{"alias": "0"}, {"alias": "1"}])
    ('0', '1')
    """
    return tuple(str(item[name]) for item in items)


def room(turns: Sequence[Any], least: int = 20, most: int = 100) -> int:
    """How many records may be made of turns: two a turn, so that a whole session is not cut short, within bounds.

    >>> room(["turn"] * 3), room(["turn"] * 30), room(["turn"] * 300)
    (20, 60, 100)
    """
    return min(max(least, 2 * len(turns)), most)


def shared(first: str, second: str) -> float:
    """The share of the first text's terms that the second holds, 0..1.

    >>> shared("green tea", "a cup of tea")
    0.5
    """
    wanted = set(terms(first))
    return len(wanted.intersection(terms(second))) / len(wanted) if wanted else 0.0


def holds(whole: str, part: str) -> bool:
    """Whether a text says all of another: its terms stand in it in the same order (who does it to whom matters).

    >>> holds("Anna likes green tea", "Anna likes tea"), holds("Ben likes Anna", "Anna likes Ben")
    (True, False)
    """
    wanted, rest = terms(part), iter(terms(whole))
    return bool(wanted) and all(term in rest for term in wanted)


def told(turn: Mapping[str, Any]) -> list[str]:
    """The sentences of a turn that tell something, each with who said it; questions and exclamations are left out.

    >>> told({"speaker": "Anna", "text": "Hi! I moved to Lisbon in May. Is it far?"})
    ['Anna: I moved to Lisbon in May.']
    """
    sentences = [s.strip() for s in SENTENCES.split(turn["text"]) if s.strip()]
    kept = [s for s in sentences if not s.endswith("?") and len(set(terms(s))) >= 2]
    head = f"{turn['speaker']}: " if turn.get("speaker") else ""
    return [head + sentence for sentence in kept]


def central(texts: Iterable[str], characters: int) -> str:
    """The sentences that say most of what all say, in their order, within a number of characters.

    >>> central(["Rex is a dog. Rex the dog barks. It rained."], 16)
    'Rex is a dog.'
    """
    sentences = list(dict.fromkeys(s.strip() for text in texts for s in SENTENCES.split(text) if s.strip()))
    bags = {sentence: terms(sentence) for sentence in sentences}
    share: dict[str, float] = {}
    for bag in bags.values():
        for term in bag:
            share[term] = share.get(term, 0.0) + 1.0
    total = sum(share.values()) or 1.0
    share = {term: count / total for term, count in share.items()}
    left, taken, size = [s for s in sentences if bags[s]], set[str](), 0
    while left:
        best = max(left, key=lambda s: sum(share[term] for term in bags[s]) / len(bags[s]))
        left.remove(best)
        if size + len(best) + 1 <= characters:
            taken.add(best)
            size += len(best) + 1
            for term in set(bags[best]):
                share[term] **= 2
    if not taken:
        return (sentences[0] if sentences else "")[:characters].rstrip()
    return "\n".join(sentence for sentence in sentences if sentence in taken)
