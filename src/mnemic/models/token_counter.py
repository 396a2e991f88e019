"""Estimated token counts, for budgets that must hold whichever language model reads the context.

One token for each: up to five ASCII letters, two Greek or Cyrillic letters, any other letter (so each CJK
character), digit, punctuation mark, line break, run of two or more spaces; and one more for every eight bytes
that UTF-8 adds to non-ASCII text.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[A-Za-z]{1,5}|[\u0370-\u052f]{1,2}|\d|\n| {2,}|[^\sA-Za-z\d\u0370-\u052f]")


class EstimatedTokens:
    """Counts tokens without a tokenizer.

    Checked on 8,163 texts of the LoCoMo data set (turns, notes, questions: 205 thousand Llama-2 tokens).
    In total the estimate is 1.10 times the count of the Llama-2 tokenizer (turns 1.08, notes 1.12) and 1.23
    times that of BERT's WordPiece; for one turn in ten it is below the Llama-2 count, for one in a hundred by
    more than 11 %. Python source: 1.12. Vocabularies larger than Llama-2's 32,000 entries need fewer tokens.
    Other languages were only spot-checked: against Llama-2, which spells rare characters out in bytes, the
    estimate is too low for Chinese (0.8), Korean (0.6) and emoji (0.4) and too high for Russian (1.4).

    >>> EstimatedTokens().count("We moved to Lisbon last May.")
    8
    >>> EstimatedTokens().count("")
    0
    """

    def count(self, text: str) -> int:
        """Estimate the number of tokens.

        Parameters
        ----------
        text
            Any string.
        """
        tokens = len(_TOKEN.findall(text))
        if not text.isascii():
            tokens += (len(text.encode("utf-8", "surrogatepass")) - len(text)) // 8
        return tokens
