"""Removing sessions of a bank on behalf of an interface that calls it deleting."""

from __future__ import annotations

from collections.abc import Sequence

from mnemic.bank import Bank
from mnemic.core.reading import Where


def erase_sessions(bank: Bank, sessions: Sequence[str]) -> None:
    """Set aside all that came from these sessions."""
    while sessions and (page := bank.list(Where(sessions=tuple(sessions)), limit=1000).records):
        for record in page:
            bank.delete(record.id, reason="delete_all")
