"""Seeded texts and vectors of any number, made bank by bank: the same for every product that is measured.

Texts are about 200 characters of Zipf-distributed words, of which the most frequent are English stop words.
Vectors are unit vectors around one of 500 topics: ``normalise(topic + noise)``. Nothing here imports mnemic,
so that the environments of other products can use it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

DIM = 384
TOPICS = 500
VOCABULARY = 60_000
WORDS = 34
QUERY_WORDS = 8
NOISE = 0.9
SPEAKERS = ("Anna", "Boris")
TURNS_A_SESSION = 20
STOP_WORDS = (
    "the and to of a i in that it is was for you on with as he be at by this have from or not but what all were we "
    "when your can there an which she do how if will up other about out many then them these so some her would "
    "him into has more than who its down only over no"
).split()
_SYLLABLES = [
    c + v for c in "b c d f g h j k l m n p r s t v w z br st tr ch".split() for v in "a e i o u ai ou".split()
]


def text_key(text: str) -> int:
    """A 64-bit name of a text, whatever date and speaker stand before it."""
    said = text.rsplit(": ", 1)[-1]
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Corpus:
    """Texts and vectors of ``banks`` banks of ``size`` records each."""

    banks: int
    size: int
    seed: int = 7

    @cached_property
    def _words(self) -> list[str]:
        rng = np.random.default_rng(self.seed)
        made = dict.fromkeys(STOP_WORDS)
        while len(made) < VOCABULARY:
            count = int(rng.integers(2, 5))
            made["".join(_SYLLABLES[i] for i in rng.integers(0, len(_SYLLABLES), count))] = None
        return list(made)

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        weights = 1.0 / (np.arange(VOCABULARY) + 2.7)
        return np.cumsum(weights / weights.sum())

    @cached_property
    def _topics(self) -> NDArray[np.float32]:
        rng = np.random.default_rng(self.seed + 1)
        return _unit(rng.standard_normal((TOPICS, DIM), np.float32))

    def texts(self, bank: int) -> list[str]:
        """The texts of a bank, in order."""
        rng = np.random.default_rng((self.seed, 2, bank))
        drawn = np.searchsorted(self._shares, rng.random((self.size, WORDS)))
        words = self._words
        return [" ".join([words[i] for i in row]).capitalize() + "." for row in drawn.tolist()]

    def vectors(self, bank: int) -> NDArray[np.float32]:
        """The vectors of a bank's texts, shape (size, DIM)."""
        rng = np.random.default_rng((self.seed, 3, bank))
        noise = _unit(rng.standard_normal((self.size, DIM), np.float32))
        return _unit(self._topics[rng.integers(0, TOPICS, self.size)] + NOISE * noise)

    def messages(self, bank: int) -> list[dict[str, str]]:
        """The texts as chat messages in sessions of twenty turns, a session a day."""
        days = np.datetime64("2025-01-01") + np.arange(self.size // TURNS_A_SESSION + 1)
        return [
            {
                "role": "user",
                "actor": SPEAKERS[i % 2],
                "content": text,
                "session": f"s{i // TURNS_A_SESSION}",
                "at": f"{days[i // TURNS_A_SESSION]}T10:{i % TURNS_A_SESSION:02d}:00",
            }
            for i, text in enumerate(self.texts(bank))
        ]

    def queries(self, bank: int, count: int) -> list[str]:
        """Questions: words of one record each, in their order."""
        rng = np.random.default_rng((self.seed, 4, bank))
        texts = self.texts(bank)
        out = []
        for place in rng.integers(0, self.size, count).tolist():
            words = texts[place].rstrip(".").lower().split()
            out.append(" ".join(words[i] for i in sorted(rng.choice(len(words), QUERY_WORDS, replace=False))) + "?")
        return out

    def query_vectors(self, bank: int, count: int) -> NDArray[np.float32]:
        """The vectors of the questions: that of the record, with noise."""
        rng = np.random.default_rng((self.seed, 4, bank))
        places = rng.integers(0, self.size, count)
        noise = _unit(np.random.default_rng((self.seed, 5, bank)).standard_normal((count, DIM), np.float32))
        return _unit(self.vectors(bank)[places] + 0.5 * noise)


@dataclass
class Lookup:
    """Vectors by text: what stands in for a model, so that its time is next to nothing and the same for all."""

    known: dict[int, int] = field(default_factory=dict)
    rows: list[NDArray[np.float32]] = field(default_factory=list)

    def learn(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Know the vectors of these texts too."""
        for text, row in zip(texts, vectors, strict=True):
            self.known[text_key(text)] = len(self.rows)
            self.rows.append(row)

    def forget(self) -> None:
        """Know nothing again, so that a large corpus need not be held."""
        self.known.clear()
        self.rows.clear()

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of texts that were learnt, shape (n, DIM); of any other text, one of those by its hash."""
        if not texts:
            return np.empty((0, DIM), np.float32)
        keys = [text_key(text) for text in texts]
        return np.stack([self.rows[self.known.get(key, key % len(self.rows))] for key in keys])


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return made
