"""Removing on behalf of an interface that calls it deleting: the owner's erasure, each with its receipt."""

from __future__ import annotations

from collections.abc import Sequence

from mnemic.memory import Memory


def erase_sessions(memory: Memory, bank: str, sessions: Sequence[str] | None) -> None:
    """Erase what came from these sessions with everything that was made of it, or the whole bank."""
    if sessions is None:
        memory.erase_bank(bank, reason="delete_all")
        return
    for session in sessions:
        memory.bank(bank, create=False).erase(session=session, reason="delete_all")
