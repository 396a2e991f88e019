"""Erasing: what somebody asked to be erased goes, with all that was made of it, and a receipt in his name says so.

Such a job names what is to be forgotten. As soon as the rows are gone it knows the erasure by its receipt's id alone,
before files are cleaned and searched: so the search finds nothing in the job either, and an attempt that comes after a
worker was killed finishes what was begun. Once ended a job keeps none of its options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.core.erasure import ErasureReceipt
from mnemic.core.errors import BadInput
from mnemic.erasing_verbs import selection_of
from mnemic.jobs.kinds import NotYet, Work, kind

if TYPE_CHECKING:
    from mnemic.bank import Bank
    from mnemic.guarded import GuardedBank, GuardedMemory
    from mnemic.memory import Memory

#: The option that stands in a job for all others, once the rows are gone.
_GONE = "erasure"


def _chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    during = options.get("during")
    if during is not None and len(during) != 2:
        raise BadInput("during: must be [from, to], each a time or null")
    return {
        "events": list(options["events"]) if "events" in options else None,
        "session": options.get("session"),
        "person": options.get("person"),
        "mentions": bool(options.get("mentions")),
        "during": None if during is None else (during[0], during[1]),
        "everything": bool(options.get("everything")),
    }


def _check(options: Mapping[str, Any]) -> None:
    if _GONE in options:
        raise BadInput(f"{_GONE}: is no option of job 'erase'")
    events = options.get("events")
    if events is not None and (not events or not all(isinstance(event, str) for event in events)):
        raise BadInput("events: must be a list of ids, not empty")
    selection_of(**_chosen(options))


@kind(
    "erase", "erase", check=_check, private=True,
    events=list, session=str, person=str, mentions=bool, during=list, everything=bool, branches=bool, reason=str,
)  # fmt: skip
def erase(memory: Memory | GuardedMemory, work: Work) -> Mapping[str, Any]:
    """Erase what the options choose, once; an attempt that was broken off is finished."""
    bank, options = memory.bank(work.bank, create=False), work.options
    if _known_gone(options) or (work.tries > 1 and not bank.erase_plan(**_chosen(options)).events):
        return _finished(memory, bank, work)
    receipt = bank.erase(
        **_chosen(options),
        branches=bool(options.get("branches")),
        reason=str(options.get("reason", "")),
        on_gone=lambda erasure: work.narrow({_GONE: erasure}),
    )
    return _told(receipt)


def _known_gone(options: Mapping[str, Any]) -> bool:
    # Another erasure takes ids that are gone out of the lists of jobs that wait.
    return _GONE in options or options.get("events") == []


def _finished(memory: Memory | GuardedMemory, bank: Bank | GuardedBank, work: Work) -> Mapping[str, Any]:
    if work.options.get("branches") and not _known_gone(work.options):
        # Broken off between the bank and the last of its branches: they are erased by the same choice.
        for name in _branches(memory, bank.name):
            branch = memory.bank(name, create=False)
            if branch.erase_plan(**_chosen(work.options)).events:
                branch.erase(**_chosen(work.options), reason=str(work.options.get("reason", "")))
            branch.finish_erasures()
    mine = work.options.get(_GONE)
    if mine is None:
        since = [receipt.id for receipt in bank.erasures() if receipt.at >= work.asked]
        mine = since[-1] if since else ""
        work.narrow({_GONE: mine})
    bank.finish_erasures()
    found = [receipt for receipt in bank.erasures() if receipt.id == mine]
    return _told(found[0]) if found else {"events": 0}


def _branches(memory: Memory | GuardedMemory, bank: str) -> list[str]:
    """The banks that branched off a bank, and those that branched off them."""
    found = [row.name for row in memory.banks() if row.origin.rpartition("@")[0] == bank]
    return found + [name for each in found for name in _branches(memory, each)]


def _told(receipt: ErasureReceipt) -> Mapping[str, Any]:
    if receipt.state != "done":
        waits = "; ".join(receipt.verification.get("waits", ()))
        raise NotYet(f"the rows are gone, and files are still to be cleaned: {waits or 'it was broken off'}")
    return {"erasure": receipt.id, "events": receipt.events, "clean": receipt.clean}
