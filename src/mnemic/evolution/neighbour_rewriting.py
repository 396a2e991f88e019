"""Neighbour rewriting: a new note is linked to its neighbours, and what it says of them changes how they are found.

    asked: note, neighbours (aliased) -> connections, tags of the note, new context and tags of neighbours
    key(n) = content + context + keywords + tags        so that the indexes follow each rewriting at once

Content stays as it was written; each rewriting is a RETAG that keeps the former version.
Source: W. Xu et al., "A-MEM: Agentic Memory for LLM Agents", arXiv 2502.12110, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Key, Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Linker
from mnemic.core.view import View
from mnemic.core.wording import indexed_text
from mnemic.evolution.likeness import most_alike, vectors_of

#: What a note is found under besides its content.
NOTE_FIELDS = ("context", "keywords", "tags")


@dataclass(frozen=True)
class NeighbourRewriting(Linker):
    """Asks ``task`` with ``{note, neighbours}``, each {alias, time, content, context, keywords, tags}.

    The answer is ``{connections: [alias], tags: [...], rewrite: [{alias, context, tags}]}``; all three may be empty.
    An alias that was not shown is refused on its own and leaves a NOOP that says so. Parameters: ``key``, the dense
    key of notes; ``k``, neighbours shown; ``indexed``, what a note is found under besides its content.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> def note(i, text, *tags):
    ...     return Record(id=i, kind="note", value=text, tags=tags, keys={"note": Key(text)})
    >>> answer = {"connections": ["0"], "rewrite": [{"alias": "0", "tags": ["pets", "vet"]}, {"alias": "9"}]}
    >>> view = ListView([note("r1", "Rex barks", "pets")],
    ...                 tools=ListTools(answers={"evolve_neighbours": lambda inputs: answer}))
    >>> for op in NeighbourRewriting().link([note("n1", "Rex saw a vet")], view):
    ...     print(op.kind, op.targets, op.changes.get("tags", op.reason))
    LINK ('n1', 'r1')
    RETAG ('r1',) ('pets', 'vet')
    NOOP () refused: alias '9' was never shown; the shown ones are 0 to 0
    """

    name: ClassVar[str] = "neighbour_rewriting"
    needs: ClassVar[tuple[str, ...]] = ("embedder", "language-model")

    key: str = "note"
    k: int = 5
    indexed: tuple[str, ...] = NOTE_FIELDS
    task: str = "evolve_neighbours"

    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """Notes one after the other, each beside what the ones before have changed."""
        vectors = vectors_of(new, self.key, view)
        standing: dict[str, Record] = {}
        ops: list[Op] = []
        for note in new:
            if note.id not in vectors:
                continue
            standing.setdefault(note.id, note)
            before = {i: vectors[i] for i in standing if i in vectors}
            alike = most_alike(note.id, before, view, key=self.key, k=self.k, where=Where(kinds=(note.kind,)))
            ids = [record_id for record_id, _ in alike]
            neighbours = {**view.get(ids), **{i: standing[i] for i in ids if i in standing}}
            if neighbours:
                ops.extend(self._evolve(note.id, [neighbours[i] for i in ids], standing, view))
        return ops

    def _evolve(self, note_id: str, shown: list[Record], standing: dict[str, Record], view: View) -> list[Op]:
        aliases = AliasMap.of(record.id for record in shown)
        standing.update({record.id: record for record in shown})
        neighbours = [{"alias": aliases.alias(record.id), **_worded(record)} for record in shown]
        answer = view.tools.ask(self.task, {"note": _worded(standing[note_id]), "neighbours": neighbours})
        ops: list[Op] = []

        def each(aliased: Any, change: Any) -> None:
            try:
                ops.append(change(aliases.id(aliased)))
            except Refused as refusal:
                ops.append(Op.noop(reason=f"refused: {refusal}", actor=self.name))

        for alias in answer.get("connections", ()):
            each(alias, lambda other: Op.link(Edge(src=note_id, dst=other, rel="similar"), actor=self.name))
        if answer.get("tags"):
            ops.append(self._retag(note_id, {"tags": answer["tags"]}, standing))
        for rewriting in answer.get("rewrite", ()):
            each(rewriting.get("alias", ""), lambda other, wanted=rewriting: self._retag(other, wanted, standing))
        return ops

    def _retag(self, record_id: str, wanted: Mapping[str, Any], standing: dict[str, Record]) -> Op:
        shown = standing[record_id]
        fields = dict(shown.fields)
        if wanted.get("context"):
            fields["context"] = str(wanted["context"])
        tags = tuple(str(tag) for tag in wanted.get("tags") or shown.tags)
        new = shown.with_(fields=fields, tags=tags)
        known = shown.keys[self.key]
        keys = {**shown.keys, self.key: Key(indexed_text(new, self.indexed), known.lexical, known.dense)}
        standing[record_id] = new.with_(keys=keys)
        return Op.retag(shown, fields=fields, tags=tags, keys=keys, actor=self.name)


def _worded(note: Record) -> dict[str, Any]:
    when = when_of(note)
    return {
        "time": when.isoformat() if when else "",
        "content": note.value,
        "context": note.fields.get("context", ""),
        "keywords": list(note.fields.get("keywords", ())),
        "tags": list(note.tags),
    }
