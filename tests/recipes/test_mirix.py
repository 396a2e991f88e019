"""MIRIX works when each thing is stored once in its type, the core fits, and nobody sees a secret unasked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnemic.core.reading import Where
from mnemic.recipes.mirix import RECIPE, TYPES

from .locomo_bank import asked, locomo, recalled, retain_all
from .workbench import bank_at, current, model_of

#: What is said, by the type that it belongs to; ten of each.
LABELLED = {
    "episodic": "We went to the zoo number {i} on Sunday.",
    "semantic": "The capital of land {i} is city {i}.",
    "procedural": "First open valve {i}, then wait.",
    "resource": "The report is in file{i}.pdf on the shelf.",
    "core": "From now on call me captain {i}.",
    "secret": "The password of server {i} is hunter{i}xyz.",
}


def type_of(text: str) -> str:
    words = {"zoo": "episodic", "capital": "semantic", "valve": "procedural", "report": "resource", "call me": "core"}
    return next((kind for word, kind in words.items() if word in text), "secret")


def route(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"kinds": sorted({type_of(turn["text"]) for turn in inputs["turns"]})}


def extract(inputs: Mapping[str, Any]) -> dict[str, Any]:
    offered = {kind["name"] for kind in inputs["kinds"]}
    records = [
        {"kind": type_of(turn["text"]), "text": turn["text"], "turns": [turn["alias"]], "title": "a server's password"}
        for turn in inputs["turns"]
    ]
    assert {record["kind"] for record in records} == offered
    return {"records": records}


def add_all(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"operations": [{"event": "ADD", "fact": fact["alias"]} for fact in inputs["facts"]]}


SCRIPTS = {"route": route, "extract_typed": extract, "memory_operations": add_all}


def test_sixty_snippets_are_stored_once_each_in_their_type(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        said = [text.format(i=i) for i in range(10) for text in LABELLED.values()]
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session="s")
        bank.consolidate()
        for kind in TYPES:
            texts = sorted(record.value for record in current(bank, kinds=(kind,), secrets=True))
            assert texts == sorted(LABELLED[kind].format(i=i) for i in range(10))


def test_no_secret_in_any_context_index_or_prompt_of_reading(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        said = [LABELLED[kind].format(i=i) for i in range(4) for kind in ("secret", "episodic")]
        bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session="s")
        bank.consolidate()
        question = "What is the password of server 2, hunter2xyz?"
        asked = len(model_of(bank).calls)
        context = bank.recall(question, tokens=4000)
        assert context.citations
        assert "xyz" not in context.text
        assert all("hunter1xyz" not in str(call.inputs) for call in model_of(bank).calls[asked:])
        secrets = current(bank, kinds=("secret",), secrets=True)
        assert len(secrets) == 4
        assert all("xyz" not in key.text for record in secrets for key in record.keys.values())
        granted = bank.recall("the password of a server", tokens=4000, where=Where(secrets=True))
        assert "hunter2xyz" in granted.text
        assert [block.name for block in granted.blocks][-1] == "vault"


def test_the_core_stays_within_its_limit_and_keeps_the_last_value_of_every_key(tmp_path: Path) -> None:
    def told(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"records": [core_of(turn) for turn in inputs["turns"]]}

    def core_of(turn: Mapping[str, Any]) -> dict[str, Any]:
        _, number, _, value = turn["text"].split()
        text = f"Anna's key {number} is set to {value}, she says, and it matters."
        return {"kind": "core", "text": text, "turns": [turn["alias"]]}

    def blocks(inputs: Mapping[str, Any]) -> dict[str, Any]:
        latest: dict[str, str] = {}
        for line in "\n".join([inputs["text"], *inputs["new"]]).split("\n"):
            if line.startswith("Anna's key "):
                latest[line.split()[2]] = line
        return {"slots": [{"name": "human", "text": "\n".join(latest.values())}]}

    scripts = {**SCRIPTS, "route": lambda inputs: {"kinds": ["core"]}, "extract_typed": told, "fold_slots": blocks}
    with bank_at(tmp_path / "x.db", RECIPE, scripts) as bank:
        count = bank.engine.models.counter().count
        for start in range(0, 500, 20):
            said = [f"Key {i % 20} is {i}" for i in range(start, start + 20)]
            bank.retain([{"role": "user", "actor": "Anna", "content": text} for text in said], session="s")
            core = current(bank, kinds=("core",))
            assert sum(count(record.value) for record in core) <= 1200
        text = "\n".join(record.value for record in current(bank, kinds=("core",)))
        assert all(f"key {number} is set to {480 + number}," in text for number in range(20))
        # Whatever was folded is still told by the history.
        assert len(current(bank, kinds=("core",), states=("superseded",))) > 100


def test_the_time_of_what_happened_finds_more_than_meaning_alone(tmp_path: Path) -> None:
    conversation = locomo(0)
    probes = asked(conversation, "2", 60)
    found = {}
    for name in ("mirix", "dense"):
        with bank_at(tmp_path / f"{name}.db", name, {}) as bank:
            retain_all(bank, conversation)
            found[name] = recalled(bank, probes, 10)
    assert found["mirix"] > found["dense"]
