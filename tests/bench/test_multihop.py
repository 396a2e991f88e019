"""Multi-hop questions: passages are events, supporting passages the evidence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mnemic.bench.multihop import load_multihop
from mnemic.bench.suite import load_suite
from mnemic.core.errors import BadInput

HOTPOT = [
    {
        "_id": "q1",
        "question": "In which country is the town where Rex was born?",
        "answer": "Portugal",
        "type": "bridge",
        "supporting_facts": [["Rex", 0], ["Rex", 1], ["Sintra", 0]],
    }
]
CORPUS = {"Rex": ["Rex is a dog.", " He was born in Sintra."], "Sintra": ["Sintra is in Portugal."], "Oslo": ["Oslo."]}
MUSIQUE = [
    {
        "id": "2hop__1_2",
        "question": "Where is Rex's town?",
        "answer": "Portugal",
        "paragraphs": [
            {"title": "Rex", "paragraph_text": "Born in Sintra.", "is_supporting": True},
            {"title": "Rex", "paragraph_text": "Another Rex.", "is_supporting": False},
        ],
    }
]


def write(folder: Path, name: str, data: object) -> None:
    (folder / "multihop_hipporag").mkdir(exist_ok=True)
    (folder / "multihop_hipporag" / name).write_text(json.dumps(data))


def test_hotpotqa_is_read(tmp_path: Path) -> None:
    write(tmp_path, "hotpotqa_train.json", HOTPOT)
    write(tmp_path, "hotpotqa_train_corpus.json", CORPUS)
    suite = load_suite("multihop", tmp_path)
    (conversation,) = suite.conversations
    assert [event.text for event in conversation.events] == [
        "Rex is a dog. He was born in Sintra.",
        "Sintra is in Portugal.",
        "Oslo.",
    ]
    assert conversation.probes[0].evidence == ("p0", "p1")
    assert len(conversation.sessions()) == 3


def test_musique_tells_passages_of_one_title_apart(tmp_path: Path) -> None:
    write(tmp_path, "musique_train.json", MUSIQUE)
    corpus = [{"title": "Rex", "text": "Another Rex."}, {"title": "Rex", "text": "Born in Sintra."}]
    write(tmp_path, "musique_train_corpus.json", corpus)
    (probe,) = load_multihop(tmp_path, "musique").probes
    assert (probe.evidence, probe.category) == (("p1",), "2hop")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"hotpotqa_train\.json not found"):
        load_multihop(tmp_path)
    with pytest.raises(BadInput, match="multihop/other is not known"):
        load_multihop(tmp_path, "other")
    write(tmp_path, "hotpotqa_train.json", [{}])
    write(tmp_path, "hotpotqa_train_corpus.json", CORPUS)
    with pytest.raises(BadInput, match="not in its published form"):
        load_multihop(tmp_path)


@pytest.mark.skipif(not os.environ.get("MNEMIC_DATA"), reason="MNEMIC_DATA names no folder of data sets")
@pytest.mark.parametrize(("name", "events", "gold"), [("hotpotqa", 994, 200), ("musique", 1890, 237)])
def test_the_published_samples_are_read_whole(name: str, events: int, gold: int) -> None:
    data = Path(os.environ["MNEMIC_DATA"])
    if not (data / "multihop_hipporag").exists():
        pytest.skip("the multi-hop samples are not in MNEMIC_DATA")
    suite = load_multihop(data, name)
    assert suite.events == events
    assert len(suite.probes) == 100
    assert sum(len(probe.evidence) for probe in suite.probes) == gold
    assert suite.dropped.questions == 0
    assert not suite.dropped.unresolved
