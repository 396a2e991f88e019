"""Usage: what asking a language model cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls that were sent, answers that were known already, tokens in and out.

    >>> Usage(calls=1, tokens_in=20) + Usage(calls=1, tokens_out=5)
    Usage(calls=2, cached=0, tokens_in=20, tokens_out=5)
    """

    calls: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.cached + other.cached,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
        )

    @property
    def tokens(self) -> int:
        """Tokens in and out together."""
        return self.tokens_in + self.tokens_out
