"""Rows that both engines read alike, in clear: edges, what lies beside the log, and the columns of a record's row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mnemic.core.record import Edge
from mnemic.core.times import from_micros
from mnemic.core.usage import Usage
from mnemic.store.asked import Asked
from mnemic.store.erasing import emptied
from mnemic.store.notes import Note
from mnemic.store.rows import edge_of, record_body
from mnemic.store.sealing import Codec

#: Columns of :class:`mnemic.store.index.source.RecordRow` behind its place, as they are sealed.
RECORD_ROW = ("records.id", "", "", "records.session", "records.actor", "", "", "", "", "")


def edges_of(rows: Iterable[Sequence[Any]], codec: Codec) -> Iterable[Edge]:
    """Edges of their bodies, which come in order where they lie in clear; given in order."""
    edges = (edge_of(body) for (body,) in codec.opened(rows, "edges.body"))
    return sorted(edges, key=lambda edge: (edge.src, edge.rel, edge.dst)) if codec.sealed else edges


def emptied_body(seq: int, codec: Codec) -> tuple[Any, Any]:
    """What lies in ``body`` and ``stats`` where an erased record lay."""
    body, stats = record_body(emptied(seq))
    return codec.seal("bodies.body", body), codec.seal("bodies.stats", stats)


def beside_of(table: str, rows: Iterable[Sequence[Any]], codec: Codec) -> Iterator[tuple[Any, str]]:
    """What lies beside the log, as (name, JSON): rows of ``receipts``, ``answers``, or of ``notes`` with their kind."""
    for *name, body in rows:
        held = codec.of_note(name[0]) if table == "notes" else codec
        names = [held.open(f"{table}.{column}", part) for column, part in zip(_NAMED[table], name, strict=True)]
        column = "answer" if table == "answers" else "body"
        yield (names[0] if len(names) == 1 else tuple(names)), held.open(f"{table}.{column}", body)


def notes_of(rows: Iterable[Sequence[Any]], bank: str, codec: Codec) -> list[Note]:
    """Notes of ``(kind, id, at, body)``, which come in order where they lie in clear; given in order."""
    notes = []
    for kind, note_id, at, body in rows:
        held = codec.of_note(kind)
        named, said = held.open("notes.id", note_id), held.open("notes.body", body)
        notes.append(Note(bank=bank, kind=kind, id=named, at=from_micros(at), body=json.loads(said)))
    return sorted(notes, key=lambda note: (note.kind, note.id)) if codec.sealed else notes


def answers_of(rows: Iterable[Sequence[Any]], bank: str, codec: Codec) -> list[Asked]:
    """Answers of ``(key, task, at, answer)``, which come in order where they lie in clear; given in order."""
    answers = [
        Asked(bank, from_micros(at), "", task, Usage(), key, json.loads(answer))
        for key, task, at, answer in codec.opened(rows, "answers.key", "", "", "answers.answer")
    ]
    return sorted(answers, key=lambda asked: asked.key) if codec.sealed else answers


_NAMED = {"receipts": ("id",), "answers": ("key",), "notes": ("kind", "id")}
