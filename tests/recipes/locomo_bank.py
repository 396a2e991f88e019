"""One conversation of LoCoMo in a bank, and how much of the evidence a reading covers; needs $MNEMIC_DATA."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from mnemic.bank import Bank
from mnemic.bench.locomo import load_locomo
from mnemic.bench.metrics import cited_events, coverage, event_ranking, recall_at
from mnemic.bench.suite import Conversation, Probe
from mnemic.core.evidence import Event


def locomo(number: int = 0) -> Conversation:
    """The conversation of that number; skips the test when the data are not there."""
    folder = os.environ.get("MNEMIC_DATA", "")
    if not folder or not (Path(folder) / "locomo").is_dir():
        pytest.skip("LoCoMo is not here: set MNEMIC_DATA to the folder that holds locomo/")
    return load_locomo(Path(folder)).conversations[number]


def retain_all(bank: Bank, conversation: Conversation) -> None:
    """Hand in a conversation session by session, and let what is due run."""
    sessions: dict[str, list[Event]] = {}
    for event in conversation.events:
        sessions.setdefault(event.session, []).append(event)
    for events in sessions.values():
        bank.retain(events)
    bank.consolidate()


def asked(conversation: Conversation, categories: str = "1234", most: int = 100) -> list[Probe]:
    """The first questions of these categories."""
    return [probe for probe in conversation.probes if probe.category in categories][:most]


def covered(bank: Bank, probes: Sequence[Probe], tokens: int = 1500, profile: str | None = None) -> float:
    """The mean share of the evidence that the contexts cite."""
    shares = [
        coverage(cited_events(bank.recall(p.question, tokens=tokens, profile=profile, asked_at=p.asked_at)), p.evidence)
        for p in probes
    ]
    return sum(shares) / len(shares)


def recalled(bank: Bank, probes: Sequence[Probe], k: int, profile: str | None = None) -> float:
    """The mean share of the evidence among the first ``k`` events that the hits rest on."""
    shares = []
    for probe in probes:
        hits = bank.search(probe.question, k=k, profile=profile, asked_at=probe.asked_at)
        shares.append(recall_at(event_ranking(hits), probe.evidence, k))
    return sum(shares) / len(shares)
