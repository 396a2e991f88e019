"""Write a note: a text with keywords, a sentence of context, and tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import STOP_WORDS, words
from mnemic.core.names import FILLER_WORDS
from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import READ, aliases


def output(inputs: Mapping[str, Any]) -> Fields:
    """One note, or a few when the turns have little in common."""
    note = Fields(
        of={
            "text": Text("the content", most=1000),
            "context": Text("one sentence: topic, main points, for whom", True, 300),
            "keywords": Items("most telling first, no names of speakers, no times", True, Text(most=40), 8),
            "tags": Items("categories", True, Text(most=40), 6),
            "turns": Items("the turns it is made of", True, Alias(shown=aliases(inputs["turns"])), 40),
        }
    )
    return Fields(of={"records": Items(of=note, most=3)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The turns as they are; keywords are their most frequent content words.

    >>> turn = {"alias": "0", "speaker": "Anna", "text": "Rex is a dog, a brown dog."}
    >>> rule({"turns": [turn]})["records"][0]["keywords"]
    ['dog', 'rex', 'brown']
    """
    turns = inputs["turns"]
    text = "\n".join(f"{turn['speaker']}: {turn['text']}" if turn.get("speaker") else turn["text"] for turn in turns)
    said = [word for turn in turns for word in words(turn["text"]) if len(word) > 2 and len(word) <= 40]
    counts = Counter(word for word in said if word not in STOP_WORDS and word not in FILLER_WORDS)
    keywords = [word for word, _ in counts.most_common(8)]
    speakers = list(dict.fromkeys(turn["speaker"] for turn in turns if turn.get("speaker")))
    context = f"{' and '.join(speakers) or 'Somebody'} on {', '.join(keywords[:3]) or 'this and that'}"[:300]
    if not text.strip():
        return {"records": []}
    return {
        "records": [
            {
                "text": text[:1000],
                "context": context,
                "keywords": keywords,
                "tags": keywords[:3],
                "turns": [turn["alias"] for turn in turns][:40],
            }
        ]
    }


TASK = Task(
    name="write_note",
    summary="a note with keywords, context and tags out of turns",
    prompt="""Write a note of the turns: their content, keywords, one sentence of context, and tags that sort it under
broad categories. The earlier turns and what is remembered are for understanding only.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered: {known}
Turns: {turns}""",
    inputs=READ,
    output=output,
    remembered=("known",),
    rule=rule,
)
