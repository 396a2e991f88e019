"""The one seam by which a memory is watched: what runs tells an observer, when there is one; else it costs one look.

What is told are names of stages and recipes, counts and durations; never content. A bank is told by a hash of its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, Protocol


class Note(Protocol):
    """What may be said of a span while it lasts."""

    def __call__(self, **facts: int | float | str) -> None: ...


class Answered(Protocol):
    """Says how a request was answered."""

    def __call__(self, route: str, status: int) -> None: ...


class Observer(Protocol):
    """Somebody who watches: a tracer, or counters for a monitor."""

    def span(self, kind: str, name: str, facts: Mapping[str, Any]) -> AbstractContextManager[Note]:
        """Something that lasts: ``kind`` is verb, job, stage, model, embedder, reranker or store."""

    def count(self, name: str, n: float, labels: Mapping[str, str]) -> None:
        """Something that happened ``n`` times."""

    def request(self, method: str, carrier: Mapping[str, str]) -> AbstractContextManager[Answered]:
        """A request over HTTP; ``carrier`` holds its id and, as headers, the trace that it belongs to."""


class Noted:
    """What is said of a span that nobody watches."""

    def __call__(self, **facts: int | float | str) -> None:
        """Nothing is kept."""


_SILENT: AbstractContextManager[Note] = nullcontext(Noted())
_observers: tuple[Observer, ...] = ()


def observe(observer: Observer) -> None:
    """Let somebody watch everything that runs in this process from now on."""
    global _observers
    _observers = (*_observers, observer)


def unobserve(observer: Observer) -> None:
    """Let somebody watch no longer."""
    global _observers
    _observers = tuple(one for one in _observers if one is not observer)


def watched() -> bool:
    """Whether anybody watches."""
    return bool(_observers)


def span(kind: str, name: str, **facts: Any) -> AbstractContextManager[Note]:
    """Something that lasts as long as the ``with`` around it.

    >>> with span("stage", "dense") as note:
    ...     note(hits=3)
    """
    if not _observers:
        return _SILENT
    if len(_observers) == 1:
        return _observers[0].span(kind, name, facts)
    return _spans(kind, name, facts)


@contextmanager
def _spans(kind: str, name: str, facts: Mapping[str, Any]) -> Iterator[Note]:
    with ExitStack() as stack:
        notes = [stack.enter_context(observer.span(kind, name, facts)) for observer in _observers]

        def note(**said: int | float | str) -> None:
            for one in notes:
                one(**said)

        yield note


def count(name: str, n: float = 1, **labels: str) -> None:
    """Something happened ``n`` times."""
    for observer in _observers:
        observer.count(name, n, labels)


@contextmanager
def request(method: str, carrier: Mapping[str, str]) -> Iterator[Answered]:
    """A request over HTTP lasts as long as the ``with`` around it; what it gives is told how it was answered.

    >>> with request("GET", {}) as answered:
    ...     answered("/health", 200)
    """
    with ExitStack() as stack:
        watching = [stack.enter_context(observer.request(method, carrier)) for observer in _observers]

        def answered(route: str, status: int) -> None:
            for one in watching:
                one(route, status)

        yield answered


def pseudonym(bank: str) -> str:
    """What a bank is called towards those who watch: the same name gives the same word, and the word tells no name.

    >>> pseudonym("anna") == pseudonym("anna"), "anna" in pseudonym("anna")
    (True, False)
    """
    return hashlib.sha256(f"mnemic bank {bank}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
