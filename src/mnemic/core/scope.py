"""Scope: what a reader may see of a bank, decided before any search looks at it (law 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mnemic.core.norms import ALLOW, WITHHOLD, Norms, strictest


@dataclass(frozen=True, slots=True)
class Scope:
    """A wall of labels around a view.

    ``only``, when it is not None, admits only what carries one of these labels; ``without`` keeps back what carries any
    of those, also when ``only`` would admit it. Labels are compared without case. ``others`` admit besides: each grant
    is a wall with a door of its own. ``norms`` are what policies say of a request; what they withhold is kept out as
    the wall keeps it out, but is counted as far as it lies in ``countable``. ``secrets`` admits records of kind
    ``secret`` to those filters that ask for them.

    >>> scope = Scope(without=frozenset({"health"}))
    >>> scope.permits(("work",)), scope.permits(("work", "Health")), EVERYTHING.permits(())
    (True, False, True)
    >>> Scope(only=frozenset({"work"})).permits(())
    False
    >>> Scope(norms=(Norms({"health": "withhold"}),)).permits(("health",))
    False
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    secrets: bool = False
    others: tuple[Scope, ...] = ()
    norms: tuple[Norms, ...] = ()
    countable: Scope | None = None

    def permits(self, labels: Iterable[str]) -> bool:
        """Whether something that carries these labels may be seen, if only in part."""
        carried = tuple(labels)
        return self.grants(carried) and self.flow(carried) != WITHHOLD

    def grants(self, labels: Iterable[str]) -> bool:
        """Whether the wall lets through what carries these labels, whatever policies say of the request."""
        carried = {label.casefold() for label in labels}
        own = not carried & self.without and (self.only is None or bool(carried & self.only))
        return own or any(other.grants(carried) for other in self.others)

    def flow(self, labels: Iterable[str]) -> str:
        """What policies let flow: ``allow``, ``withhold``, or the name of the view to show in place of the value."""
        carried = tuple(labels)
        return strictest(norms.of(carried) for norms in self.norms) if self.norms else ALLOW

    def and_(self, other: Scope) -> Scope:
        """What both admit.

        >>> both = Scope(only=frozenset({"a"})).or_(Scope(only=frozenset({"b"}))).and_(Scope(without=frozenset({"b"})))
        >>> both.permits(("a",)), both.permits(("b",))
        (True, False)
        """
        walls = [a._met(b) for a in self._walls() for b in other._walls()]
        joined = walls[0]
        for wall in walls[1:]:
            joined = joined.or_(wall)
        return replace(
            joined, secrets=self.secrets and other.secrets, norms=tuple(dict.fromkeys((*self.norms, *other.norms)))
        )

    def or_(self, other: Scope) -> Scope:
        """What either admits; policies of both hold."""
        plain = next((s for s in (self, other) if not s.walled), None)
        norms = tuple(dict.fromkeys((*self.norms, *other.norms)))
        if plain is not None:
            return Scope(secrets=self.secrets or other.secrets, norms=norms)
        first, *rest = dict.fromkeys((*self._walls(), *other._walls()))
        return replace(first, secrets=self.secrets or other.secrets, others=tuple(rest), norms=norms)

    def _walls(self) -> tuple[Scope, ...]:
        return (Scope(self.only, self.without), *self.others)

    def _met(self, other: Scope) -> Scope:
        if self.only is None or other.only is None:
            only = self.only if other.only is None else other.only
            return Scope(only, self.without | other.without)
        # "One of these and one of those" is no single set of labels; what lies in both is what surely has both.
        return Scope(self.only & other.only, self.without | other.without)

    @property
    def walled(self) -> bool:
        """Whether the wall keeps anything back by its labels."""
        return self.only is not None or bool(self.without)

    @property
    def narrow(self) -> bool:
        """Whether anything at all is kept back by its labels."""
        return self.walled or any(not norms.opens for norms in self.norms)


#: No wall: what the owner of a store sees.
EVERYTHING = Scope(secrets=True)
