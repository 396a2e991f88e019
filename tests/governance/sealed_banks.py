"""What the tests of sealed banks share: a bank with something of everything, and a search for traces of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import mnemic
from mnemic.bank import Bank
from mnemic.core.analysis import terms
from mnemic.core.chance import ManualClock
from mnemic.core.evidence import sha
from mnemic.core.op import Op
from mnemic.core.record import Edge, Key, Record
from mnemic.governance.keyring import LocalKeys
from mnemic.memory import Memory
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.store.index.dense_index import sketch
from mnemic.store.index.lexical_index import term_hash

KEYS = LocalKeys((bytes(range(32)),))


def opened(where: Path | str, keys: LocalKeys | None = KEYS, **options: Any) -> Memory:
    """A memory whose models are rules, with a clock that steps and a seed."""
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC), step=timedelta(seconds=1))
    given: dict[str, Any] = {"embedder": "hashing", "reranker": "overlap", "language_model": "rules", "seed": 1}
    return mnemic.open(where, clock=clock, keys=keys, **(given | options))


def fingerprint(bank: Bank) -> str:
    """The hash of all that a bank holds."""
    with bank.engine.store.snapshot(bank.name) as snapshot:
        return snapshot.fingerprint()


def live(bank: Bank, word: str) -> None:
    """Have something of everything happen in a bank, with ``word`` wherever a user may put words."""
    said = {"role": "user", "actor": f"Act{word}", "content": f"The {word} nests by Zanzibar's lighthouse."}
    bank.retain([{**said, "id": f"event-{word}"}], session=f"sess{word}", at="2026-01-01", close=True)
    bank.retain([{**said, "content": f"My name is {word} and I live in {word}ville."}], session="other", close=True)
    note = Record(
        id=f"note-{word}", kind="semantic", value=f"a note on {word}", keys={"words": Key(f"{word} noted")},
        tags=(f"tag{word}",), labels=(f"label{word}",), entities=(f"entity{word}",), session=f"sess{word}",
        actor=f"Act{word}", views={"stub": word}, fields={"field": word},
    )  # fmt: skip
    other = note.with_(id=f"second-{word}", value=f"the second {word}")
    link = Edge(src=note.id, dst=other.id, rel=f"rel{word}")
    tried = Op(kind="NOOP", changes={"ran": {f"held:event-{word}": 1}}, reason="tried in vain", actor="formation")
    bank.engine.commit(bank.name, lambda _: [Op.add(note), Op.add(other), Op.link(link), tried])
    with bank.engine.store.snapshot(bank.name) as snapshot:
        assert f"held:event-{word}" in snapshot.rules()
    bank.recall(f"Where does the {word} nest?")
    bank.answer(f"Where does {word} live?")
    bank.feedback("label", [note.id], text=f"label of {word}")
    bank.update(note.id, f"{word} changed")
    bank.consolidate()


def traces(word: str) -> dict[str, bytes]:
    """What would tell of a word, by what it is: its letters, and what is made of a text that holds it."""
    text = f"{word} noted"
    vector = HashingEmbedder().embed_documents([text])[0].astype("<f4")
    return {
        "as it is": word.encode(),
        "folded": word.casefold().encode(),
        "in UTF-16": word.encode("utf-16-le"),
        "embedding": max((vector[i : i + 4].tobytes() for i in range(len(vector) - 4)), key=lambda raw: len(set(raw))),
        "sketch": sketch(vector[None, :])[0].tobytes(),
        "hash": bytes.fromhex(sha(text))[:20],
        "hash in hex": sha(text)[:40].encode(),
        "hash of a term": term_hash(terms(word)[0]).to_bytes(8, "little"),
    }


def found(files: Iterable[Path], word: str) -> set[str]:
    """What of the traces of a word any of the files holds."""
    held = [file.read_bytes() for file in files]
    return {what for what, trace in traces(word).items() if any(trace in raw for raw in held)}


def files_of(*folders: Path) -> Iterator[Path]:
    """All files below some folders."""
    for folder in folders:
        yield from (file for file in folder.rglob("*") if file.is_file())
