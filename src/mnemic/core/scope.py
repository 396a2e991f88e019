"""Scope: what a reader may see of a bank, decided before any search looks at it (law 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """A wall of labels around a view.

    ``only``, when it is not None, admits only what carries one of these labels; ``without`` keeps back what carries any
    of those, also when ``only`` would admit it. Labels are compared without case. ``secrets`` admits records of kind
    ``secret`` to those filters that ask for them.

    >>> scope = Scope(without=frozenset({"health"}))
    >>> scope.permits(("work",)), scope.permits(("work", "Health")), EVERYTHING.permits(())
    (True, False, True)
    >>> Scope(only=frozenset({"work"})).permits(())
    False
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    secrets: bool = False

    def permits(self, labels: Iterable[str]) -> bool:
        """Whether something that carries these labels may be seen."""
        carried = {label.casefold() for label in labels}
        if carried & self.without:
            return False
        return self.only is None or bool(carried & self.only)

    def and_(self, other: Scope) -> Scope:
        """What both admit."""
        if self.only is None or other.only is None:
            only = self.only if other.only is None else other.only
        else:
            only = self.only & other.only
        return Scope(only, self.without | other.without, self.secrets and other.secrets)

    @property
    def narrow(self) -> bool:
        """Whether anything at all is kept back by its labels."""
        return self.only is not None or bool(self.without)


#: No wall: what the owner of a store sees.
EVERYTHING = Scope(secrets=True)
