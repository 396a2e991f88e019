"""What every recipe promises, whatever its stages: the installed ones and the six of the proof."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from mnemic.bank import Bank
from mnemic.core.errors import Refused
from mnemic.core.experience import Episode, Step
from mnemic.core.op import Op
from mnemic.core.pipeline import Chain, Recipe
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Linker
from mnemic.core.view import View
from mnemic.recipes import load_recipe, presets_of, recipe_names

from . import a_mem, hindsight, reme, sculptor
from .workbench import current, fingerprint, log_of, memory_at, model_of, seq_of

#: Recipes with scripts of their own; all others, and these again, are answered by rule.
SIX = {f"{module.RECIPE.name} scripted": module for module in (a_mem, hindsight, reme, sculptor)}
NAMES = [*SIX, *(name for base in recipe_names() for name in (base, *presets_of(base)))]
#: Looks into one hash bucket of sixteen, as published: what lies in another is not found.
MAY_FIND_NOTHING = ("tim:as-coded",)
ANY_STATE = ("active", "superseded", "archived", "quarantined")

TALK = (
    ("s1", "Anna", "We moved to Lisbon last week because Clara found work there."),
    ("s1", "Ben", "Lovely! Is the flat in Lisbon big?"),
    ("s1", "Anna", "Two rooms with a view of the river Tagus."),
    ("s1", "Ben", "I think Anna likes Lisbon more than Porto."),
    ("s1", "Anna", "Anna bought a bicycle in Lisbon."),
    ("s2", "Ben", "Clara started a pottery class in Lisbon."),
    ("s2", "Anna", "The bicycle was stolen yesterday."),
    ("s2", "Ben", "Clara made a bowl for Anna."),
)
OTHER = (("s1", "Zoe", "Xylophones cost 900 kroner in Oslo."), ("s1", "Zoe", "Xylophones sound like winter."))


def recipe_of(name: str) -> Recipe:
    return SIX[name].RECIPE if name in SIX else load_recipe(name)


def scripts_of(name: str) -> dict[str, Any]:
    return dict(SIX[name].SCRIPTS) if name in SIX else {}


def fill(bank: Bank, talk: Sequence[tuple[str, str, str]] = TALK) -> None:
    """Hand in a conversation turn by turn, then tasks, then let what is due run."""
    for session, actor, text in talk:
        bank.retain([{"role": "user", "actor": actor, "content": text}], session=session)
    for number, (_, actor, text) in enumerate(talk[:3]):
        bank.retain(Episode(id=f"task-{number}", task=f"{actor}: {text}", steps=(Step(action=text),), reward=1.0))
    bank.consolidate()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bank(name: str, tmp_path: Path) -> Iterable[Bank]:
    with memory_at(tmp_path / "x.db", scripts_of(name)) as memory:
        made = memory.bank("b", recipe=recipe_of(name))
        fill(made)
        yield made


def test_a_recipe_survives_toml(name: str) -> None:
    recipe = recipe_of(name)
    assert Recipe.from_toml(recipe.to_toml()) == recipe


def test_replaying_the_log_rebuilds_an_identical_store(name: str, tmp_path: Path) -> None:
    with memory_at(tmp_path / "x.db", scripts_of(name)) as memory:
        bank = memory.bank("b", recipe=recipe_of(name))
        fill(bank)
        for record in current(bank)[:2]:
            bank.feedback("correct", [record.id])
            bank.delete(record.id)
        assert fingerprint(memory.branch("b", "copy")) == fingerprint(bank)
        memory.export("b", tmp_path / "b.mnemic")
        original = fingerprint(bank)
    with memory_at(tmp_path / "fresh.db", {}) as fresh:
        assert fingerprint(fresh.import_bank(tmp_path / "b.mnemic")) == original


def test_text_change_implies_view_change(bank: Bank) -> None:
    kept = next((record for record in current(bank) if record.keys), None)
    if kept is None:
        pytest.skip("no record of this recipe is indexed")
    new = bank.update(kept.id, "Quinces ripen in October.")
    assert all("Quinces" in new.keys[key_name].text for key_name, key in kept.keys.items() if kept.value in key.text)
    embedder = bank.engine.models.load_embedder()
    with bank.engine.view(bank.name) as view:
        for key_name, key in new.keys.items():
            if key.dense:
                stored = view.vectors([new.id], key=key_name)[new.id]
                assert np.allclose(stored, embedder.embed_documents([key.text])[0])
                assert new.id in [hit.id for hit in view.dense(key.text, key=key_name, k=3, where=Where())]
            if key.lexical and "Quinces" in key.text:
                assert view.lexical("quinces", key=key_name, k=1, where=Where())[0].id == new.id


def test_every_key_stands_in_the_indexes_as_it_reads(bank: Bank) -> None:
    embedder = bank.engine.models.load_embedder()
    with bank.engine.view(bank.name) as view:
        for record in view.scan(Where()):
            for key_name, key in record.keys.items():
                if key.dense:
                    stored = view.vectors([record.id], key=key_name)[record.id]
                    assert np.allclose(stored, embedder.embed_documents([key.text])[0])


def test_every_line_cites_a_record_and_every_record_cites_events(name: str, bank: Bank) -> None:
    context = bank.recall("What does Anna have in Lisbon?", tokens=400)
    lines = [line for line in context.text.splitlines() if line.startswith("[")]
    assert len(lines) == len(context.citations)
    assert lines or name in MAY_FIND_NOTHING
    for citation in context.citations:
        assert events_behind(bank, bank.get(citation.record))
    for record in current(bank, states=ANY_STATE):
        assert events_behind(bank, record), record


def events_behind(bank: Bank, record: Record) -> set[str]:
    """The events that a record rests on, directly or through those it was derived from."""
    seen, waiting, events = {record.id}, [record], set()
    while waiting:
        one = waiting.pop()
        cited = {span.source for span in one.sources} | set(one.derived_from)
        with bank.engine.view(bank.name) as view:
            events |= set(view.events(sorted(cited)))
            behind = view.get(sorted(cited - seen))
        seen |= set(behind)
        waiting.extend(behind.values())
    return events


@dataclass(frozen=True)
class Rogue(Linker):
    """Proposes to archive a record that it was never shown."""

    name: ClassVar[str] = "rogue"
    victim: str = ""

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        return [Op.demote(Record(id=self.victim, kind="note", value=""))]


def take_in_more(bank: Bank) -> None:
    """A task, and what a user says: some recipes read only the one, some only the other."""
    bank.retain(Episode(id="new", task="Swim", steps=(Step(action="Xaver visited Kyoto."),), reward=1.0))
    bank.retain([{"role": "user", "actor": "Xaver", "content": "Xaver visited Kyoto."}], session="new talk")
    bank.consolidate()


def test_no_op_on_an_unseen_id(name: str, tmp_path: Path) -> None:
    with memory_at(tmp_path / "x.db", scripts_of(name)) as memory:
        bank = memory.bank("b", recipe=recipe_of(name))
        fill(bank)
        victim = current(bank)[0].id
        recipe = recipe_of(name)
        rogue = replace(recipe, evolution=(*recipe.evolution, Chain.of(Rogue(victim))))
        before = {record.id: record.sha for record in current(bank, states=ANY_STATE)}
        turned = memory.bank("b", recipe=rogue)
        with pytest.raises(Refused, match="was not shown"):
            take_in_more(turned)
        assert {record.id: record.sha for record in current(bank, states=ANY_STATE)} == before


def test_same_seed_and_clock_same_store_and_same_context(name: str, tmp_path: Path) -> None:
    seen = set()
    for run in range(2):
        with memory_at(tmp_path / f"{run}.db", scripts_of(name)) as memory:
            bank = memory.bank("b", recipe=recipe_of(name))
            fill(bank)
            context = bank.recall("What did Clara make?", tokens=200)
            seen.add((fingerprint(bank), context.text, context.receipt))
    assert len(seen) == 1


def test_nothing_crosses_a_bank(name: str, tmp_path: Path) -> None:
    with memory_at(tmp_path / "x.db", scripts_of(name)) as memory:
        mine, other = (memory.bank(bank, recipe=recipe_of(name)) for bank in ("b", "other"))
        fill(mine)
        calls = len(model_of(mine).calls)
        before = fingerprint(mine)
        fill(other, OTHER)
        assert fingerprint(mine) == before
        assert all("Lisbon" not in str(call.inputs) for call in model_of(mine).calls[calls:])
        assert "Xylophones" not in mine.recall("What do xylophones cost in Oslo?", tokens=2000).text
        assert "Lisbon" not in other.recall("Who lives in Lisbon?", tokens=2000).text
        assert not {r.id for r in current(mine)} & {r.id for r in current(other)}


def test_the_budget_is_never_exceeded(bank: Bank) -> None:
    count = bank.engine.models.counter().count
    for tokens in (1, 7, 20, 60, 200, 1000):
        context = bank.recall("What does Anna have in Lisbon?", tokens=tokens)
        assert count(context.text) == context.tokens <= tokens


def test_evidence_is_never_changed_and_nothing_is_destroyed(bank: Bank) -> None:
    before = [event.to_json() for event in bank.events(limit=1000)]
    ids = {record.id for record in current(bank, states=ANY_STATE)}
    after = seq_of(bank)
    bank.retain([{"role": "user", "actor": "Anna", "content": "We do not live in Lisbon now."}], session="s9")
    bank.consolidate()
    assert [event.to_json() for event in bank.events(limit=1000)][: len(before)] == before
    assert ids <= {record.id for record in current(bank, states=ANY_STATE)}
    assert all(op.kind != "ERASE" for op in log_of(bank, after))
