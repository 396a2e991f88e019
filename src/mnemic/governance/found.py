"""A secret that was found in a text: where it is, what it is, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text that is secret; its words stand in no printout.

    ``kind`` is a short word (card, iban, password...), ``value`` the secret in the form in which equal ones are equal.
    """

    start: int
    end: int
    kind: str
    value: str = field(repr=False)
