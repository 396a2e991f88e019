"""Text analysis for lexical search: words, stop words, stems; the same on every store.

Latin-script words are lower-cased, stripped of accents, freed of English stop words and stemmed
(Snowball English); runs of CJK characters become overlapping pairs.

Source: M. F. Porter, "Snowball: A language for stemming algorithms", 2001.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

STOP_WORDS = frozenset(
    """a about above after again against all am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each few
    for from further had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself him
    himself his how how's i i'd i'll i'm i've if in into is isn't it it's its itself let's me more most mustn't my
    myself no nor not of off on once only or other ought our ours ourselves out over own same shan't she she'd
    she'll she's should shouldn't so some such than that that's the their theirs them themselves then there there's
    these they they'd they'll they're they've this those through to too under until up very was wasn't we we'd we'll
    we're we've were weren't what what's when when's where where's which while who who's whom why why's will with
    won't would wouldn't you you'd you'll you're you've your yours yourself yourselves
    also etc gonna hey hi just oh ok okay wow yeah yes""".split()
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_CJK = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯]+")
_local = threading.local()


def words(text: str) -> list[str]:
    """Lower-case words in order, accents and possessive endings removed; stop words kept.

    >>> words("Anna's café, isn't it?")
    ['anna', 'cafe', "isn't", 'it']
    """
    found = _WORD.findall(_plain(text))
    return [word[:-2] if word.endswith("'s") and word not in STOP_WORDS else word for word in found]


def _plain(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'")
        text = unicodedata.normalize("NFC", text)
    return text.lower()


def terms(text: str) -> list[str]:
    """The terms under which a text is found: words without stop words, stemmed; CJK as pairs.

    >>> terms("She moved to Lisbon, finally moving!")
    ['move', 'lisbon', 'final', 'move']
    """
    out: list[str] = []
    for word in words(text):
        if word in STOP_WORDS:
            continue
        if not word.isascii() and _CJK.search(word):
            out.extend(_pairs(word))
        else:
            out.append(stem(word))
    return out


def term_count(text: str, most: int) -> int:
    """How many terms a text has, counted up to ``most``, without making them.

    >>> term_count("She moved to Lisbon, finally moving!", 10), term_count("She moved to Lisbon, finally moving!", 2)
    (4, 2)
    """
    count = 0
    for found in _WORD.finditer(_plain(text)):
        word = found[0]
        if word not in STOP_WORDS and word.endswith("'s"):
            word = word[:-2]
        if word in STOP_WORDS:
            continue
        pairs = len(word) - 1 if not word.isascii() and _CJK.search(word) else 1
        count += max(1, pairs)
        if count >= most:
            return most
    return count


def _pairs(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)] or [word]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball English stem of a lower-case word.

    >>> stem("running")
    'run'
    """
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        # A stemmer object keeps buffers and is not safe to share between threads.
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return str(stemmer.stemWord(word))
