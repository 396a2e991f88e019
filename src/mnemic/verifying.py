"""Verifying an audit: that its chains hold, and that what the logs took in since it began went through a door.

An export is one JSON object a line, an entry each; it is checked by whoever has it, without the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnemic.core.chain import AuditEntry, broken
from mnemic.core.errors import BadInput
from mnemic.core.times import instant
from mnemic.store.notes import WHOLE_STORE
from mnemic.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: entries by bank (``""`` is the store), what is broken, and what was written past the doors.

    ``past`` are stretches of a bank's log that no entry tells of: the owner of the process wrote there with the
    library, or a process was killed between its write and its entry.
    """

    entries: Mapping[str, int]
    broken: tuple[str, ...] = ()
    past: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every chain holds."""
        return not self.broken

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        past = {bank: [list(run) for run in runs] for bank, runs in self.past.items()}
        return {"holds": self.holds, "entries": dict(self.entries), "broken": list(self.broken), "past": past}


def verified(store: Store) -> Verified:
    """Check the audit of a store and of all its banks."""
    counts, wrong, past = {}, [], {}
    for name in (WHOLE_STORE, *(row.name for row in store.banks() if not row.hidden)):
        entries = store.audit(name)
        counts[name] = len(entries)
        wrong += _named(name, entries)
        row = store.bank(name) if name else None
        if row is not None and (runs := tuple(_uncovered(entries, row.seq))):
            past[name] = runs
    return Verified(counts, tuple(wrong), past)


def _named(bank: str, entries: Iterable[AuditEntry]) -> list[str]:
    where = f"bank {bank!r}" if bank else "the store"
    return [f"{where}: {what}" for what in broken(entries)]


def _uncovered(entries: Iterable[AuditEntry], seq: int) -> Iterable[tuple[int, int]]:
    """Runs of the log's seqs, from the first that the audit tells of, that no entry covers.

    >>> def entry(n, low, high):
    ...     return AuditEntry(bank="a", n=n, at=None, who="local", verb="retain", body={"seqs": [low, high]}, sha="")
    >>> list(_uncovered([entry(1, 3, 5), entry(2, 8, 9)], 10))
    [(6, 7), (10, 10)]
    """
    told = sorted(tuple(entry.body["seqs"]) for entry in entries if "seqs" in entry.body)
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
            for entry in store.audit(name):
                file.write(json.dumps(entry.to_json(), ensure_ascii=False) + "\n")
                count += 1
    return count


def verify_file(path: Path) -> Verified:
    """Check an exported audit without its store; raises BadInput where a line is no entry."""
    chains: dict[str, list[AuditEntry]] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is no text; give a file that 'mnemic audit export' wrote") from None
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
            entry = AuditEntry(
                bank=data["bank"], n=data["n"], at=instant(data["at"], "at"), who=data["who"], verb=data["verb"],
                body=data["body"], sha=data["sha"],
            )  # fmt: skip
        except (json.JSONDecodeError, KeyError, TypeError, BadInput) as error:
            raise BadInput(f"{path}: line {number} is no entry of an audit ({error})") from None
        chains.setdefault(entry.bank, []).append(entry)
    wrong = [what for bank, entries in chains.items() for what in _named(bank, entries)]
    return Verified({bank: len(entries) for bank, entries in chains.items()}, tuple(wrong))
