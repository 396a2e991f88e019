"""What the audit writes down of a call: ids and counts of what it was given and what it gave, and never content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mnemic.answers import Answer, Found, Page
from mnemic.core.evidence import Event
from mnemic.core.reading import Context, Receipt
from mnemic.core.record import Record
from mnemic.engine.intake import Written
from mnemic.governance.grants import Grant
from mnemic.governance.keys import ApiKey
from mnemic.governance.policies import Policy

#: Verbs whose first argument is an id; it is noted once the call has shown that it is one.
_BY_ID = frozenset(
    {"get", "event", "history", "receipt", "why", "update", "delete", "restore", "relabel", "unlabel", "reveal"}
)
_MOST_IDS = 50


def names_of(verb: str, given: tuple[Any, ...]) -> dict[str, Any]:
    """The id that a call was given.

    >>> names_of("get", ("r1",)), names_of("recall", ("Where does she live?",))
    ({'id': 'r1'}, {})
    """
    return {"id": given[0]} if verb in _BY_ID and given and isinstance(given[0], str) else {}


def facts_of(result: Any) -> dict[str, Any]:
    """Ids and counts of what a call gave.

    >>> facts_of(Context(receipt="c1")), facts_of(["a", "b"])
    ({'receipts': ['c1'], 'records': 0}, {'count': 2})
    """
    if isinstance(result, Answer):
        return facts_of(result.context)
    if isinstance(result, Context):
        return {"receipts": [result.receipt], "records": len(result.citations)}
    if isinstance(result, Written):
        return {"events": len(result.added), "records": len(result.records), "ids": list(result.added[:_MOST_IDS])}
    if isinstance(result, Page):
        return {"count": len(result.records)}
    if isinstance(result, (Record, Event, Receipt)):
        return {"id": result.id}
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], ApiKey):
        return {"id": result[0].id}
    if isinstance(result, ApiKey):
        return {"id": result.id}
    if isinstance(result, Grant):
        return {"id": result.id, "to": result.to, "to_bank": result.bank, "role": result.role}
    if isinstance(result, Policy):
        return {"policy": result.name}
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], list):
        receipts = [one.receipt for one in result[1] if isinstance(one, Context)]
        return {"receipts": receipts, "count": len(result[0])}
    if isinstance(result, list) and result and all(isinstance(one, Found) for one in result):
        return {"ids": [one.record.id for one in result[:_MOST_IDS]], "count": len(result)}
    if isinstance(result, Sequence) and not isinstance(result, str):
        return {"count": len(result)}
    return {}
