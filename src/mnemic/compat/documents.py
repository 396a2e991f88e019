"""Documents: named texts with data beside them, each a record that keeps its versions, its evidence what was written.

    id = "doc:" + SHA-256(name)[:32]

Stores of agent frameworks are put on this: writing is an event and a record in one commit, so that the history of a
document, rollback and branches are the bank's; a document that is deleted is set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnemic.bank import Bank
from mnemic.core.errors import Refused
from mnemic.core.evidence import Event, Part, sha
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key, Record
from mnemic.core.stage import Channel
from mnemic.core.times import Interval, Times
from mnemic.messages import to_events

#: The kind of the records, and the field that holds the data beside the text.
KIND = "resource"
DATA = "document"
_CHANNELS = {"lexical": (True, False), "dense": (False, True)}
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Document:
    """A text under a name.

    ``data`` is kept beside it, ``tags`` are what it can be listed by, ``indexed`` is what it is found by (the text when
    None, nothing when empty), ``session`` the collection that it belongs to.
    """

    name: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    indexed: str | None = None
    session: str = "documents"


def id_of(name: str) -> str:
    """The id of the record of a document.

    >>> id_of("a.txt")[:12]
    'doc:18b7cb09'
    """
    return f"doc:{sha(name)[:32]}"


def name_of(record: Record) -> str:
    """The name of a document's record."""
    return str(record.fields[DATA]["name"])


def data_of(record: Record) -> dict[str, Any]:
    """The data beside a document's text."""
    return dict(record.fields[DATA]["data"])


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a bank.

    >>> import mnemic, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> memory = mnemic.open(folder.name + "/agent.db", embedder="hashing", reranker="overlap")
    >>> documents = Documents(memory.bank("anna"))
    >>> documents.write([Document("tea.md", "Green tea at four."), Document("tea.md", "Black tea at five.")])
    >>> documents.read("tea.md").value, [entry.record.value for entry in documents.bank.history(id_of("tea.md"))]
    ('Black tea at five.', ['Green tea at four.', 'Black tea at five.'])
    >>> memory.close(); folder.cleanup()
    """

    bank: Bank
    role: str = "document"

    def read(self, name: str) -> Record | None:
        """The record of a document; None when there is none, or none any more."""
        return self.read_many([name]).get(name)

    def read_many(self, names: Iterable[str]) -> dict[str, Record]:
        """The records of those documents that are there, by name."""
        ids = {id_of(name): name for name in names}
        with self.bank.engine.view(self.bank.name) as view:
            found = view.get(list(ids))
        return {ids[i]: record for i, record in found.items() if record.state == "active"}

    def write(self, documents: Sequence[Document | str], *, reason: str = "") -> None:
        """Write documents, and set aside those of which only the name is given; all of it in one commit.

        Raises BadInput for a text that cannot be kept; nothing is written then.
        """
        last = {doc if isinstance(doc, str) else doc.name: doc for doc in documents}
        if len(last) < len(documents):
            # Each is a version of its own, so that none is lost from the history.
            for one in documents:
                self.write([one], reason=reason)
            return
        events = {doc.name: self._event(doc) for doc in last.values() if isinstance(doc, Document)}
        keys = self._keys()

        def propose(view: Any) -> Iterator[Op]:
            known = view.get([id_of(name) for name in last])
            for name, document in last.items():
                old = known.get(id_of(name))
                if isinstance(document, Document):
                    yield from _written(document, events[name], old, keys, reason)
                elif old is not None and old.state == "active":
                    yield Op.demote(old, reason=reason or "deleted", actor="user")

        for attempt in range(_ATTEMPTS):
            try:
                self.bank.engine.commit(self.bank.name, propose)
            except Refused:
                # Another writer made the document between looking and committing; now it is there to be changed.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def all(self, where: Where | None = None) -> Iterator[Record]:
        """All documents that a filter admits, in order of time."""
        after: int | None = 0
        while after is not None:
            page = self.bank.list((where or Where()).and_(kinds=(KIND,)), limit=1000, after=after)
            yield from (record for record in page.records if DATA in record.fields)
            after = page.next

    def _event(self, document: Document) -> Event:
        now = self.bank.engine.clock.now()
        body = {"role": self.role, "session": document.session, "meta": {DATA: {"name": document.name}}}
        parts = [Part("text", document.text)] if document.text.strip() else [Part("file", "", document.name)]
        (event,) = to_events([body | {"parts": parts}], session=None, at=None, now=now, ids=self.bank.engine.ids)
        return event

    def _keys(self) -> dict[str, tuple[bool, bool]]:
        """Under which keys the bank's recipe looks, and how."""
        out: dict[str, tuple[bool, bool]] = {}
        for stage in self.bank.recipe.read(self.bank.profile).stages():
            key = getattr(stage, "key", None)
            if isinstance(stage, Channel) and stage.name in _CHANNELS and isinstance(key, str):
                lexical, dense = _CHANNELS[stage.name]
                before = out.get(key, (False, False))
                out[key] = (before[0] or lexical, before[1] or dense)
        return out


def _written(
    document: Document, event: Event, old: Record | None, keys: Mapping[str, tuple[bool, bool]], reason: str
) -> Iterator[Op]:
    indexed = document.text if document.indexed is None else document.indexed
    record = Record(
        id=id_of(document.name),
        kind=KIND,
        value=document.text,
        keys={n: Key(indexed, *modes) for n, modes in keys.items()} if indexed.strip() else {},
        fields={
            DATA: {"name": document.name, "data": dict(document.data), "created": _created(old, event.occurred_at)}
        },
        tags=document.tags,
        times=Times(event=Interval(event.occurred_at, event.occurred_at)),
        sources=(event.span(),),
        session=document.session,
        actor=event.actor,
        role=event.role,
    )
    yield Op.retain(event)
    if old is None:
        yield Op.add(record, reason=reason, actor="user")
    elif old.state == "active":
        yield Op.update(old, record, reason=reason, actor="user")
    else:
        yield Op.restore(old, record, reason=reason, actor="user")
    # The recipe is not to form a second record of the same words.
    yield Op(kind="NOOP", changes={"formed": [event.id]}, reason="written", actor="user")


def _created(old: Record | None, now: datetime) -> str:
    known = old.fields.get(DATA, {}).get("created") if old is not None and old.state == "active" else None
    return str(known or now.isoformat())
