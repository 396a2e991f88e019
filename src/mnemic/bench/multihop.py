"""Multi-hop questions over encyclopedia passages: HotpotQA and MuSiQue, a hundred questions each with their corpora.

Each passage is an event and a session of its own; the gold evidence is the passages that support the answer, so that
memories that walk along entities can be compared with those that match words.
Sources: Yang et al., "HotpotQA", arXiv 1809.09600 (CC BY-SA 4.0); Trivedi et al., "MuSiQue", arXiv 2108.00573
(CC BY 4.0); the samples of github.com/OSU-NLP-Group/HippoRAG (branch legacy, data/). They are not shipped with mnemic.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from mnemic.bench.datafile import find_file, read_json
from mnemic.bench.suite import Conversation, Gold, Probe, Suite
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.core.times import instant

ORIGIN = (
    "the samples are published in github.com/OSU-NLP-Group/HippoRAG, branch legacy, data/ (<name>.json and "
    "<name>_corpus.json); put them into multihop_hipporag/"
)
FILES = {"hotpotqa": "hotpotqa_train", "musique": "musique_train"}
_BEGIN = instant("2024-01-01")


def load_multihop(data_dir: Path, name: str = "") -> Suite:
    """The questions of ``hotpotqa`` (also when no name is given) or ``musique``, in ``data_dir/multihop_hipporag``.

    Categories are HotpotQA's kinds of question (bridge, comparison) and MuSiQue's shapes of reasoning (2hop, 3hop1...).

    Raises
    ------
    BadInput
        When there is no such data set, a file is missing, or a field is missing or of the wrong form.
    """
    name = name or "hotpotqa"
    if name not in FILES:
        raise BadInput(f"suite: multihop/{name} is not known; choose multihop/{' or multihop/'.join(FILES)}")
    folder = data_dir / "multihop_hipporag"
    questions = read_json(find_file([folder / f"{FILES[name]}.json"], ORIGIN))
    corpus = read_json(find_file([folder / f"{FILES[name]}_corpus.json"], ORIGIN))
    try:
        passages = _hotpotqa(corpus) if name == "hotpotqa" else _musique(corpus)
        places = {passage: f"p{place}" for place, passage in enumerate(dict.fromkeys(passages))}
        events = tuple(_event(id_, *passage) for passage, id_ in places.items())
        titles: dict[str, list[str]] = {}
        for (title, _), id_ in places.items():
            titles.setdefault(title, []).append(id_)
        gold = Gold({event.id for event in events})
        asked_at = events[-1].occurred_at + timedelta(hours=1)
        probes = []
        for question in questions:
            if name == "hotpotqa":
                id_, category = str(question["_id"]), str(question["type"])
                found = [p for title, _ in question["supporting_facts"] for p in titles.get(title, [f"?{title}"])]
            else:
                id_, category = str(question["id"]), str(question["id"]).partition("__")[0]
                true = [p for p in question["paragraphs"] if p["is_supporting"]]
                found = [places.get((p["title"], p["paragraph_text"]), f"?{p['title']}") for p in true]
            if evidence := gold.resolve(id_, category, found):
                answer = str(question["answer"])
                probes.append(Probe(id_, question["question"], category, category, evidence, answer, asked_at))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadInput(f"data: {folder}: {name} is not in its published form ({error!r})") from None
    return Suite(f"multihop-{name}", (Conversation(name, events, tuple(probes)),), gold.dropped())


def _hotpotqa(corpus: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return ((title, "".join(sentences).strip()) for title, sentences in corpus.items())


def _musique(corpus: list[Any]) -> Iterable[tuple[str, str]]:
    return ((passage["title"], passage["text"]) for passage in corpus)


def _event(id_: str, title: str, text: str) -> Event:
    return Event(
        id=id_,
        session=id_,
        role="user",
        actor=title,
        parts=(Part("text", text),),
        occurred_at=_BEGIN + timedelta(minutes=int(id_[1:])),
    )
