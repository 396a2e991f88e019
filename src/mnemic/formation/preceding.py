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


def as_open(event: Event, before: Sequence[Event]) -> tuple[Event, ...]:
    """Those of the turns before an event that whoever may see it may see too: its key must not hold words of others.

    >>> from mnemic.core.times import instant
    >>> def turn(name, *labels):
    ...     at = instant("2026-06-02")
    ...     return Event(id=name, session="s", role="user", parts=(), occurred_at=at, labels=labels)
    >>> [one.id for one in as_open(turn("c", "Money"), [turn("a", "health"), turn("b", "money"), turn("d")])]
    ['b', 'd']
    """
    own = {label.casefold() for label in event.labels}
    return tuple(one for one in before if own.issuperset(label.casefold() for label in one.labels))
