"""Find topics: which stretches of a conversation belong together, each with a heading and a summary."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any

from mnemic.core.analysis import terms
from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import READ, aliases, central

#: Turns on either side of a gap that are compared, and the fewest turns of a topic.
WINDOW = 3
LEAST = 3
TOPICS = 20


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most 20 topics, resting on turns that were shown."""
    topic = Fields(
        of={
            "title": Text("the topic in a few words", most=100),
            "text": Text("what was said on it, understandable alone", most=600),
            "turns": Items("the turns on it", True, Alias(shown=aliases(inputs["turns"])), 200),
        }
    )
    return Fields(of={"records": Items(of=topic, most=TOPICS)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """A topic ends where the turns before and after a gap have much less in common than those around other gaps.

    depth(gap) = rise of the likeness to its peak on the left + on the right;   cut where depth > mean + ½ deviation

    This is M. A. Hearst, "TextTiling", Computational Linguistics 23(1), 1997, over turns.

    >>> turns = [{"alias": str(i), "text": t} for i, t in enumerate(["Rex barks", "Rex the dog barks", "dog Rex sleeps",
    ...          "Lisbon trams run", "trams in Lisbon", "old Lisbon trams"])]
    >>> [topic["turns"] for topic in rule({"turns": turns})["records"]]
    [['0', '1', '2'], ['3', '4', '5']]
    """
    turns = inputs["turns"]
    ends = [0, *_cuts([Counter(terms(turn["text"])) for turn in turns]), len(turns)]
    return {"records": [_topic(turns[low:high]) for low, high in pairwise(ends) if high > low]}


def _cuts(bags: list[Counter[str]]) -> list[int]:
    total = len(bags)
    alike = [_cosine(bags[max(0, gap - WINDOW) : gap], bags[gap : gap + WINDOW]) for gap in range(1, total)]
    if not alike:
        return []
    depths = [_peak(alike[: i + 1][::-1]) + _peak(alike[i:]) - 2 * alike[i] for i in range(len(alike))]
    floor = mean(depths) + pstdev(depths) / 2
    cuts: list[int] = []
    for gap in sorted(range(1, total), key=lambda gap: -depths[gap - 1]):
        apart = min((abs(gap - other) for other in (0, total, *cuts)), default=total)
        if depths[gap - 1] > floor and apart >= LEAST and len(cuts) < TOPICS - 1:
            cuts.append(gap)
    return sorted(cuts)


def _cosine(before: list[Counter[str]], after: list[Counter[str]]) -> float:
    left, right = sum(before, Counter[str]()), sum(after, Counter[str]())
    size = math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
    return sum(n * right[term] for term, n in left.items()) / size if size else 0.0


def _peak(values: list[float]) -> float:
    """How high the values rise from the first one before they fall again."""
    top = values[0]
    for value in values:
        if value < top:
            break
        top = value
    return top


def _topic(run: list[Mapping[str, Any]]) -> dict[str, Any]:
    lines = [f"{turn['speaker']}: {turn['text']}" if turn.get("speaker") else turn["text"] for turn in run]
    text = central(lines, 600) or "nothing"
    return {"title": central(lines, 100) or "nothing", "text": text, "turns": list(aliases(run))[:200]}


TASK = Task(
    name="find_topics",
    summary="stretches of a conversation by topic, each summarised",
    prompt="""Sort the turns by topic. Give each topic a heading, a summary that can be understood alone, and the turns
on it, in order. Every turn belongs to one topic.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered topics: {known}
Turns: {turns}""",
    inputs=READ,
    output=output,
    remembered=("known",),
    rule=rule,
)
