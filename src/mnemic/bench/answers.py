"""Answers scored by code: what an answer must hold, and what it must not; no judge takes part.

right(answer) = every group of ``hold`` has a text that occurs in it, and no text of ``lack`` does

Texts are compared by their words, so that case, accents and punctuation do not matter. A system that answers by itself
says so in a block "answer" of its context. Of one that only finds lines the first line is taken, or, where a question
asks for several things, all lines of 500 tokens.
Source: substring match as in Y. Hu et al., "MemoryAgentBench", arXiv 2507.05257, 2025, widened by what must be absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemic.bench.facade import FoundLike
from mnemic.core.analysis import words
from mnemic.core.reading import Context

ANSWER = "answer"
#: The context whose lines stand for an answer about several things.
LINES = 500


@dataclass(frozen=True, slots=True)
class Check:
    """What makes an answer right: ``hold``, groups of texts of each of which one must occur; ``lack``, texts that must
    not; ``several``, whether the answer is more than one thing.

    >>> check = Check((("Porto", "Oporto"),), ("Lisbon",))
    >>> check.right("Known: Oporto [1]"), check.right("Porto, before that Lisbon"), check.right("Portobello")
    (True, False, False)
    """

    hold: tuple[tuple[str, ...], ...]
    lack: tuple[str, ...] = ()
    several: bool = False

    def right(self, answer: str) -> bool:
        """Whether an answer is right."""
        said = _spaced(answer)
        return all(any(_spaced(text) in said for text in group) for group in self.hold) and not any(
            _spaced(text) in said for text in self.lack
        )


def answer_in(found: Sequence[FoundLike], contexts: Mapping[int, Context], check: Check | None) -> str:
    """What a system answers, in words: its own answer, or what its lines say.

    >>> from mnemic.core.reading import Block
    >>> answer_in((), {LINES: Context((Block("answer", "Known: Porto"), Block("memory", "[1] Rain")))}, Check(()))
    'Known: Porto'
    """
    if check is None:
        return ""
    context = contexts[LINES]
    own = next((block.text for block in context.blocks if block.name == ANSWER), None)
    if own is not None:
        return own
    if check.several:
        return context.text
    return found[0].record.shown() if found else ""


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "
