"""Failures of a server told as the errors of the core, and when it is worth sending a request again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.codes import ERRORS
from mnemic.core.errors import MnemicError

#: Codes of answers after which nothing was done, so that any request may be sent again.
_AGAIN = frozenset({"busy", "too-many-requests", "store-unavailable", "conflict", "recipe-changed"})
#: Seconds of the longest pause between two tries.
_LONGEST_S = 10.0


class Unreachable(MnemicError):
    """The server cannot be reached, or gave no answer in time."""

    exit_code = 4


class Busy(MnemicError):
    """The server takes no more requests now, or none more of this sender."""

    exit_code = 4


def error_of(status: int, problem: Mapping[str, Any]) -> MnemicError:
    """The error that a problem tells of.

    >>> error_of(404, {"code": "not-found", "detail": "bank: there is none"})
    NotFound('bank: there is none')
    """
    code = str(problem.get("code", ""))
    detail = str(problem.get("detail") or f"the server answered {status}")
    if code in ("busy", "too-many-requests"):
        return Busy(detail)
    kind = ERRORS.get(code) or (ERRORS["bad-input"] if 400 <= status < 500 else MnemicError)
    return kind(detail)


def pause_before_next(tries: int, attempts: int, problem: Mapping[str, Any], retry_after: str, chance: float) -> float:
    """Seconds to wait before a request is sent again, or -1 when it is not: ``tries`` of ``attempts`` were made.

    ``chance`` in 0..1 spreads those apart who were turned away together.

    >>> pause_before_next(1, 3, {"code": "busy"}, "1", 0.0), pause_before_next(3, 3, {"code": "busy"}, "1", 0.0)
    (1.0, -1.0)
    >>> pause_before_next(1, 3, {"code": "bad-input"}, "", 0.0)
    -1.0
    """
    if tries >= attempts or problem.get("code") not in _AGAIN:
        return -1.0
    said = float(retry_after) if retry_after.isdigit() else 0.0
    step: float = 0.1 * 2.0**tries
    return min(_LONGEST_S, max(said, step) + chance * step)
