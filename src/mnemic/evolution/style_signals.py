"""Style signals: how a turn is written, as numbers, by lists of words of this project's own.

    tone, emotion   shares of words that are humorous, serious, gentle | glad, sad, angry, afraid, against one neutral
    length          tokens / 360, at most 1
    density         distinct content words / words
    formality       ½ + (formal - informal marks) / 2 · marks,   smoothed by one neutral mark

Stand-ins for the trained classifiers of H. Sun et al., "Preference-Aware Memory Update" (PAMU), arXiv 2510.09720, 2025.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mnemic.core.analysis import terms, words

TONES = ("humorous", "serious", "gentle", "neutral")
EMOTIONS = ("glad", "sad", "angry", "afraid", "neutral")
NUMBERS = ("length", "density", "formality")
LONGEST = 360

_TONE_WORDS = {
    "humorous": "haha hahaha lol lmao joke joking funny hilarious kidding silly prank pun banana goofy",
    "serious": "must important urgent deadline report issue problem require critical legal risk evidence fact policy",
    "gentle": "please thank thanks sorry kindly dear hope gentle wish appreciate lovely sweet care hug",
}
_EMOTION_WORDS = {
    "glad": "happy glad love great wonderful joy excited delighted fun enjoy proud awesome yay cheerful",
    "sad": "sad cry cried miss lonely sorry lost grief unhappy heartbroken depressed tears mourn",
    "angry": "angry furious hate annoyed annoying ridiculous stupid unacceptable mad rage damn",
    "afraid": "afraid scared worried anxious nervous fear terrified panic frightened dread",
}
_FORMAL = re.compile(
    r"\b(?:would|could|shall|therefore|regarding|regards|furthermore|however|sincerely|kindly|moreover|request|"
    r"whom|pursuant|hereby|appreciate|ensure|provide|sir|madam)\b",
    re.IGNORECASE,
)
_INFORMAL = re.compile(
    r"\b(?:\w+n['’]t|(?:i|you|he|she|it|we|they)['’](?:m|re|s|ve|ll|d)|gonna|wanna|gotta|yeah|yep|nope|hey|hi|ok|okay|"
    r"cool|stuff|kinda|dude|btw|lol|haha|u|thx|pls)\b|!|:\)|:-\)|;\)",
    re.IGNORECASE,
)


def signals(text: str, tokens: int) -> dict[str, list[float]]:
    """The signals of a text of so many tokens: tone and emotion as probabilities, the numbers as one value each.

    >>> calm = signals("Would you kindly provide the report regarding the deadline.", 12)
    >>> loud = signals("haha yeah that's so funny, lol!", 9)
    >>> calm["formality"][0] > 0.7 > 0.3 > loud["formality"][0]
    True
    >>> max(zip(loud["tone"], TONES))[1]
    'humorous'
    """
    spoken = words(text)
    formal, informal = len(_FORMAL.findall(text)), len(_INFORMAL.findall(text))
    return {
        "tone": _shares(text, _TONE_WORDS),
        "emotion": _shares(text, _EMOTION_WORDS),
        "length": [min(tokens / LONGEST, 1.0)],
        "density": [len(set(terms(text))) / len(spoken) if spoken else 0.0],
        "formality": [0.5 + (formal - informal) / (2 * (formal + informal + 1))],
    }


def _shares(text: str, lists: Mapping[str, str]) -> list[float]:
    said = terms(text)
    counts = [sum(term in set(terms(listed)) for term in said) for listed in lists.values()]
    # One neutral word is taken for said, so that a single marked one does not decide alone.
    total = sum(counts) + 1.0
    return [*(count / total for count in counts), 1.0 / total]
