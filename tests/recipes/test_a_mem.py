"""A-MEM works when exactly the neighbours are edited, and what is edited is found anew at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mnemic.core.evidence import Span

from .a_mem import RECIPE, SCRIPTS, evolve
from .workbench import bank_at, current, fingerprint, log_of, model_of, seq_of

PETS = ("Rex the dog barks at the postman", "Mia the cat sleeps on the sofa", "Rex the dog chased Mia the cat")
WORK = ("The deadline of the report is Monday", "The report needs a chart", "My boss read the report")
HOME = ("The kitchen tap is dripping", "The plumber repaired the kitchen tap", "We painted the kitchen yellow")
FOOD = ("Paella needs saffron and rice", "I cooked paella with rice", "Saffron is expensive")
MUSIC = ("The choir sings Bach", "Bach wrote cantatas", "The choir meets on Tuesday", "Tuesday is choir night")
TRIP = ("The train to Vienna leaves at noon", "Vienna has coffee houses", "Our hotel in Vienna is old", "Noon is hot")
NOTES = (*PETS, *WORK, *HOME, *FOOD, *MUSIC, *TRIP)


def test_exactly_the_neighbours_are_edited_and_their_vectors_follow(tmp_path: Path) -> None:
    assert len(NOTES) == 20
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        for text in NOTES:
            ids = [record.id for record in current(bank)]
            with bank.engine.view(bank.name) as view:
                former = {i: vector.copy() for i, vector in view.vectors(ids, key="note").items()}
            shas = {record.id: record.sha for record in current(bank)}
            seq, calls = seq_of(bank), len(model_of(bank).calls)
            (new,) = bank.retain(text, session="s").records
            asked = [call for call in model_of(bank).calls[calls:] if call.task == "evolve_neighbours"]
            of_text = {record.value: record.id for record in current(bank)}
            neighbours = {of_text[n["content"]] for call in asked for n in call.inputs["neighbours"]}
            edited = {op.targets[0] for op in log_of(bank, seq) if op.kind == "RETAG"}
            assert edited - {new} == neighbours
            assert len(neighbours) == min(len(ids), 5)
            now = {record.id: record for record in current(bank)}
            assert {i for i in ids if now[i].sha != shas[i]} == neighbours
            with bank.engine.view(bank.name) as view:
                vectors = view.vectors(ids, key="note")
            for record_id in ids:
                assert np.array_equal(vectors[record_id], former[record_id]) == (record_id not in neighbours)
                text_now = now[record_id].keys["note"].text
                fresh = bank.engine.models.load_embedder().embed_documents([text_now])[0]
                assert np.allclose(vectors[record_id], fresh)


def test_content_stays_and_former_tags_are_in_the_history(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        for text in PETS:
            bank.retain(text, session="s")
        rex = next(record for record in current(bank) if record.value == PETS[0])
        versions = bank.history(rex.id)
        assert {entry.record.value for entry in versions} == {PETS[0]}
        assert versions[0].record.tags == ("postman",)
        assert set(rex.tags) > {"postman"}
        assert all(isinstance(span, Span) for span in rex.sources)


def test_links_bring_in_what_the_question_does_not_name(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, SCRIPTS) as bank:
        for text in (*WORK, *PETS):
            bank.retain(text, session="s")
        hits = bank.search("barks at the postman", k=20)
        assert hits[0].record.value == PETS[0]
        with bank.engine.view(bank.name) as view:
            linked = view.edges([hits[0].record.id], rels=("similar",), direction="both")
        assert linked


def test_an_alias_that_was_not_shown_edits_nothing(tmp_path: Path) -> None:
    def wild(inputs: dict[str, Any]) -> dict[str, Any]:
        return {**evolve(inputs), "connections": ["12"], "rewrite": [{"alias": "7", "tags": ["x"]}]}

    with bank_at(tmp_path / "x.db", RECIPE, {**SCRIPTS, "evolve_neighbours": wild}) as bank:
        bank.retain(PETS[0], session="s")
        before = current(bank)[0].sha
        bank.retain(PETS[1], session="s")
        assert next(r for r in current(bank) if r.value == PETS[0]).sha == before
        assert sum(op.reason.startswith("refused") for op in log_of(bank)) == 2
        assert fingerprint(bank)


def test_notes_of_one_segment_see_one_another(tmp_path: Path) -> None:
    both = {"records": [{"text": PETS[0], "tags": ["a"]}, {"text": PETS[2], "tags": ["b"]}]}
    with bank_at(tmp_path / "x.db", RECIPE, {**SCRIPTS, "write_note": lambda inputs: both}) as bank:
        bank.retain("Two things about Rex", session="s")
        first, second = current(bank)
        assert "b" in first.tags
        assert "linked" in second.tags
        with bank.engine.view(bank.name) as view:
            assert [edge.dst for edge in view.edges([second.id])] == [first.id]
