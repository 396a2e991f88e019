"""Idempotency keys: a POST that is sent twice under one ``Idempotency-Key`` is done once and answered twice.

What a request under a key came to is kept with its bank, for a day: by whom, on which path, for which body (as a hash).
Only ids and counts are kept so, never content: an answer that holds more is looked up anew by its id, through the doors
(``shown``). Verbs that only read need no key, and what answers a secret takes none. What waits for its turn to
write meets the answer of its twin; a twin that is under way elsewhere in the process is a conflict.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from mnemic.core.errors import BadInput, Conflict, NotFound
from mnemic.memory import Memory
from mnemic.serve.parameters import decoded
from mnemic.serve.reply import Reply
from mnemic.serve.who import Guarded
from mnemic.store.notes import WHOLE_STORE, Note

KIND = "idempotency"
KEPT = timedelta(days=1)
#: Answers that are kept between two looks for those that are too old.
_SWEEP = 256


@dataclass(slots=True)
class Twins:
    """Which keyed requests are under way in this process."""

    running: set[str] = field(default_factory=set)
    kept: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Once:
    """One request under a key, or under none."""

    memory: Memory
    twins: Twins
    bank: str
    key: str
    asked: str

    def __call__(
        self,
        work: Callable[[], Mapping[str, Any]],
        *,
        bank: str | None = None,
        shown: Callable[[Mapping[str, Any]], Any] | None = None,
        status: int = 200,
    ) -> Reply:
        """Do the work and answer with what it gives, or answer as before. ``bank`` is where the answer is kept.

        ``shown`` makes the answer of what is kept, the first time and each time that it is asked for again.
        """
        kept, again = self.settled(work, self.bank if bank is None else bank)
        return Reply(shown(kept) if shown else kept, status, headers={"Idempotent-Replayed": "true"} if again else None)

    def settled(self, work: Callable[[], Mapping[str, Any]], kept_in: str) -> tuple[Mapping[str, Any], bool]:
        """What the work gives, or gave when it was done before, and whether it was; raises Conflict, BadInput."""
        if not self.key:
            return work(), False
        with self.twins.lock:
            if self.key in self.twins.running:
                raise Conflict("idempotency-key: the request of this key is under way; ask again for its answer")
            self.twins.running.add(self.key)
        try:
            known = self._known(kept_in)
            if known is not None:
                if known["asked"] != self.asked:
                    raise BadInput("idempotency-key: was sent with another body before; give each request its own key")
                return known["answer"], True
            answer = work()
            self._keep(kept_in, answer)
            return answer, False
        finally:
            with self.twins.lock:
                self.twins.running.discard(self.key)

    def event_id(self, number: int) -> str | None:
        """The id of the ``number``-th event of the request: retained once more it is the same event, or refused."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.key}/{number}")) if self.key else None

    def _known(self, bank: str) -> Mapping[str, Any] | None:
        try:
            note = self.memory.engine.store.note(bank, KIND, self.key)
        except NotFound:
            return None
        return note.body if note is not None else None

    def _keep(self, bank: str, answer: Mapping[str, Any]) -> None:
        store, now = self.memory.engine.store, self.memory.engine.clock.now()
        store.put_note(Note(bank=bank, kind=KIND, id=self.key, at=now, body={"asked": self.asked, "answer": answer}))
        self.twins.kept += 1
        if self.twins.kept % _SWEEP == 0:
            for note in store.notes(bank, KIND):
                if note.at < now - KEPT:
                    store.drop_note(bank, KIND, note.id)


_NAMESPACE = uuid.UUID("6d6e656d-6963-5000-8000-000000000000")


async def _once(
    request: Request,
    memory: Guarded,
    key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", min_length=1, max_length=255, description="Do this once, however often sent."),
    ] = None,
) -> Once:
    bank = request.path_params.get("bank")
    kept_in = WHOLE_STORE if bank is None else decoded(bank)
    whole = request.app.state.memory
    if key is None:
        return Once(whole, request.app.state.twins, kept_in, "", "")
    named = "\n".join((memory.acting.principal, request.method, request.url.path, key))
    asked = hashlib.sha256(await request.body()).hexdigest()
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()
    return Once(whole, request.app.state.twins, kept_in, digest, asked)


#: A parameter of a route that does its work at most once a key.
AtMostOnce = Annotated[Once, Depends(_once)]
