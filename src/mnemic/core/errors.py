"""Errors a user can act on: each message names the field and the remedy."""

from __future__ import annotations

from typing import ClassVar

from mnemic.core.usage import Usage


class MnemicError(Exception):
    """Base of every error that mnemic raises on purpose.

    ``exit_code`` is what the command line leaves with.

    >>> raise MnemicError("nothing to do")
    Traceback (most recent call last):
    mnemic.core.errors.MnemicError: nothing to do
    """

    exit_code = 1


class BadInput(MnemicError):
    """What the caller gave cannot be taken; nothing was written."""

    exit_code = 2


class NotFound(MnemicError):
    """A bank, record, event, receipt or recipe of that name does not exist."""

    exit_code = 3


class StoreError(MnemicError):
    """The store cannot be opened, read or written as it stands."""

    exit_code = 4


class ModelUnavailable(MnemicError):
    """A model is named whose weights or client are not installed."""

    exit_code = 5


class EmbedderMismatch(MnemicError):
    """The bank's vectors come from another embedder than the one configured."""

    exit_code = 6


class Refused(MnemicError):
    """The engine refused an op: unseen id, changed target, wrong bank, or budget."""

    exit_code = 7


class Conflict(Refused):
    """A target changed between reading and writing; the proposal must be made anew."""


class RecipeChanged(Refused):
    """The bank was switched to another recipe between forming and writing; nothing was written."""


class Outdated(Refused):
    """A record is not any more what the caller was shown, so that his change of it was not made."""


class ModelFailure(MnemicError):
    """A language model gave no answer that can be used; what waits for it is kept and tried again later.

    ``usage`` is what was spent nevertheless; ``retry_after`` is how many seconds to wait, if that was said. ``lasting``
    says that the cause lies in what was asked: the same will fail again, while other questions may be answered.

    >>> ModelFailure("no answer", usage=Usage(calls=2)).usage.calls, Malformed("no JSON").lasting
    (2, True)
    """

    exit_code = 8
    lasting: ClassVar[bool] = False

    def __init__(self, message: str, *, usage: Usage | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.usage = usage or Usage()
        self.retry_after = retry_after


class Malformed(ModelFailure):
    """A model's answer has not the shape that its task asks for, also after one repair."""

    lasting = True


class OutOfBudget(ModelFailure):
    """A call would go over what the bank may spend on language models; nothing was sent."""

    exit_code = 9


class TooLarge(OutOfBudget):
    """One call alone would go over what a call may take, or over what the model can read."""

    lasting = True


class Unauthenticated(MnemicError):
    """Nobody can tell who asks: no key or token came with the request, or one that is unknown, spent or forged."""

    exit_code = 10


class Denied(MnemicError):
    """The one who asks has no grant for it; what is there is not said."""

    exit_code = 11
