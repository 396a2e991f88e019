"""A bank: one agent's or user's memory, and the verbs on it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mnemic.answers import Found, HistoryEntry, Page
from mnemic.core.errors import BadInput, NotFound
from mnemic.core.evidence import Event
from mnemic.core.execute import search
from mnemic.core.experience import COUNTER_OF, FEEDBACK_KINDS, FEEDBACK_ROLE, REWARD_OF, Episode, Feedback
from mnemic.core.op import LogEntry, Op
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Context, Cost, Hit, Query, Receipt, Where
from mnemic.core.record import Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Assembler
from mnemic.core.times import instant
from mnemic.engine.engine import Engine, Written
from mnemic.engine.store_view import StoreView
from mnemic.engine.timeline import Difference, difference, rollback_ops
from mnemic.messages import MAX_TEXT, Message, check_text, check_whole, to_events

MAX_QUESTION = 10_000
MAX_TOKENS = 1_000_000
MAX_PAGE = 10_000
MAX_SEQ = 1 << 40


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank of a memory; get one from :meth:`mnemic.memory.Memory.bank`.

    >>> import mnemic, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> memory = mnemic.open(folder.name + "/agent.db", embedder="hashing", reranker="overlap")
    >>> anna = memory.bank("anna")
    >>> _ = anna.retain([{"role": "user", "content": "We moved to Lisbon last May."}], session="s1", at="2026-06-02")
    >>> context = anna.recall("Where does she live now?", tokens=500)
    >>> "Lisbon" in context.text
    True
    >>> memory.close(); folder.cleanup()
    """

    name: str
    recipe: Recipe
    engine: Engine
    profile: str | None = None

    # Events in.

    def retain(
        self,
        messages: Message | Episode | Iterable[Message],
        *,
        session: str | None = None,
        at: datetime | str | float | None = None,
        close: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Written:
        """Take in what was said, shown or done; when this returns, it is committed.

        ``messages``: text, a chat message (role, content and optionally id, session, actor, at, parts, meta),
        an Event, an Episode, or many of them. ``session`` and ``at`` hold for those that do not say their own.
        An event whose id is known is skipped, so that a repeated import adds nothing. ``close`` says that the
        sessions are over. Raises BadInput naming the message and field; nothing is written then.
        """
        now = self.engine.clock.now()
        events = self._dated(to_events(messages, session=session, at=at, now=now, ids=self.engine.ids), now)
        closes = close or isinstance(messages, Episode)
        return self.engine.retain(self.name, self.recipe, events, close=closes, on_progress=on_progress)

    def _dated(self, events: Sequence[Event], now: datetime) -> Sequence[Event]:
        # An event that says no time is dated by its arrival. Retained once more, it arrives later, and is the same.
        undated = [event.id for event in events if event.occurred_at == now]
        if not undated:
            return events
        with self.engine.store.snapshot(self.name) as snapshot:
            known = snapshot.events(undated)
        return [replace(e, occurred_at=known[e.id].occurred_at) if e.id in known else e for e in events]

    def close_sessions(self) -> Written:
        """Form what still waits in every session, as if each were over."""
        with self.engine.store.snapshot(self.name) as snapshot:
            sessions = list(dict.fromkeys(event.session for event in snapshot.unformed(None)))
        total = Written()
        for session in sessions:
            total += self.engine.form_session(self.name, self.recipe, session, closed=True)
        return total

    def consolidate(self) -> Written:
        """Run what is due: sessions that wait, and every rule whose trigger fires, idle ones too."""
        return self.close_sessions() + self.engine.run_due(self.name, self.recipe, closed=True, idle=True)

    # Context out.

    def query(
        self,
        question: str,
        *,
        k: int = 20,
        tokens: int = 1500,
        where: Where | None = None,
        asked_at: datetime | str | None = None,
        asker: str = "",
    ) -> Query:
        """A checked query; raises BadInput naming the field."""
        check_text(question, "question", limit=MAX_QUESTION)
        if not question.strip():
            raise BadInput("question: is empty; ask something")
        check_whole(k, "k", 1, MAX_PAGE)
        check_whole(tokens, "tokens", 1, MAX_TOKENS)
        check_text(asker, "asker", limit=1000)
        _check_where(where)
        when = self.engine.clock.now() if asked_at is None else instant(asked_at, "asked_at")
        return Query(text=question, asked_at=when, where=where or Where(), asker=asker, k=k, tokens=tokens)

    def recall(
        self,
        question: str,
        *,
        tokens: int = 1500,
        profile: str | None = None,
        where: Where | None = None,
        as_of: datetime | str | int | None = None,
        asked_at: datetime | str | None = None,
        asker: str = "",
    ) -> Context:
        """The lines that matter for a question, at most ``tokens`` tokens of them, dated and cited.

        ``as_of`` reads the bank as it was at an instant or at a seq of its log; ``asked_at`` is what relative
        dates in the question refer to. Leaves a receipt.
        """
        _, contexts = self.recall_many(
            question, tokens=(tokens,), profile=profile, where=where, as_of=as_of, asked_at=asked_at, asker=asker
        )
        return contexts[0]

    def recall_many(
        self,
        question: str,
        *,
        tokens: Sequence[int],
        k: int = 20,
        profile: str | None = None,
        where: Where | None = None,
        as_of: datetime | str | int | None = None,
        asked_at: datetime | str | None = None,
        asker: str = "",
    ) -> tuple[list[Found], list[Context]]:
        """Search once and assemble a context for each budget: the hits, and the contexts in that order."""
        started = time.perf_counter()
        if not tokens:
            raise BadInput("tokens: no budget is given; give one or more")
        for budget in tokens:
            check_whole(budget, "tokens", 1, MAX_TOKENS)
        query = self.query(question, k=k, tokens=max(tokens), where=where, asked_at=asked_at, asker=asker)
        chain = self.recipe.read(profile or self.profile)
        assembler = chain.items[-1]
        if not isinstance(assembler, Assembler):
            raise BadInput(f"recipe {self.recipe.name!r}: its retrieval does not end in an assembler")
        contexts = []
        with self.engine.view(self.name, self._at(as_of)) as view:
            hits = search(chain, query, view)
            searched = time.perf_counter() - started
            for budget in tokens:
                began = time.perf_counter()
                checked = self.query(question, k=k, tokens=budget, where=where, asked_at=query.asked_at, asker=asker)
                made = assembler.build(hits, checked, view)
                ms = 1000 * (searched + time.perf_counter() - began)
                contexts.append(self._receipted(made, checked, view, ms, profile))
            found = self._found(hits[:k], view)
        return found, contexts

    def search(
        self,
        question: str,
        *,
        k: int = 20,
        profile: str | None = None,
        where: Where | None = None,
        as_of: datetime | str | int | None = None,
        asked_at: datetime | str | None = None,
        asker: str = "",
    ) -> list[Found]:
        """The ``k`` best records for a question with how each was found, before any assembling."""
        query = self.query(question, k=k, where=where, asked_at=asked_at, asker=asker)
        with self.engine.view(self.name, self._at(as_of)) as view:
            return self._found(search(self.recipe.read(profile or self.profile), query, view)[:k], view)

    @staticmethod
    def _found(hits: Sequence[Hit], view: StoreView) -> list[Found]:
        records = view.get([hit.id for hit in hits])
        return [Found(records[hit.id], hit) for hit in hits if hit.id in records]

    def _receipted(self, made: Context, query: Query, view: StoreView, ms: float, profile: str | None) -> Context:
        now = self.engine.clock.now()
        cost = Cost(made.cost.tokens, view.tools.calls, ms)
        chosen = profile or self.profile
        receipt = Receipt(
            id=self.engine.ids.new(now),
            bank=self.name,
            at=now,
            query=query.text,
            recipe=f"{self.recipe.name}:{chosen}" if chosen else self.recipe.name,
            seq=view.snapshot.seq,
            lines=tuple(citation.to_json() for citation in made.citations),
            cost=cost,
        )
        self.engine.store.put_receipt(receipt)
        return Context(made.blocks, made.citations, cost, receipt.id, query.text)

    def _at(self, as_of: datetime | str | int | None) -> int | None:
        if as_of is None:
            return None
        if isinstance(as_of, int) and not isinstance(as_of, bool):
            return check_whole(as_of, "as_of", 0, MAX_SEQ)
        with self.engine.store.snapshot(self.name) as snapshot:
            return snapshot.log_at(instant(as_of, "as_of"))

    # Records.

    def get(self, record_id: str, *, as_of: datetime | str | int | None = None) -> Record:
        """A record by id; raises NotFound."""
        with self.engine.view(self.name, self._at(as_of)) as view:
            return self._shown(view, record_id)

    def list(
        self, where: Where | None = None, *, limit: int = 50, after: int = 0, as_of: datetime | str | int | None = None
    ) -> Page:
        """Records in order of time, ``limit`` at a time, from place ``after`` on."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        _check_where(where)
        with self.engine.view(self.name, self._at(as_of)) as view:
            records = view.scan(where or Where(), limit=limit + 1, skip=after)
        return Page(tuple(records[:limit]), after + limit if len(records) > limit else None)

    def event(self, event_id: str) -> Event:
        """An event by id; raises NotFound."""
        with self.engine.store.snapshot(self.name) as snapshot:
            found = snapshot.events([event_id])
        if event_id not in found:
            raise NotFound(f"event: bank {self.name!r} has none with id {event_id!r}")
        return found[event_id]

    def events(self, session: str | None = None, *, limit: int = 100, after: int = 0) -> Sequence[Event]:
        """Events in the order in which they were retained, behind seq ``after``."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        with self.engine.store.snapshot(self.name) as snapshot:
            return snapshot.event_page(session, after, limit)

    def update(self, record_id: str, value: str, *, reason: str = "") -> Record:
        """Give a record another value; the former one stays in its history, evidence stays as it was said."""
        check_text(value, "value", limit=MAX_TEXT)
        if not value.strip():
            raise BadInput("value: is empty; to set a record aside, delete it")

        def propose(view: StoreView) -> Iterable[Op]:
            shown = self._shown(view, record_id)
            return [Op.update(shown, reworded(shown, value).with_(epistemic="inference"), reason=reason, actor="user")]

        self.engine.commit(self.name, propose)
        return self.get(record_id)

    def delete(self, record_id: str, *, reason: str = "") -> Record:
        """Set a record aside: no default read finds it; its history stays and it can be restored."""
        self.engine.commit(
            self.name, lambda view: [Op.demote(self._shown(view, record_id), reason=reason, actor="user")]
        )
        return self.get(record_id)

    def restore(self, record_id: str, *, reason: str = "") -> Record:
        """Make a record that was set aside current again."""
        self.engine.commit(
            self.name, lambda view: [Op.restore(self._shown(view, record_id), reason=reason, actor="user")]
        )
        return self.get(record_id)

    def _shown(self, view: StoreView, record_id: str) -> Record:
        found = view.get([record_id])
        if record_id not in found:
            raise NotFound(f"record: bank {self.name!r} has none with id {record_id!r}")
        return found[record_id]

    def history(self, record_id: str) -> Sequence[HistoryEntry]:
        """Every version of a record, first to current, with the op that made it."""
        with self.engine.store.snapshot(self.name) as snapshot:
            versions = snapshot.versions(record_id)
            entries = {v.from_seq: next(iter(snapshot.log(v.from_seq - 1, v.from_seq))) for v in versions}
        if not versions:
            raise NotFound(f"record: bank {self.name!r} has none with id {record_id!r}")
        return [HistoryEntry(version.record, entries[version.from_seq]) for version in versions]

    def feedback(
        self, kind: str, records: Sequence[str], *, receipt: str = "", text: str = "", value: float = 1.0
    ) -> Written:
        """Tell what became of records: cited, uncited, correct, wrong, liked, label or correction (law 13).

        A correction rewords the records it names. One that names none corrects what was made of a question, that of
        its receipt: it is retained as an event, since it is evidence, and the recipe forms it like any other.
        """
        if kind not in FEEDBACK_KINDS:
            raise BadInput(f"kind: {kind!r} is unknown; use one of {', '.join(FEEDBACK_KINDS)}")
        if kind in ("label", "correction") and not text.strip():
            raise BadInput(f"text: feedback of kind {kind!r} needs one")
        check_text(text, "text", limit=MAX_TEXT)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInput(f"value: {value!r} is no finite number")
        if kind == "correction" and not records:
            question = self.receipt(receipt).query if receipt else ""
            meta = {"kind": kind, "question": question, "receipt": receipt}
            return self.retain([{"role": FEEDBACK_ROLE, "content": text, "session": FEEDBACK_ROLE, "meta": meta}])
        given = Feedback(kind=kind, records=tuple(records), receipt=receipt, text=text, value=value)  # type: ignore[arg-type]
        recalled = self.engine.store.receipt(self.name, receipt) if receipt else None
        about = {"receipt": receipt, "question": recalled.query} if recalled else {}
        written = self.engine.commit(
            self.name, lambda view: [self._fed_back(view, given, i, about) for i in given.records]
        )
        return written + self.engine.run_due(self.name, self.recipe)

    def _fed_back(self, view: StoreView, given: Feedback, record_id: str, about: Mapping[str, str]) -> Op:
        shown = self._shown(view, record_id)
        reason = f"feedback {given.kind}" + (f" on receipt {given.receipt}" if given.receipt else "")
        if given.kind == "label":
            labels = tuple(dict.fromkeys((*shown.labels, given.text)))
            return Op.retag(shown, labels=labels, reason=reason, actor="user")
        if given.kind == "correction":
            return Op.update(
                shown, reworded(shown, given.text).with_(epistemic="inference"), reason=reason, actor="user"
            )
        counts = {COUNTER_OF[given.kind]: given.value, "hits": 1}
        judged = {**about, "reward": REWARD_OF[given.kind]} if about else None
        return Op.touch(record_id, counts, about=judged, reason=reason, actor="user")

    # The log.

    def log(self, *, after: int = 0, limit: int = 100) -> Sequence[LogEntry]:
        """Entries of the log behind seq ``after``."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        check_whole(after, "after", 0, MAX_SEQ)
        with self.engine.store.snapshot(self.name) as snapshot:
            return list(snapshot.log(after, after + limit))

    def diff(self, since: datetime | str | int, until: datetime | str | int | None = None) -> Difference:
        """What changed between two points of the log: records added, set aside, and changed."""
        low = self._at(since) or 0
        high = self._at(until)
        with self.engine.store.snapshot(self.name, low) as before, self.engine.store.snapshot(self.name, high) as after:
            return difference(before, after)

    def rollback(self, to: datetime | str | int, *, reason: str = "") -> Written:
        """Bring every record and edge back to what it was at a point of the log.

        Nothing is destroyed: the log goes on with the ops that undo, and those can be rolled back too. Events
        stay in evidence.
        """
        seq = self._at(to) or 0
        with self.engine.store.snapshot(self.name, seq) as past:
            return self.engine.commit(self.name, lambda view: rollback_ops(past, view, reason or f"rollback to {seq}"))

    # Accounts.

    def receipt(self, receipt_id: str) -> Receipt:
        """The receipt of a recall; raises NotFound."""
        found = self.engine.store.receipt(self.name, receipt_id)
        if found is None:
            raise NotFound(f"receipt: bank {self.name!r} has none with id {receipt_id!r}")
        return found

    def receipts(self, limit: int = 20) -> Sequence[Receipt]:
        """The newest receipts first."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        return self.engine.store.receipts(self.name, limit)

    def why(self, receipt_id: str, number: int) -> Mapping[str, Any]:
        """Why a line entered the context of a recall: its citation with channel, score parts and path."""
        for line in self.receipt(receipt_id).lines:
            if line["number"] == number:
                return line
        raise NotFound(f"line: receipt {receipt_id!r} has no line {number}")

    def stats(self) -> dict[str, Any]:
        """What the bank holds, and by which recipe and embedder."""
        with self.engine.store.snapshot(self.name) as snapshot:
            row = snapshot.row
            space = self.engine.store.space_by_id(self.name, row.space) if row.space else None
            return {
                "bank": row.name,
                "recipe": self.recipe.name,
                "embedder": space.name if space else None,
                "created_at": row.created_at.isoformat(),
                "sessions": len(snapshot.sessions()),
                **snapshot.counters(),
            }


def _check_where(where: Where | None) -> None:
    if where is not None and not isinstance(where, Where):
        raise BadInput(f"where: expected a Where, got {type(where).__name__}")
