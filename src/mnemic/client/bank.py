"""A bank of a server: the verbs of the façade, each one call."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from mnemic.answers import Answer, Found, HistoryEntry, Trial
from mnemic.client import shapes
from mnemic.client.bank_calls import records_of
from mnemic.client.browsing import BrowsingCalls, Point, narrowed
from mnemic.client.calls import Call, Progress
from mnemic.client.custody import CustodyCalls
from mnemic.core.evidence import Event
from mnemic.core.op import LogEntry
from mnemic.core.outcomes import Difference, Switched, Written
from mnemic.core.reading import Context, Receipt, Where
from mnemic.core.record import Record


@dataclass(frozen=True, slots=True)
class RemoteBank(BrowsingCalls, CustodyCalls):
    """The verbs of :class:`mnemic.bank.Bank` on a bank of a server; ``do`` sends a call and gives what it came to."""

    name: str
    do: Callable[[Call[Any]], Any]

    def retain(
        self,
        messages: Any,
        *,
        session: str | None = None,
        at: datetime | str | float | None = None,
        close: bool = False,
        form: Literal["now", "later"] = "now",
    ) -> Written:
        """Take in what was said, shown or done; when this returns, it is committed. ``form`` later: a worker forms it.

        A message without an id is given one here, so that one that is sent again is still retained once.
        """
        given = [{"id": str(uuid.uuid4())} | one for one in shapes.messages_json(messages)]
        body = {"messages": given, "session": session, "at": shapes.when(at), "close": close, "form": form}
        return self._ask("events", body, shapes.written)

    def recall(
        self, question: str, *, tokens: int = 1500, profile: str | None = None, where: Where | None = None,
        as_of: Point = None, asked_at: datetime | str | None = None, asker: str = "",
    ) -> Context:  # fmt: skip
        """The lines that matter for a question, at most ``tokens`` tokens of them, dated and cited."""
        return self._ask("recall", {**_question(locals()), "tokens": tokens}, shapes.context)

    def recall_many(
        self, question: str, *, tokens: Sequence[int], k: int = 20, profile: str | None = None,
        where: Where | None = None, as_of: Point = None, asked_at: datetime | str | None = None, asker: str = "",
    ) -> tuple[list[Found], list[Context]]:  # fmt: skip
        """Search once and assemble a context for each budget."""

        def read(data: Any) -> tuple[list[Found], list[Context]]:
            return shapes.found(data), [shapes.context(one) for one in data["contexts"]]

        return self._ask("recall_many", {**_question(locals()), "tokens": list(tokens), "k": k}, read)

    def search(
        self, question: str, *, k: int = 20, profile: str | None = None, where: Where | None = None,
        as_of: Point = None, asked_at: datetime | str | None = None, asker: str = "",
    ) -> list[Found]:  # fmt: skip
        """The ``k`` best records for a question with how each was found."""
        return self._ask("search", {**_question(locals()), "k": k}, shapes.found)

    def answer(
        self, question: str, *, tokens: int = 1500, profile: str | None = None, where: Where | None = None,
        as_of: Point = None, asked_at: datetime | str | None = None, asker: str = "", wishes: str = "",
    ) -> Answer:  # fmt: skip
        """Recall, and answer from the lines."""
        return self._ask("answer", {**_question(locals()), "tokens": tokens, "wishes": wishes}, shapes.answer)

    def trial(
        self, question: str, recipe: str, *, last: int = 200, tokens: int = 1500, k: int = 20,
        profile: str | None = None, asked_at: datetime | str | None = None, asker: str = "",
    ) -> Trial:  # fmt: skip
        """What another recipe would make of the ``last`` events of the bank, and recall of that; nothing is kept."""
        body = {
            "question": question, "recipe": recipe, "last": last, "tokens": tokens, "k": k, "profile": profile,
            "asked_at": shapes.when(asked_at), "asker": asker,
        }  # fmt: skip
        return self._ask("trial", body, shapes.trial)

    def feedback(
        self, kind: str, records: Sequence[str], *, receipt: str = "", text: str = "", value: float = 1.0
    ) -> Written:
        """Tell what became of records."""
        told = {"kind": kind, "records": list(records), "receipt": receipt, "text": text, "value": value}
        return self._change(["feedback"], told)

    def consolidate(self, *, retry: bool = False) -> Written:
        """Run what is due."""
        return self._change(["consolidate"], {"retry": retry})

    def close_sessions(self) -> Written:
        """Form what still waits in every session."""
        return self._change(["sessions", "close"])

    def form(self, *, close: bool = False, on_progress: Progress | None = None) -> Written:
        """Form what waits and is whole; with ``close`` all that waits."""
        call = Call("POST", self._path("form"), shapes.written, body={"close": close}, lines=True,
                    on_progress=on_progress)  # fmt: skip
        made: Written = self.do(call)
        return made

    def reflect(self) -> Sequence[Record]:
        """Run the rules that derive something now; gives what they made."""
        made: Sequence[Record] = self.do(Call("POST", self._path("reflect"), records_of, again=False))
        return made

    def switch(self, recipe: str, *, on_progress: Progress | None = None) -> Switched:
        """Make of all events what another recipe makes of them."""
        call = Call("POST", self._path("switch"), shapes.switched, body={"recipe": recipe}, lines=True, again=False,
                    on_progress=on_progress)  # fmt: skip
        made: Switched = self.do(call)
        return made

    def get(self, record_id: str, *, as_of: Point = None) -> Record:
        """A record by id; raises NotFound."""
        params = {"as_of": shapes.point(as_of)}
        made: Record = self.do(Call("GET", self._path("records", record_id), Record.from_json, params))
        return made

    def list(
        self, where: Where | None = None, *, limit: int = 50, after: str | None = None, as_of: Point = None
    ) -> shapes.RemotePage:
        """Records in order of time, ``limit`` at a time; ``after`` is ``next`` of the page before."""
        params = {"where": narrowed(where), "limit": limit, "cursor": after, "as_of": shapes.point(as_of)}

        page: shapes.RemotePage = self.do(Call("GET", self._path("records"), shapes.page, params))
        return page

    def every(self, where: Where | None = None, *, limit: int = 500) -> Iterator[Record]:
        """All records, page by page, of the bank as it is when the first page is read."""
        after: str | None = None
        while True:
            page = self.list(where, limit=limit, after=after)
            yield from page.records
            if page.next is None:
                return
            after = page.next

    def event(self, event_id: str) -> Event:
        """An event by id; raises NotFound."""
        made: Event = self.do(Call("GET", self._path("events", event_id), Event.from_json))
        return made

    def events(self, session: str | None = None, *, limit: int = 100, after: int = 0) -> Sequence[Event]:
        """Events in the order in which they were retained, behind seq ``after``."""
        params = {"session": session, "limit": limit, "after": after}

        def read(data: Any) -> Sequence[Event]:
            return [Event.from_json(one) for one in data["events"]]

        made: Sequence[Event] = self.do(Call("GET", self._path("events"), read, params))
        return made

    def update(self, record_id: str, value: str, *, reason: str = "", before_sha: str | None = None) -> Record:
        """Give a record another value; with ``before_sha`` only if it is still what was read."""
        body, path = {"value": value, "reason": reason}, self._path("records", record_id)
        made: Record = self.do(
            Call("PATCH", path, Record.from_json, body=body, headers=_match(before_sha), again=False)
        )
        return made

    def delete(self, record_id: str, *, reason: str = "", before_sha: str | None = None) -> Record:
        """Set a record aside; it can be restored."""
        params, path = {"reason": reason or None}, self._path("records", record_id)
        made: Record = self.do(Call("DELETE", path, Record.from_json, params, headers=_match(before_sha), again=False))
        return made

    def restore(self, record_id: str, *, reason: str = "", before_sha: str | None = None) -> Record:
        """Make a record that was set aside current again."""
        path, headers = self._path("records", record_id, "restore"), _match(before_sha)
        made: Record = self.do(
            Call("POST", path, Record.from_json, body={"reason": reason}, headers=headers, again=False)
        )
        return made

    def history(self, record_id: str) -> Sequence[HistoryEntry]:
        """Every version of a record, first to current."""
        made: Sequence[HistoryEntry] = self.do(Call("GET", self._path("records", record_id, "history"), shapes.history))
        return made

    def log(self, *, after: int = 0, limit: int = 100) -> Sequence[LogEntry]:
        """Entries of the log behind seq ``after``."""

        def read(data: Any) -> Sequence[LogEntry]:
            return [LogEntry.from_json(one) for one in data["entries"]]

        made: Sequence[LogEntry] = self.do(Call("GET", self._path("log"), read, {"after": after, "limit": limit}))
        return made

    def diff(self, since: datetime | str | int, until: Point = None) -> Difference:
        """What changed between two points of the log."""
        params = {"since": shapes.point(since), "until": shapes.point(until)}
        made: Difference = self.do(Call("GET", self._path("diff"), shapes.difference, params))
        return made

    def rollback(self, to: datetime | str | int, *, reason: str = "") -> Written:
        """Bring every record and edge back to what it was at a point of the log."""
        return self._change(["rollback"], {"to": shapes.point(to), "reason": reason})

    def receipt(self, receipt_id: str) -> Receipt:
        """The receipt of a recall; raises NotFound."""
        made: Receipt = self.do(Call("GET", self._path("receipts", receipt_id), Receipt.from_json))
        return made

    def receipts(self, limit: int = 20) -> Sequence[Receipt]:
        """The newest receipts first."""

        def read(data: Any) -> Sequence[Receipt]:
            return [Receipt.from_json(one) for one in data["receipts"]]

        made: Sequence[Receipt] = self.do(Call("GET", self._path("receipts"), read, {"limit": limit}))
        return made

    def why(self, receipt_id: str, number: int) -> Mapping[str, Any]:
        """Why a line entered the context of a recall."""
        path = self._path("receipts", receipt_id, "lines", str(number))
        made: Mapping[str, Any] = self.do(Call("GET", path, dict))
        return made

    def stats(self) -> dict[str, Any]:
        """What the bank holds, what waits, and what asking models has cost."""
        made: dict[str, Any] = self.do(Call("GET", self._path("stats"), dict))
        return made


def _question(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "question": given["question"], "profile": given["profile"], "where": shapes.where_json(given["where"]),
        "as_of": shapes.point(given["as_of"]), "asked_at": shapes.when(given["asked_at"]), "asker": given["asker"],
    }  # fmt: skip


def _match(sha: str | None) -> dict[str, str]:
    return {} if sha is None else {"If-Match": f'"{sha}"'}
