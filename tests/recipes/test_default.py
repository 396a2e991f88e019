"""The default with facts that a model extracts holds as much of the evidence as without, to one question."""

from __future__ import annotations

from pathlib import Path

from .given_bank import given_bank
from .locomo_bank import asked, covered, locomo


def test_extracted_facts_cost_no_evidence(tmp_path: Path) -> None:
    conversation = locomo()
    probes = asked(conversation, most=60)
    shares: dict[str, list[float]] = {}
    for recipe in ("default", "default:with-model"):
        with given_bank(tmp_path / f"{len(shares)}.db", recipe, conversation) as bank:
            shares[recipe] = [covered(bank, probes, tokens, "fast") for tokens in (500, 1500)]
    for without, with_facts in zip(shares["default"], shares["default:with-model"], strict=True):
        assert with_facts >= without - 1 / len(probes) > 0.5
