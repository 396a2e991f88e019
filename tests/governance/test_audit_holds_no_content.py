"""The audit names ids, counts and who; whatever was said, asked or named to any verb is not in it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnemic.config import Settings
from mnemic.core.acting import Acting
from mnemic.core.errors import MnemicError
from mnemic.core.reading import Where
from mnemic.guarded import BANK_VERBS, MEMORY_VERBS, GuardedBank, GuardedMemory
from mnemic.memory import Memory
from mnemic.store.notes import WHOLE_STORE

WORD = "zyklotron"
SAID = {"id": "e1", "content": f"My {WORD} is broken.", "actor": f"Mr {WORD.title()}", "session": f"{WORD}-talk"}


def given(function: Callable[..., Any], known: dict[str, Any]) -> dict[str, Any]:
    """Arguments for a verb by their names, each with the word in it where it may be any text."""
    out = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in known:
            out[name] = known[name]
        elif parameter.annotation in ("str", "str | None"):
            out[name] = f"about the {WORD}"
        elif parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            out[name] = [f"about the {WORD}"] if "Sequence" in str(parameter.annotation) else f"the {WORD}"
    return out


def ids(bank: GuardedBank) -> dict[str, Any]:
    """What is there now, by the names that verbs have for it."""
    record = next(iter(bank.list(limit=10).records), None)
    receipt = next(iter(bank.receipts(10)), None)
    out: dict[str, Any] = {"number": 1, "seq": 1, "rules": {}, "to": bank.last_seq(), "since": 0, "before_sha": None}
    if record is not None:
        out |= {"record_id": record.id, "records": [record.id], "ids": [record.id]}
    return out | {"receipt_id": receipt.id, "receipt": receipt.id} if receipt is not None else out


def entries(memory: Memory) -> Iterator[str]:
    memory.flush()
    for name in (WHOLE_STORE, *(row.name for row in memory.banks())):
        for entry in memory.engine.store.audit(name):
            yield json.dumps(entry.to_json())


@pytest.fixture
def known(tmp_path: Path) -> dict[str, Any]:
    return {
        "messages": [SAID], "question": f"Where is the {WORD}?", "tokens": 200, "form": "now", "recipe": "hybrid",
        "where": Where(actors=(f"Mr {WORD.title()}",)), "profile": None, "as_of": None, "asked_at": None, "at": None,
        "path": str(tmp_path / f"{WORD}.zip"), "bank": "anna", "name": "branched", "kind": "correction",
        "person": f"Mr {WORD.title()}", "session": None, "events": None, "during": None, "who": "local",
    }  # fmt: skip


def test_no_verb_of_a_bank_or_memory_leaves_what_it_was_told(
    tmp_path: Path, opened: Callable[..., Memory], known: dict[str, Any]
) -> None:
    witness = tmp_path / "witness.jsonl"
    memory = opened(tmp_path / "agent.db", settings=Settings(audit_witness=str(witness)))
    owner = memory.acting(Acting(recipient="doctor", purpose="care", reason="a visit"))
    bank = owner.bank("anna", create=True)
    bank.retain([SAID, {"id": "e2", "content": "Tea was had.", "session": "s"}])
    bank.recall(f"Where is the {WORD}?")
    done: set[str] = set()
    last = ("switch", "erase", "erasure_holds")
    for verb in (*(v for v in BANK_VERBS if v not in last), *last):
        if hasattr(bank.open, verb):
            words = {**known, **ids(bank), **({"tokens": (200,)} if verb == "recall_many" else {})}
            if verb == "erasure_holds":
                words["receipt"] = memory.bank("anna").erasures()[0]
            done |= called(bank, verb, given(getattr(bank.open, verb), words))
    for verb in MEMORY_VERBS:
        done |= called(owner, verb, given(getattr(memory, verb), known))
    owner.create_key(f"{WORD} key")
    owner.bank("ben", create=True).retain(f"A {WORD} again.")
    owner.erase_bank("ben", reason=f"of the {WORD}")
    told = list(entries(memory))
    assert {
        "recall", "search", "retain", "erase", "erase_plan", "feedback", "update", "answer", "get", "history", "why",
        "receipt", "delete", "relabel", "unlabel", "restore", "switch", "export", "branch", "matching",
        "erasure_holds", "trial",
    } <= done  # fmt: skip
    assert {json.loads(line)["verb"] for line in told} >= {"recall", "retain", "erase", "erased", "erase_bank"}
    assert [line for line in told if WORD in line.casefold()] == []
    assert WORD not in witness.read_text().casefold()


def called(thing: GuardedBank | GuardedMemory, verb: str, named: dict[str, Any]) -> set[str]:
    """Call a verb, and say so where it was done; what it refuses is audited too, and must hold nothing either."""
    try:
        getattr(thing, verb)(**named)
    except MnemicError:
        return set()
    return {verb}


def test_a_refusal_leaves_the_name_of_no_bank_that_is_not_there(opened: Callable[..., Memory], tmp_path: Path) -> None:
    memory = opened(tmp_path / "agent.db")
    key, _ = memory.acting(Acting()).create_key("somebody")
    with pytest.raises(MnemicError):
        memory.acting(Acting(principal=key.principal)).bank(f"{WORD}-bank", create=True)
    assert [line for line in entries(memory) if WORD in line] == []
