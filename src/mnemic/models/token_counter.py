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

    Checked against the Llama-2 tokenizer (32,000 entries; newer vocabularies are larger and give fewer
    tokens) and BERT's WordPiece on the text of LoCoMo (ten long English conversations, MEASURED).

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
