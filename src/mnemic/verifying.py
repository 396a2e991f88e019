"""Verifying an audit: that its chains hold, and that what the logs took in since it began went through a door.

An export is one JSON object a line, an entry each; it is checked by whoever has it, without the store. With what a
witness kept (see :mod:`mnemic.witness`), a chain whose end was cut off is found out too. Chains are read a page at a
time: how long they are costs time and no memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mnemic.core.chain import AuditEntry, Linked
from mnemic.core.errors import BadInput
from mnemic.core.times import instant
from mnemic.governance.witnessing import Attested, named
from mnemic.store.notes import WHOLE_STORE
from mnemic.store.protocol import Store

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: entries by bank (``""`` is the store), what is broken, and what was written past the doors.

    ``past`` are stretches of a bank's log that no entry tells of: the owner of the process wrote there with the
    library, or a process was killed between its write and its entry. ``witnessed`` is how many entries a witness knows
    of, None where there was none; ``witness_key`` whose public key signed it, and ``torn`` how many of its lines cannot
    be read, as when a disk was full. Of an export, ``exported`` is when it was made, and ``later`` how many entries
    were witnessed since, which it cannot hold.
    """

    entries: Mapping[str, int]
    broken: tuple[str, ...] = ()
    past: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    witnessed: int | None = None
    witness_key: str = ""
    torn: int = 0
    exported: datetime | None = None
    later: int = 0

    @property
    def holds(self) -> bool:
        """Whether every chain holds."""
        return not self.broken

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        past = {bank: [list(run) for run in runs] for bank, runs in self.past.items()}
        told = {"holds": self.holds, "entries": dict(self.entries), "broken": list(self.broken), "past": past}
        if self.witnessed is None:
            return told
        told |= {"witnessed": self.witnessed, "witness_key": self.witness_key, "torn": self.torn}
        return told if self.exported is None else {**told, "exported": self.exported.isoformat(), "later": self.later}


def verified(store: Store, attested: Attested | None = None) -> Verified:
    """Check the audit of a store and of all its banks, and against a witness where there is one."""
    counts, wrong, past = {}, [], {}
    for name in (WHOLE_STORE, *(row.name for row in store.banks() if not row.hidden)):
        chain, covered = Linked(), _Covered()
        for entry in entries_of(store, name):
            chain.follow(entry)
            covered.take(entry)
            if attested is not None:
                attested.passes(entry)
        counts[name] = chain.count
        wrong += [f"{named(name)}: {what}" for what in chain.wrong]
        row = store.bank(name) if name else None
        if row is not None and (runs := tuple(covered.missing(row.seq))):
            past[name] = runs
    return _with_attested(Verified(counts, tuple(wrong), past), attested)


def entries_of(store: Store, bank: str) -> Iterator[AuditEntry]:
    """Every entry of a chain, a page at a time."""
    after = 0
    while page := store.audit(bank, after, _PAGE):
        yield from page
        after = page[-1].n


def _with_attested(found: Verified, attested: Attested | None, *, of_export: bool = False) -> Verified:
    if attested is None:
        return found
    made = replace(found, broken=(*found.broken, *attested.ended(of_export=of_export)), witnessed=attested.count)
    made = replace(made, witness_key=attested.public, torn=attested.torn)
    return replace(made, exported=attested.exported, later=attested.later) if of_export else made


@dataclass(slots=True)
class _Covered:
    """Runs of a log's seqs that entries tell of.

    >>> covered = _Covered()
    >>> for n, seqs in enumerate(([3, 5], [8, 9])):
    ...     covered.take(AuditEntry(bank="a", n=n, at=None, who="local", verb="retain", body={"seqs": seqs}, sha=""))
    >>> list(covered.missing(10))
    [(6, 7), (10, 10)]
    """

    runs: list[tuple[int, int]] = field(default_factory=list)

    def take(self, entry: AuditEntry) -> None:
        """Take note of what an entry tells of; runs that meet become one, so that a whole log is a few."""
        if "seqs" not in entry.body:
            return
        low, high = entry.body["seqs"]
        if self.runs and self.runs[-1][0] <= low <= self.runs[-1][1] + 1:
            low, high = self.runs[-1][0], max(self.runs.pop()[1], high)
        self.runs.append((low, high))

    def missing(self, seq: int) -> Iterator[tuple[int, int]]:
        """Runs, from the first that is told of up to the log's end, that no entry tells of."""
        told = sorted(self.runs)
        if not told:
            return
        reached = told[0][0] - 1
        for low, high in told:
            if low > reached + 1:
                yield reached + 1, low - 1
            reached = max(reached, high)
        if reached < seq:
            yield reached + 1, seq


def export_audit(store: Store, path: Path) -> int:
    """Write every entry of a store's audit to a file, one a line; gives how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for name in (WHOLE_STORE, *(row.name for row in store.banks() if not row.hidden)):
            for entry in entries_of(store, name):
                file.write(json.dumps(entry.to_json(), ensure_ascii=False) + "\n")
                count += 1
    return count


def verify_file(path: Path, attested: Attested | None = None) -> Verified:
    """Check an exported audit without its store; raises BadInput where a line is no entry."""
    chains: dict[str, Linked] = {}
    for entry in _exported(path):
        chains.setdefault(entry.bank, Linked()).follow(entry)
        if attested is not None:
            attested.passes(entry)
    wrong = [f"{named(bank)}: {what}" for bank, chain in chains.items() for what in chain.wrong]
    return _with_attested(
        Verified({bank: chain.count for bank, chain in chains.items()}, tuple(wrong)), attested, of_export=True
    )


def _exported(path: Path) -> Iterator[AuditEntry]:
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                number += 1
                data = json.loads(line)
                yield AuditEntry(
                    bank=data["bank"], n=data["n"], at=instant(data["at"], "at"), who=data["who"], verb=data["verb"],
                    body=data["body"], sha=data["sha"],
                )  # fmt: skip
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is no text; give a file that 'mnemic audit export' wrote") from None
    except (json.JSONDecodeError, KeyError, TypeError, BadInput) as error:
        raise BadInput(f"{path}: line {number} is no entry of an audit ({error})") from None
