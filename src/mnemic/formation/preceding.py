"""The turns just before one, whether they are still at hand or already stored.

A turn retained alone and the same turn retained within a batch get the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from mnemic.core.evidence import Event
from mnemic.core.view import View


def preceding(event: Event, at_hand: Sequence[Event], view: View, n: int) -> tuple[Event, ...]:
    """The ``n`` events of the session before ``event``, in order; fewer at the session's start.

    ``at_hand`` are events known to come right before it; what they lack is asked of the view: by
    ``seq`` when the store has given one, else the last ones stored.
    """
    if n <= 0:
        return ()
    known = tuple(at_hand[-n:])
    missing = n - len(known)
    if not missing:
        return known
    first = known[0] if known else event
    if first.seq:
        return (*view.session_events(first.session, before=first.seq, last=missing), *known)
    here = {one.id for one in (*at_hand, event)}
    stored = [one for one in view.session_events(first.session) if one.id not in here]
    return (*stored[-missing:], *known)
