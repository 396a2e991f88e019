"""RET-LLM works when a pattern finds every triple that matches and no other, and only commands command."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.list_view import ListView
from mnemic.core.reading import Query, Sub
from mnemic.core.record import Key, Record
from mnemic.core.triple_commands import SLOTS, commands_in, slot_labels
from mnemic.recipes.ret_llm import RECIPE
from mnemic.retrieval.triple_pattern import TriplePattern

from .workbench import bank_at, current, model_of

PATTERNS = [set(slots) for size in (1, 2) for slots in itertools.combinations(SLOTS, size)]


def random_triples(count: int) -> list[dict[str, str]]:
    lot = random.Random(7)
    people, verbs = [f"person {i}" for i in range(count // 10)], [f"verb {i}" for i in range(40)]
    return [
        {"head": lot.choice(people), "relation": lot.choice(verbs), "tail": lot.choice(people)} for _ in range(count)
    ]


def as_record(place: int, slots: Mapping[str, str]) -> Record:
    value = " ".join(slots[name] for name in SLOTS)
    return Record(id=f"t{place:05}", kind="triple", value=value, fields=dict(slots), labels=slot_labels(slots))


@pytest.fixture(scope="module")
def many() -> tuple[list[dict[str, str]], ListView]:
    triples = random_triples(10_000)
    return triples, ListView(as_record(place, slots) for place, slots in enumerate(triples))


@pytest.mark.parametrize("given_slots", PATTERNS, ids=lambda slots: "+".join(sorted(slots)))
def test_each_pattern_finds_what_brute_force_finds(
    given_slots: set[str], many: tuple[list[dict[str, str]], ListView]
) -> None:
    triples, view = many
    for slots in triples[:3]:
        wanted = {name: slots[name] for name in sorted(given_slots)}
        brute = {f"t{i:05}" for i, one in enumerate(triples) if all(one[n] == v for n, v in wanted.items())}
        hits = TriplePattern(k=10_000).search(Sub(text="", facets=wanted), Query(text="", asked_at=view.now), view)
        assert {hit.id for hit in hits} == brute
        assert {hit.score for hit in hits} == {1.0}


def typo(word: str, lot: random.Random) -> str:
    """The word with one letter left out, doubled or replaced."""
    place = lot.randrange(1, len(word))
    return word[:place] + lot.choice(["", word[place] * 2, lot.choice("abcdefgh")]) + word[place + 1 :]


def test_typos_are_forgiven_and_unknown_terms_are_not_taken_for_known_ones() -> None:
    lot = random.Random(3)
    syllables = ["ka", "lo", "mi", "ter", "san", "vu", "rel", "bo", "dis", "pan"]
    names = sorted({"".join(lot.choices(syllables, k=4)) for _ in range(300)})
    known, unknown = names[::2], names[1::2]
    view = ListView(
        as_record(i, {"head": name, "relation": "lives in", "tail": f"town {i}"}) for i, name in enumerate(known)
    )

    def found(name: str, *, fuzzy: bool) -> set[str]:
        stage = TriplePattern(fuzzy=fuzzy, meaning=False, spelling=0.88)
        hits = stage.search(Sub(text="", facets={"head": name}), Query(text="", asked_at=view.now), view)
        return {hit.id for hit in hits}

    misspelt = [(f"t{i:05}", typo(name, lot)) for i, name in enumerate(known)]
    hit = sum(right in found(name, fuzzy=True) for right, name in misspelt) / len(misspelt)
    assert hit > 0.85, hit
    assert hit > sum(right in found(name, fuzzy=False) for right, name in misspelt) / len(misspelt)
    far = ["".join(reversed(name)) for name in unknown]
    assert sum(bool(found(name, fuzzy=True)) for name in far if name not in known) / len(far) < 0.02


def test_a_relation_in_other_words_gives_way_to_the_nearest_known_one() -> None:
    triples = [("Anna", "works at", "Acme"), ("Ben", "lives in", "Rome")]
    records = []
    for place, (head, relation, tail) in enumerate(triples):
        record = as_record(place, {"head": head, "relation": relation, "tail": tail})
        keys = {"head": head.lower(), "relation": relation, "tail": tail.lower()}
        records.append(record.with_(keys={name: Key(text, lexical=False) for name, text in keys.items()}))
    view = ListView(records)
    sub = Sub(text="", facets={"relation": "working life", "head": "Anna"})
    stage = TriplePattern(quantile=0.5, strictness=0.0)
    hits = stage.search(sub, Query(text="", asked_at=view.now), view)
    assert [hit.id for hit in hits] == ["t00000"]
    assert 0 < hits[0].parts["slot:relation"] < 1


def test_who_works_there_is_answered_by_everyone_who_does(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {}) as bank:
        for number, name in enumerate(("Ana", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo", "Kai", "Lu")):
            bank.retain({"role": "user", "actor": name, "content": "I work at Acme."}, session=f"s{number}")
            bank.retain({"role": "user", "actor": name, "content": "I work at home."}, session=f"s{number}")
        context = bank.recall("Who work at Acme?", tokens=1500)
        best = max(citation.hit.score for citation in context.citations)
        heads = {bank.get(c.record).fields["head"] for c in context.citations if c.hit.score >= best - 0.2}
        assert len(heads) == 12
        assert bank.recall("[MEM_READ{>>work at>>Acme}]", tokens=1500).text.count("Acme") == 12
        assert len(bank.search("[MEM_READ{Ana>>>>}]", k=50)) == 2


def test_an_agents_commands_are_written_without_asking_and_cite_themselves(tmp_path: Path) -> None:
    said = "Noted. [MEM_WRITE{Anna>>rows on>>the Tagus}] [MEM_WRITE{broken>>} [MEM_WRITE{a>>b>>c>>d}]"
    with bank_at(tmp_path / "x.db", RECIPE, {"extract_triples": lambda _: {"records": []}}) as bank:
        bank.retain([{"role": "assistant", "content": said}, {"role": "user", "content": said}], session="s")
        (triple,) = current(bank)
        assert triple.fields == {"head": "Anna", "relation": "rows on", "tail": "the Tagus"}
        (span,) = triple.sources
        assert said[span.start : span.end] == "[MEM_WRITE{Anna>>rows on>>the Tagus}]"
        context = bank.recall("[MEM_READ{Anna>>rows on>>}]")
        assert "Tagus" in context.text
        assert "triple_patterns" not in {call.task for call in model_of(bank).calls}


@given(st.text(alphabet=st.sampled_from(list("[]{}>MEM_WRITEREADab \n")), max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    for command in commands_in(text):
        assert text[command.start : command.end].startswith(("[MEM_WRITE{", "[MEM_READ{"))
        assert len(command.slots) == 3 if command.verb == "WRITE" else 0 < len(command.slots) < 3


@pytest.mark.parametrize("told", ["[MEM_READ{>>>>}]", "[MEM_READ{a>>b>>c}]", "[MEM_DROP{a>>b>>c}]", "[MEM_READ{a>>b}]"])
def test_what_is_no_command_is_asked_like_a_question(tmp_path: Path, told: str) -> None:
    def patterns(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"patterns": [{"head": "Anna"}, {}, {"head": "a", "relation": "b", "tail": "c"}]}

    with bank_at(tmp_path / "x.db", RECIPE, {"triple_patterns": patterns}) as bank:
        bank.retain({"role": "user", "actor": "Anna", "content": "I moved to Lisbon."}, session="s")
        assert "Lisbon" in bank.recall(told).text
