"""Mine attributes: what a text tells, as pairs of an attribute and its value, most telling first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import STOP_WORDS, words
from mnemic.core.names import FILLER_WORDS, find_names
from mnemic.core.shape import Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG, WHOLE_NUMBER

#: Words that name a feeling outright.
FEELINGS = frozenset(
    """afraid amazed angry annoyed anxious ashamed bored calm confident confused curious delighted disappointed
    embarrassed excited exhausted frustrated glad grateful happy hopeful hurt inspired jealous joy lonely nervous
    overwhelmed proud relaxed relieved sad scared shocked stressed surprised thankful thrilled tired upset
    worried""".split()
)
_TOPICS = 4


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most as many pairs as asked for."""
    pair = Fields(
        of={
            "attribute": Text("the attribute in a word or two, such as intent, emotion, event, place, person", most=40),
            "value": Text("its value in a few words", most=100),
        }
    )
    return Fields(
        of={"attributes": Items("most telling first; empty when the text tells nothing", True, pair, inputs["most"])}
    )


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The most frequent content words, names, and words of feeling.

    >>> told = rule({"text": "I was so excited: Rex paints in Lisbon!", "most": 4})["attributes"]
    >>> [(pair["attribute"], pair["value"]) for pair in told]
    [('topic', 'paints'), ('name', 'Rex'), ('name', 'Lisbon'), ('emotion', 'excited')]
    """
    text = inputs["text"]
    names = find_names(text)
    said = [word for word in words(text) if len(word) > 2 and word not in STOP_WORDS]
    known = {word for name in names for word in words(name)} | FEELINGS | FILLER_WORDS
    counts = Counter(word for word in said if word not in known)
    # Everybody's name is all over a conversation, and long words are seldom.
    topics = sorted(counts, key=lambda word: (-counts[word], -len(word)))[:_TOPICS]
    pairs = [("topic", word) for word in topics]
    pairs += [("name", name) for name in names]
    pairs += [("emotion", word) for word in dict.fromkeys(said) if word in FEELINGS]
    return {"attributes": [{"attribute": a, "value": value[:100]} for a, value in pairs[: inputs["most"]]]}


TASK = Task(
    name="mine_attributes",
    summary="attributes and their values out of a text",
    prompt="""Name what the text tells as pairs of an attribute and its value, at most {most}, most telling first.
Choose the attributes yourself; leave out those that the text gives no value for.
Particular wishes: {instruction}
Text: {text}""",
    inputs=Fields(of={"text": LONG, "most": WHOLE_NUMBER, "instruction": INSTRUCTION}),
    output=output,
    rule=rule,
)
