"""What recipes find on real conversations: the share of the evidence in the first records. Skips without the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import mnemic
from mnemic.bank import Bank
from mnemic.bench.suite import Conversation, Probe
from mnemic.core.evidence import Event
from mnemic.core.execute import search
from mnemic.core.pipeline import Chain
from mnemic.memory import Memory
from mnemic.models.language.port import LanguageModel
from mnemic.models.registry import load_embedder


def answerable(conversation: Conversation, events: Sequence[Event], most: int = 40) -> list[Probe]:
    """Its first questions whose evidence lies within the events, and that have an answer (category 5 has none)."""
    known = {event.id for event in events}
    return [p for p in conversation.probes if p.category != "5" and known.issuperset(p.evidence)][:most]


def open_with(path: Path, embedder: str, model: LanguageModel | None = None) -> Memory:
    """A memory with a real embedder; skips when its weights are not installed."""
    try:
        load_embedder(embedder)
    except mnemic.MnemicError as error:
        pytest.skip(f"embedder {embedder}: {error}")
    return mnemic.open(path, embedder=embedder, reranker="none", language_model=model, seed=1)


def recall_at(bank: Bank, chains: Mapping[str, Chain], probes: Sequence[Probe], k: int = 10) -> dict[str, float]:
    """For each chain, the mean share of a question's evidence that the first ``k`` records rest on."""
    shares: dict[str, list[float]] = {name: [] for name in chains}
    with bank.engine.view(bank.name) as view:
        for probe in probes:
            query = bank.query(probe.question, asked_at=probe.asked_at)
            for name, chain in chains.items():
                found = view.get([hit.id for hit in search(chain, query, view)[:k]])
                cited = {span.source for record in found.values() for span in record.sources}
                shares[name].append(len(cited.intersection(probe.evidence)) / len(set(probe.evidence)))
    return {name: round(sum(values) / len(values), 3) for name, values in shares.items()}
