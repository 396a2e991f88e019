"""Framing: how a question is wrapped ("can you help me list ... in order?") says nothing about its answer.

Words of courtesy and of form compete with words of content in every search, so searches do without them.
"""

from __future__ import annotations

import re

from mnemic.core.analysis import terms

_FRAMES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\bmention only (?:and only )?[\w-]+ (?:items?|things?|points?)\b\.?",
        r",?\s*\bin (?:chronological )?order\b",
        r"\b(?:throughout|across|in|during|over) (?:all )?(?:of )?(?:our|my|the|these|those)(?: \w+)?"
        r" (?:conversations?|chats?|discussions?|messages)(?: so far)?",
        r"^(?:hi|hello|hey)[,!. ]+",
        r"^(?:can|could|would|will) you (?:please )?(?:help me (?:to )?|tell me |give me |provide(?: me with)? "
        r"|show me |walk me through |explain (?:to me )?|list |remind me (?:of )?)?",
        r"^please ",
        r"\b(?:the )?order in which i (?:brought up|mentioned|discussed|talked about)\b",
        r"\bi (?:brought up|mentioned|discussed|talked about)\b",
        r"\b(?:different|various) (?:aspects|parts|kinds|types|things|topics)(?: of)?\b",
        r"^(?:a |an )?(?:comprehensive |brief |short |detailed )?summar(?:y|ize|ise)(?: of)?\b",
        r"\bwe(?:'ve| have)? discussed(?: so far)?\b",
    )
)
_LEAST_TERMS = 2


def bare(question: str) -> str:
    """The question without its frame, or as it is when hardly anything would be left.

    >>> bare("Can you list the order in which I brought up my piano lessons, in order?")
    'my piano lessons ?'
    >>> bare("Where does Anna live?")
    'Where does Anna live?'
    """
    text = question
    for frame in _FRAMES:
        text = frame.sub(" ", text).strip()
    text = " ".join(text.split()).strip(" ,.")
    return text if len(terms(text)) >= _LEAST_TERMS else question
