"""What can be asked of and done to the records and events of a bank: a part of :class:`mnemic.bank.Bank`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime

from mnemic.answers import HistoryEntry, Page
from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, NotFound, Outdated
from mnemic.core.evidence import Event
from mnemic.core.op import Op
from mnemic.core.reading import Receipt, Where
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.core.scope import Scope
from mnemic.core.times import instant
from mnemic.engine.engine import Engine
from mnemic.engine.intake import Written
from mnemic.engine.scoped import behind_wall, scoped
from mnemic.engine.store_view import StoreView
from mnemic.engine.twins import with_twins
from mnemic.entering import Entrance
from mnemic.messages import MAX_TEXT, check_text, check_whole
from mnemic.recalling import MAX_PAGE, check_where
from mnemic.store.protocol import Snapshot

MAX_SEQ = 1 << 40


class RecordVerbs:
    """Records and events of a bank: look at them, page through them, change what is kept of them."""

    __slots__ = ()

    name: str
    engine: Engine
    scope: Scope
    acting: Acting
    entrance: Entrance

    def _view(self, at: int | None = None) -> AbstractContextManager[StoreView]:
        return self.engine.view(self.name, at, self.scope)

    @contextmanager
    def _snapshot(self, at: int | None = None) -> Iterator[Snapshot]:
        with self.engine.store.snapshot(self.name, at) as snapshot:
            yield scoped(snapshot, self.scope)

    def _commit(self, propose: Callable[[StoreView], Iterable[Op]]) -> Written:
        # What one changes is what one sees; what follows from it is worked out over the whole bank.
        return self.engine.commit(self.name, lambda view: propose(behind_wall(view, self.scope)))

    def _receipts(self, limit: int) -> Sequence[Receipt]:
        newest = self.engine.store.receipts(self.name, limit if not self.scope.narrow else MAX_PAGE)
        return [own for receipt in newest if (own := self._own(receipt)) is not None][:limit]

    def _own(self, receipt: Receipt) -> Receipt | None:
        """A receipt as it may be shown: who sees a part of a bank sees his own, and of these what he may still see."""
        if not self.scope.narrow:
            return receipt
        if receipt.who != self.acting.asker:
            return None
        with self._snapshot() as snapshot:
            there = snapshot.records([str(line["record"]) for line in receipt.lines])
        return replace(receipt, lines=tuple(line for line in receipt.lines if line["record"] in there))

    def _sealed(self, text: str) -> str:
        """A text that is to be kept, without its secrets, which the vault has then."""
        return self.entrance.sealed(self.engine, self.name, text)

    def _at(self, as_of: datetime | str | int | None) -> int | None:
        if as_of is None:
            return None
        if isinstance(as_of, int) and not isinstance(as_of, bool):
            return check_whole(as_of, "as_of", 0, MAX_SEQ)
        with self._snapshot() as snapshot:
            return snapshot.log_at(instant(as_of, "as_of"))

    def get(self, record_id: str, *, as_of: datetime | str | int | None = None) -> Record:
        """A record by id; raises NotFound."""
        with self._view(self._at(as_of)) as view:
            return self._shown(view, record_id)

    def list(
        self, where: Where | None = None, *, limit: int = 50, after: int = 0, as_of: datetime | str | int | None = None
    ) -> Page:
        """Records in order of time, ``limit`` at a time, from place ``after`` on."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        check_where(where)
        with self._view(self._at(as_of)) as view:
            records = view.scan(where or Where(), limit=limit + 1, skip=after)
        return Page(tuple(records[:limit]), after + limit if len(records) > limit else None)

    def event(self, event_id: str) -> Event:
        """An event by id; raises NotFound."""
        with self._snapshot() as snapshot:
            found = snapshot.events([event_id])
        if event_id not in found:
            raise NotFound(f"event: bank {self.name!r} has none with id {event_id!r}")
        return found[event_id]

    def events(self, session: str | None = None, *, limit: int = 100, after: int = 0) -> Sequence[Event]:
        """Events in the order in which they were retained, behind seq ``after``."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        with self._snapshot() as snapshot:
            return snapshot.event_page(session, after, limit)

    def update(self, record_id: str, value: str, *, reason: str = "", before_sha: str | None = None) -> Record:
        """Give a record another value; the former one stays in its history, evidence stays as it was said.

        What was made of the same words of the same event follows. With ``before_sha``, the sha of the record that the
        caller was shown, it raises Outdated when the record has changed since; ``delete`` and ``restore`` take it too.
        """
        check_text(value, "value", limit=MAX_TEXT)
        if not value.strip():
            raise BadInput("value: is empty; to set a record aside, delete it")
        value, reason = self._sealed(value), self._sealed(reason)

        def change(record: Record) -> Op:
            new = reworded(record, value).with_(epistemic="inference")
            return Op.update(record, new, reason=reason, actor="user")

        return self._change(record_id, change, before_sha)

    def delete(self, record_id: str, *, reason: str = "", before_sha: str | None = None) -> Record:
        """Set a record aside, and what was made of the same words: no default read finds it; it can be restored."""
        said = self._sealed(reason)
        return self._change(record_id, lambda record: Op.demote(record, reason=said, actor="user"), before_sha)

    def restore(self, record_id: str, *, reason: str = "", before_sha: str | None = None) -> Record:
        """Make a record that was set aside current again, and what was made of the same words."""
        said = self._sealed(reason)
        return self._change(record_id, lambda record: Op.restore(record, reason=said, actor="user"), before_sha)

    def _change(self, record_id: str, change: Callable[[Record], Op], before_sha: str | None) -> Record:
        def propose(view: StoreView) -> Sequence[Op]:
            shown = self._shown(view, record_id)
            if before_sha is not None and shown.sha != before_sha:
                raise Outdated(f"record: {record_id!r} was changed since it was read; read it again, then change it")
            return [change(record) for record in with_twins(shown, view)]

        self._commit(propose)
        return self.get(record_id)

    def _shown(self, view: StoreView, record_id: str) -> Record:
        found = view.get([record_id])
        if record_id not in found:
            raise NotFound(f"record: bank {self.name!r} has none with id {record_id!r}")
        return found[record_id]

    def history(self, record_id: str) -> Sequence[HistoryEntry]:
        """Every version of a record, first to current, with the op that made it."""
        with self._snapshot() as snapshot:
            versions = snapshot.versions(record_id)
            entries = {v.from_seq: next(iter(snapshot.log(v.from_seq - 1, v.from_seq))) for v in versions}
        if not versions:
            raise NotFound(f"record: bank {self.name!r} has none with id {record_id!r}")
        return [HistoryEntry(version.record, entries[version.from_seq]) for version in versions]
