"""What users of memories complain about, tried here: a full disk that goes unsaid, and deleted words that come back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import mnemic
from mnemic.core.task import Task
from mnemic.core.usage import Usage
from mnemic.models.language.port import Reply
from mnemic.models.language.rules import RuleModel

SECRET = "Quaxwell lighthouse"

# A file may not grow beyond this: as good as a full disk, and no disk has to be filled for it.
_FULL = """
import json, resource, sys
import mnemic
from mnemic.core.errors import MnemicError
with mnemic.open(sys.argv[1], embedder="hashing", reranker="overlap") as memory:
    bank = memory.bank("anna")
    kept = ["first"]
    bank.retain([{"id": "first", "content": "We moved to Lisbon."}])
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    told = ""
    for n in range(1000):
        try:
            bank.retain([{"id": str(n), "content": f"Turn {n} told of tea. " + "garden " * 400}])
            kept.append(str(n))
        except MnemicError as error:
            told = str(error)
            break
    found = bank.recall("Where did we move?").text
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    bank.retain([{"id": "last", "content": "There is room again."}])
    print(json.dumps({"kept": [*kept, "last"], "told": told, "found": found}))
"""


def test_a_full_disk_is_told_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(path), str(1_500_000)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "agent.db" in seen["told"]
    assert "full" in seen["told"] or "disk" in seen["told"]
    assert "Lisbon" in seen["found"]
    with mnemic.open(path, embedder="hashing", reranker="overlap") as memory:
        assert {event.id for event in memory.bank("anna").events(limit=2000)} == set(seen["kept"])
        assert memory.check() == []


@dataclass
class Listening:
    """Answers by rule, and remembers all that it was shown."""

    name: str = "listening"
    heard: list[str] = field(default_factory=list)

    def ask(self, task: Task, inputs: Mapping[str, Any]) -> Reply:
        self.heard.append(json.dumps([task.name, inputs], ensure_ascii=False, default=str))
        return Reply(RuleModel().ask(task, inputs).answer, Usage(calls=1))


@pytest.mark.parametrize("recipe", ["mem0", "a-mem", "hindsight", "rsum", "memory-bank"])
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_no_later_prompt_holds_what_was_erased(
    store: str, recipe: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = tmp_path / "agent.db" if store == "sqlite" else request.getfixturevalue("postgres18")
    model = Listening()
    with mnemic.open(where, embedder="hashing", reranker="overlap", language_model=model) as memory:
        bank = memory.bank("anna", recipe=recipe)
        bank.retain(
            [
                {"id": "a", "role": "user", "actor": "Anna", "content": f"I hid the key under the {SECRET}."},
                {"id": "b", "role": "user", "actor": "Ben", "content": "I like sardines from the harbour market."},
            ],
            session="s1",
            close=True,
        )
        bank.consolidate()
        assert any(SECRET in said for said in model.heard)
        assert bank.erase(person="Anna").clean
        model.heard.clear()
        bank.retain(
            [{"id": "c", "role": "user", "actor": "Anna", "content": "Where is my key?"}], session="s1", close=True
        )
        bank.consolidate()
        bank.answer("Where is the key hidden?")
        bank.recall("What lies under the lighthouse?")
        assert model.heard
        assert not [said for said in model.heard if "Quaxwell" in said]
