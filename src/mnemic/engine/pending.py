"""What waits for a language model: formed when it answers again, and told when it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mnemic.core.chance import Clock
from mnemic.core.errors import ModelFailure
from mnemic.engine.intake import Written
from mnemic.engine.patience import Patience


def form_what_waits(
    patience: Patience,
    bank: str,
    sessions: Mapping[str, bool],
    steps: Callable[[str, bool], Iterable[Written]],
    pending: Callable[[str], int],
    clock: Clock,
) -> Written:
    """Form sessions, each with whether it is over, and those of the bank that failed before; never raises ModelFailure.

    ``steps`` forms a session segment by segment, ``pending`` counts the events that wait in it. A failure that lasts
    concerns its session alone; after any other one nothing more is asked.
    """
    owed = patience.owed.setdefault(bank, {})
    # A copy: another thread may be forming sessions of this bank.
    over = {**sessions, **{session: was or sessions.get(session, False) for session, was in list(owed.items())}}
    total, reason = Written(), patience.reason(clock.now()) if patience else ""
    for session, ended in over.items():
        failure = reason
        try:
            for step in () if reason else steps(session, ended):
                total += step
        except ModelFailure as error:
            patience.failed(error, clock.now())
            failure = str(error)
            if not error.lasting:
                reason = failure
        if failure:
            owed[session] = ended
            total += Written(pending=pending(session), pending_reason=failure)
        else:
            owed.pop(session, None)
    return total
