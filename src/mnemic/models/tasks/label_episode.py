"""Label an episode: under which domain, category and keywords turns are filed, from the broad to the particular."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mnemic.core.analysis import STOP_WORDS, words
from mnemic.core.names import FILLER_WORDS, find_names
from mnemic.core.shape import Alias, Fields, Items, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import READ, aliases


def output(inputs: Mapping[str, Any]) -> Fields:
    """At most three episodes, resting on turns that were shown."""
    episode = Fields(
        of={
            "text": Text("what happened or was said, complete", most=1000),
            "turns": Items("the turns that say it", True, Alias(shown=aliases(inputs["turns"])), 40),
            "domain": Text("the broad field of life, one or two words", True, 60),
            "category": Text("the topic within the domain, a few words", True, 80),
            "trace": Text("keywords that tell this episode from others of its topic", True, 160),
            "about_user": Text("what it tells of the user's tastes or state, if anything", True, 200),
            "entities": Items("names in it", True, Text(most=80), 8),
        }
    )
    return Fields(of={"records": Items(of=episode, most=3)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The turns as they are, filed under their most frequent content words.

    >>> turn = {"alias": "0", "speaker": "Anna", "text": "Rex is a dog, a brown dog."}
    >>> told = rule({"turns": [turn]})["records"][0]
    >>> told["domain"], told["category"], told["trace"]
    ('dog', 'rex', 'dog rex brown')
    """
    turns = [turn for turn in inputs["turns"] if turn["text"].strip()]
    if not turns:
        return {"records": []}
    text = "\n".join(f"{turn['speaker']}: {turn['text']}" if turn.get("speaker") else turn["text"] for turn in turns)
    said = [word for turn in turns for word in words(turn["text"]) if 2 < len(word) <= 40]
    counts = Counter(word for word in said if word not in STOP_WORDS and word not in FILLER_WORDS)
    telling = [word for word, _ in counts.most_common(4)] or ["talk"]
    return {
        "records": [
            {
                "text": text[:1000],
                "turns": [turn["alias"] for turn in turns][:40],
                "domain": telling[0],
                "category": telling[1] if len(telling) > 1 else telling[0],
                "trace": " ".join(telling)[:160],
                "entities": [name[:80] for name in find_names(text)[:8]],
            }
        ]
    }


TASK = Task(
    name="label_episode",
    summary="turns as an episode, filed under domain, category and keywords",
    prompt="""Report what the turns tell as an episode and file it: a broad domain, a category within it, and keywords
that tell it from other episodes there. Use a domain and category of those remembered where they fit. Report only what
the turns say.
Particular wishes: {instruction}
Earlier turns: {earlier}
Remembered: {known}
Turns: {turns}""",
    inputs=READ,
    output=output,
    remembered=("known",),
    rule=rule,
)
