"""Kinds of jobs, one a file: what each does, which verb it stands for, and how what it did is told.

A kind is a function ``(memory, work) -> result`` under a name. ``work.on_progress`` also ends a job whose worker is to
stop: it raises, and what was committed until then is kept. So a kind goes on where it was when it is started again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mnemic.core.errors import BadInput, MnemicError
from mnemic.messages import check_text

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory

Progress = Callable[[int, int], None]

_kinds: dict[str, Kind] = {}
#: Characters of a text among the options.
LONGEST = 2_000


def _nothing(_: Mapping[str, Any]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is to do: on which bank, with which options, and whom it tells how far it is.

    ``tries`` counts the attempts with this one, ``asked`` is when it was asked for. ``narrow`` has other options stand
    in the job from now on, for those who look at it and for its next attempt.
    """

    bank: str
    options: Mapping[str, Any]
    on_progress: Progress
    asked: datetime
    tries: int = 1
    narrow: Callable[[Mapping[str, Any]], None] = _nothing


Check = Callable[[Mapping[str, Any]], object]
Run = Callable[["Memory | GuardedMemory", Work], Mapping[str, Any]]


class NotYet(MnemicError):
    """A job cannot be finished now, and what it did is kept: it is tried again later."""

    exit_code = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: ``verb`` is what its asker needs the right to, ``options`` the types of what he may say.

    ``check`` raises BadInput where options do not go together. What is ``private`` is told by nobody when it is done:
    the job keeps none of its options.
    """

    name: str
    verb: str
    run: Run
    options: Mapping[str, type] = field(default_factory=dict)
    check: Check | None = None
    private: bool = False

    def checked(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options; raises BadInput naming one that the kind has not, or that is of another type."""
        for name, value in options.items():
            if name not in self.options:
                known = ", ".join(sorted(self.options)) or "none"
                raise BadInput(f"{name}: is no option of job {self.name!r}; known are {known}")
            if not isinstance(value, self.options[name]):
                raise BadInput(f"{name}: {value!r} must be of type {self.options[name].__name__}")
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str):
                    check_text(text, name, limit=LONGEST)
        if self.check is not None:
            self.check(options)
        return dict(options)


def kind(
    name: str, verb: str, /, *, check: Check | None = None, private: bool = False, **options: type
) -> Callable[[Run], Run]:
    """Register a function as a kind of job."""

    def register(run: Run) -> Run:
        _kinds[name] = Kind(name, verb, run, MappingProxyType(options), check, private)
        return run

    return register


def kinds() -> Mapping[str, Kind]:
    """All kinds of jobs by name.

    >>> sorted(kinds())
    ['consolidate', 'erase', 'form', 'reembed', 'switch', 'tune']
    """
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return MappingProxyType(_kinds)


def kind_of(name: str) -> Kind:
    """A kind by name; raises BadInput naming those that there are."""
    known = kinds()
    if name not in known:
        raise BadInput(f"kind: there is no job called {name!r}; known are {', '.join(sorted(known))}")
    return known[name]
