"""The audit: who did what through a door, when and why, in hash-chained entries that never hold content.

Reads are written behind, in their order, as receipts are. What changes anything is in the chain before its call
returns, with all that waited before it. Where a witness is set, what governs is witnessed before and after it is done,
and is not done where it cannot be. Who is refused again and again fills no disk: beyond a few a minute his
refusals are counted, and the next entry tells how many there were.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnemic.core.acting import Acting
from mnemic.core.chain import AuditLine
from mnemic.core.chance import Clock
from mnemic.store.notes import WHOLE_STORE, Note
from mnemic.store.protocol import Store
from mnemic.store.write_behind import WriteBehind
from mnemic.witness import Witness

DONE, DENIED, FAILED = "done", "denied", "failed"
#: Refusals of one kind that get an entry each within a minute.
MOST_REFUSALS = 10
_MOST_KINDS = 10_000
#: Characters of a word of the caller's that an entry keeps.
MAX_WORDS = 200


@dataclass(slots=True)
class Auditor:
    """Writes the audit of one memory; ``close`` it before its store."""

    store: Store
    clock: Clock
    witness: Witness | None = None
    _behind: WriteBehind[AuditLine | Note] = field(init=False)
    _refused: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._behind = WriteBehind(self._write)

    def begins(self, bank: str) -> None:
        """Witness a chain before a governing act on it; raises Refused where it cannot be."""
        if self.witness is not None:
            self.flush()
            self.witness.before(bank, self.clock.now())

    def ended(self, bank: str) -> None:
        """Witness a chain, and the store's, after a governing act."""
        if self.witness is not None:
            self.witness.after({bank, WHOLE_STORE}, self.clock.now())

    def note(
        self, bank: str, acting: Acting, verb: str, facts: Mapping[str, Any], outcome: str = DONE, *, at_once: bool
    ) -> None:
        """Take an entry: soon, or ``at_once``, so that it is in the chain when this returns."""
        said = {name: getattr(acting, name)[:MAX_WORDS] for name in ("recipient", "purpose", "reason")}
        body = {"outcome": outcome, **{n: w for n, w in said.items() if w}, **facts}
        self._behind.put(AuditLine(bank, self.clock.now(), acting.principal, verb, body))
        if at_once:
            self._behind.flush()

    def refused(self, bank: str, acting: Acting, verb: str, facts: Mapping[str, Any]) -> None:
        """Take an entry of a refusal, or count it where there were many like it."""
        kind = (acting.principal, bank, verb)
        minute = int(self.clock.now().timestamp()) // 60
        with self._lock:
            then, count = self._refused.get(kind, (minute, 0))
            if then != minute:
                beyond, count = max(0, count - MOST_REFUSALS), 0
                facts = {**facts, "not_noted_before": beyond} if beyond else facts
            if len(self._refused) >= _MOST_KINDS and kind not in self._refused:
                self._refused.pop(next(iter(self._refused)))
            self._refused[kind] = (minute, count + 1)
        if count < MOST_REFUSALS:
            self.note(bank, acting, verb, facts, DENIED, at_once=False)

    def keep(self, note: Note) -> None:
        """Keep a note soon, in its order among the entries: when a key was last used."""
        self._behind.put(note)

    def _write(self, bundle: Sequence[AuditLine | Note]) -> None:
        lines = [item for item in bundle if isinstance(item, AuditLine)]
        if lines:
            self.store.put_audits(lines)
            if self.witness is not None:
                self.witness.entered([line.bank for line in lines], self.clock.now())
        notes = {(item.kind, item.id): item for item in bundle if isinstance(item, Note)}
        for note in notes.values():
            # A key that was revoked meanwhile does not come back.
            if self.store.note(note.bank, note.kind, note.id) is not None:
                self.store.put_note(note)

    def flush(self) -> None:
        """Write all that waits."""
        self._behind.flush()

    def close(self) -> None:
        """Write all that waits, witness it, and end."""
        self._behind.close()
        if self.witness is not None:
            self.witness.rest(self.clock.now())
