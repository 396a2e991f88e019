"""The form of a question: what is asked, without what it is asked about.

    form(q) = lower-case words of q, without what stands in <...> or in quotation marks

Corrections of how a question is meant hold for its form: "a word like <happy>" and "a word like <sad>" ask alike.
Source: A. Madaan et al., "Memory-assisted prompt editing to improve GPT-3 after deployment", arXiv 2201.06009, 2022.
"""

from __future__ import annotations

import re

from mnemic.core.analysis import words

_ARGUMENT = re.compile(r"<[^<>]*>|\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")


def question_form(text: str) -> str:
    """The words of a question without its arguments; of one that is all argument, all its words.

    >>> question_form("What is a word like <happy>?"), question_form('Spell "rhythm"!')
    ('what is a word like', 'spell')
    """
    return " ".join(words(_ARGUMENT.sub(" ", text)) or words(text))


def edits(one: str, other: str) -> int:
    """The fewest insertions, deletions and replacements of a character that turn one text into the other.

    >>> edits("rhyme with", "rhymes with")
    1
    """
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, theirs in enumerate(other, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (mine != theirs))
    return row[-1]
