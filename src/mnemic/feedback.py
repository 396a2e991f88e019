"""What a user tells of records, checked, and the op that it comes to (law 13)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mnemic.core.errors import BadInput
from mnemic.core.experience import COUNTER_OF, FEEDBACK_KINDS, REWARD_OF, Feedback
from mnemic.core.op import Op
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.engine.scoped import LABELLED
from mnemic.messages import MAX_TEXT, check_text


def checked_feedback(kind: str, records: Sequence[str], receipt: str, text: str, value: float) -> Feedback:
    """Feedback that a bank can take; raises BadInput naming the field."""
    if kind not in FEEDBACK_KINDS:
        raise BadInput(f"kind: {kind!r} is unknown; use one of {', '.join(FEEDBACK_KINDS)}")
    if kind in ("label", "correction") and not text.strip():
        raise BadInput(f"text: feedback of kind {kind!r} needs one")
    check_text(text, "text", limit=MAX_TEXT)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(f"value: {value!r} is no finite number")
    return Feedback(kind=kind, records=tuple(records), receipt=receipt, text=text, value=value)  # type: ignore[arg-type]


def fed_back(shown: Record, given: Feedback, question: str = "") -> Op:
    """The op that feedback on a record comes to: a label, a correction, or counters.

    Counters say which ``question`` the record was recalled for, when that is known.

    >>> fed_back(Record(id="r1", kind="note", value="tea"), Feedback(kind="cited", records=("r1",))).kind
    'TOUCH'
    """
    reason = f"feedback {given.kind}" + (f" on receipt {given.receipt}" if given.receipt else "")
    if given.kind == "label":
        labels = tuple(dict.fromkeys((*shown.labels, given.text)))
        by_hand = sorted({*shown.fields.get(LABELLED, ()), given.text.casefold()})
        return Op.retag(shown, labels=labels, fields={LABELLED: by_hand}, reason=reason, actor="user")
    if given.kind == "correction":
        better = reworded(shown, given.text).with_(epistemic="inference")
        return Op.update(shown, better, reason=reason, actor="user")
    counts = {COUNTER_OF[given.kind]: given.value, "hits": 1}
    about = {"receipt": given.receipt, "question": question, "reward": REWARD_OF[given.kind]} if question else None
    return Op.touch(shown.id, counts, about=about, reason=reason, actor="user")
