"""A bank: one agent's or user's memory, and the verbs on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from mnemic.accounts import stats_of
from mnemic.answers import Answer, Found, Trial
from mnemic.core.acting import OWNER, Acting
from mnemic.core.errors import BadInput, NotFound, RecipeChanged
from mnemic.core.evidence import Event
from mnemic.core.experience import FEEDBACK_ROLE, Episode
from mnemic.core.observing import count
from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Context, Query, Receipt, Where
from mnemic.core.record import Record
from mnemic.core.scope import EVERYTHING, Scope
from mnemic.custody_verbs import CustodyVerbs
from mnemic.engine import reform
from mnemic.engine.engine import Engine
from mnemic.engine.intake import Written
from mnemic.engine.later import form_waiting
from mnemic.engine.reflecting import reflect
from mnemic.engine.store_view import StoreView
from mnemic.engine.trial import last_events, tried
from mnemic.engine.twins import with_twins
from mnemic.entering import Entrance
from mnemic.erasing_verbs import ErasingVerbs
from mnemic.feedback import checked_feedback, fed_back
from mnemic.jobs.asking import retain_later
from mnemic.labelling_by_model import label_waiting
from mnemic.messages import Message, check_text, check_whole, to_events
from mnemic.recalling import MAX_PAGE, MAX_QUESTION, MAX_TOKENS, Read, checked_query
from mnemic.recipes import kept_recipe, load_recipe, recorded

MAX_SEQ = 1 << 40
#: Of no more events than these a trial is made: whoever asks waits for it.
MAX_TRIED = 1000


@dataclass(frozen=True, slots=True)
class Bank(CustodyVerbs, ErasingVerbs):
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
    handed: Recipe
    recorded: str
    engine: Engine
    wanted_profile: str | None = None
    scope: Scope = EVERYTHING
    acting: Acting = OWNER
    entrance: Entrance = field(default_factory=Entrance)

    @property
    def recipe(self) -> Recipe:
        """What the bank is kept by now: another thread or process may have switched it since it was opened."""
        return self._kept_by()[0]

    @property
    def profile(self) -> str | None:
        """The profile that reads use when they name none."""
        return self.wanted_profile if self.wanted_profile in self.recipe.profiles else None

    def _kept_by(self) -> tuple[Recipe, str]:
        row = self.engine.store.bank(self.name)
        if row is None or row.recipe == self.recorded:
            return self.handed, self.recorded
        return kept_recipe(row.recipe), row.recipe

    # Events in.

    def retain(
        self,
        messages: Message | Episode | Iterable[Message],
        *,
        session: str | None = None,
        at: datetime | str | float | None = None,
        close: bool = False,
        form: Literal["now", "later"] = "now",
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Written:
        """Take in what was said, shown or done; when this returns, it is committed.

        ``messages``: text, a chat message (role, content and optionally id, session, actor, at, parts, meta),
        an Event, an Episode, or many of them. ``session`` and ``at`` hold for those that do not say their own.
        An event whose id is known is skipped, so that a repeated import adds nothing. ``close`` says that the
        sessions are over. With ``form="later"`` events are committed and a job is asked for that forms them: they are
        told as ``pending`` then. Raises BadInput naming the message and field; nothing is written then.
        """
        now = self.engine.clock.now()
        told = self._dated(to_events(messages, session=session, at=at, now=now, ids=self.engine.ids), now)
        closes = close or isinstance(messages, Episode)
        entered = self.entrance.enter(self.engine, self.name, told, self.acting.principal)
        events, kept, by = entered.events, entered.quarantined, entered.by
        while True:
            recipe, kept_by = self._kept_by()
            try:
                if form == "now":
                    written = self.engine.retain(
                        self.name, recipe, events, close=closes, kept_by=kept_by, quarantined=kept, by=by,
                        on_progress=on_progress,
                    )  # fmt: skip
                else:
                    written = retain_later(
                        self.engine, self.name, events, form=form, close=closes, quarantined=kept, by=by,
                        on_progress=on_progress,
                    )  # fmt: skip
            except RecipeChanged:
                continue
            except BadInput:
                # Another writer may have taken in the same undated event meanwhile, and dated it by its own arrival.
                if (dated := self._dated(events, now)) == events:
                    raise
                events = dated
            else:
                count("events_retained", len(written.added))
                return self._entered(entered, written)

    def _dated(self, events: Sequence[Event], now: datetime) -> Sequence[Event]:
        # An event that says no time is dated by its arrival. Retained once more, it arrives later, and is the same.
        undated = [event.id for event in events if event.occurred_at == now]
        if not undated:
            return events
        with self.engine.store.snapshot(self.name) as snapshot:
            known = snapshot.events(undated)
        return [replace(e, occurred_at=known[e.id].occurred_at) if e.id in known else e for e in events]

    def form(self, *, close: bool = False, on_progress: Callable[[int, int], None] | None = None) -> Written:
        """Form what waits and is whole; with ``close`` all that waits, as if every session were over."""
        return form_waiting(self.engine, self.name, self.recipe, close=close, on_progress=on_progress)

    def close_sessions(self) -> Written:
        """Form what still waits in every session, as if each were over."""
        with self.engine.store.snapshot(self.name) as snapshot:
            sessions = list(dict.fromkeys(event.session for event in snapshot.unformed(None)))
        return self.engine.form_sessions(self.name, self.recipe, sessions, closed=True)

    def consolidate(self, *, retry: bool = False) -> Written:
        """Run what is due: sessions that wait, and every rule whose trigger fires, idle ones too.

        With ``retry`` segments that were set aside, since a model could not form them, are tried again. Where labels
        are by a language model too, it is asked about what came in since the last time.
        """
        if retry:
            self.engine.reopen(self.name)
        done = self.close_sessions() + self.engine.run_due(self.name, self.recipe, closed=True, idle=True)
        if self.entrance.asks_model and self.entrance.labeller is not None:
            done += label_waiting(self.engine, self.name, self.entrance.labeller)
        return done

    def reflect(self) -> Sequence[Record]:
        """Run the recipe's rules that derive something (beliefs, summaries, merges) now; gives what they made."""
        return reflect(self.engine, self.name, self.recipe)

    def switch(self, recipe: str | Recipe, *, on_progress: Callable[[int, int], None] | None = None) -> reform.Switched:
        """Make of all events what another recipe makes of them; reads and writes go on by the former one meanwhile.

        Former records are superseded, not lost. What the user changed goes over to records of equal value and sources,
        or stays, or is named in the result. Broken off, the next call goes on where it was.
        """
        chosen = load_recipe(recipe)
        return reform.switch(self.engine, self.name, chosen, recorded(chosen, recipe), on_progress=on_progress)

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
        asked = self.entrance.masked(self.engine, self.name, question)
        return checked_query(self.engine, asked, k, tokens, where, asked_at, asker)

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
        recipe: str | Recipe | None = None,
    ) -> tuple[list[Found], list[Context]]:
        """Search once and assemble a context for each budget: the hits, and the contexts in that order.

        ``recipe`` has these records read as another recipe would, whose profile is meant then; the bank stays as it is.
        """
        started = time.perf_counter()
        if not tokens:
            raise BadInput("tokens: no budget is given; give one or more")
        for budget in tokens:
            check_whole(budget, "tokens", 1, MAX_TOKENS)
        query = self.query(question, k=k, tokens=max(tokens), where=where, asked_at=asked_at, asker=asker)
        return self._read(profile, recipe).recall(query, tokens, self._at(as_of), started)

    def trial(
        self,
        question: str,
        recipe: str | Recipe,
        *,
        last: int = 200,
        tokens: int = 1500,
        k: int = 20,
        profile: str | None = None,
        asked_at: datetime | str | None = None,
        asker: str = "",
    ) -> Trial:
        """What another recipe would make of the ``last`` events of the bank, and recall of that; nothing is kept.

        Takes as long as forming so many events does. Raises ModelUnavailable when the recipe writes with a language
        model and none is configured.
        """
        check_whole(last, "last", 1, MAX_TRIED)
        chosen = load_recipe(recipe)
        query = self.query(question, k=k, tokens=tokens, asked_at=asked_at, asker=asker)
        events = last_events(self.engine, self.name, last)
        started = time.perf_counter()
        with tried(self.engine, self.name, chosen, recorded(chosen, recipe), events) as hidden:
            formed = time.perf_counter()
            read = Read(self.engine, hidden, chosen, profile, EVERYTHING, self.acting.asker)
            hits, contexts = read.recall(query, (tokens,), None, formed)
            with self.engine.view(hidden) as view:
                records = view.get([citation.record for citation in contexts[0].citations])
                made = view.count(Where())
        return Trial(
            recipe=chosen.name,
            events=len(events),
            formed=made,
            forming_ms=1000 * (formed - started),
            hits=hits,
            context=contexts[0],
            records=records,
        )

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
        return self._read(profile).search(query, self._at(as_of))

    def answer(
        self,
        question: str,
        *,
        tokens: int = 1500,
        profile: str | None = None,
        where: Where | None = None,
        as_of: datetime | str | int | None = None,
        asked_at: datetime | str | None = None,
        asker: str = "",
        wishes: str = "",
    ) -> Answer:
        """Recall, and let a language model answer from the lines, naming those that its answer rests on.

        A recipe that reads in rounds does so here as in ``recall``. ``wishes`` are how the answer should be, such as
        its language. Without a model the line that shares most words with the question stands in, ``by`` is
        ``"rules"`` then. A model that fails leaves the context, and says so in ``failure``.
        """
        started = time.perf_counter()
        check_text(wishes, "wishes", limit=MAX_QUESTION)
        query = self.query(question, tokens=tokens, where=where, asked_at=asked_at, asker=asker)
        return self._read(profile).answer(query, wishes, self._at(as_of), started)

    def _read(self, profile: str | None, by: str | Recipe | None = None) -> Read:
        recipe = self.recipe if by is None else load_recipe(by)
        own = self.wanted_profile if self.wanted_profile in recipe.profiles else None
        return Read(self.engine, self.name, recipe, profile or own, self.scope, self.acting.asker)

    def feedback(
        self, kind: str, records: Sequence[str], *, receipt: str = "", text: str = "", value: float = 1.0
    ) -> Written:
        """Tell what became of records: cited, uncited, correct, wrong, liked, label or correction (law 13).

        A correction rewords the records it names. One that names none corrects what was made of a question, that of
        its receipt: it is retained as an event, since it is evidence, and the recipe forms it like any other.
        """
        text = self._sealed(text)
        given = checked_feedback(kind, records, receipt, text, value)
        found = self.engine.store.receipt(self.name, receipt) if receipt else None
        recalled = self._own(found) if found is not None else None
        question = recalled.query if recalled else ""
        if kind == "correction" and not records:
            # Without its question such a correction would never be found again.
            asked = self.receipt(receipt).query if receipt else ""
            meta = {"kind": kind, "question": asked, "receipt": receipt}
            return self.retain([{"role": FEEDBACK_ROLE, "content": text, "session": FEEDBACK_ROLE, "meta": meta}])

        def propose(view: StoreView) -> Iterable[Op]:
            named = [self._shown(view, record_id) for record_id in given.records]
            told = {r.id: r for one in named for r in (with_twins(one, view) if kind == "correction" else [one])}
            return [fed_back(record, given, question) for record in told.values()]

        written = self._commit(propose)
        return written + self.engine.run_due(self.name, self.recipe)

    # Accounts.

    def receipt(self, receipt_id: str) -> Receipt:
        """The receipt of a recall; raises NotFound."""
        found = self.engine.store.receipt(self.name, receipt_id)
        own = self._own(found) if found is not None else None
        if own is None:
            raise NotFound(f"receipt: bank {self.name!r} has none with id {receipt_id!r}")
        return own

    def receipts(self, limit: int = 20) -> Sequence[Receipt]:
        """The newest receipts first."""
        check_whole(limit, "limit", 1, MAX_PAGE)
        return self._receipts(limit)

    def why(self, receipt_id: str, number: int) -> Mapping[str, Any]:
        """Why a line entered the context of a recall: its citation with channel, score parts and path."""
        for line in self.receipt(receipt_id).lines:
            if line["number"] == number:
                return line
        raise NotFound(f"line: receipt {receipt_id!r} has no line {number}")

    def stats(self) -> dict[str, Any]:
        """What the bank holds, by which recipe and models, what waits, and what asking models has cost."""
        return stats_of(self.engine, self.name, self.recipe.name, self.scope)
