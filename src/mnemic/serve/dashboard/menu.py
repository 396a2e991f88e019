"""The menu: which pages there are, and which of them the person at the browser may open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mnemic.governance.roles import Right
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard import links
from mnemic.tending import JOB_RIGHTS

#: Pages of a bank under what they are for: piece of the path, title, and the verbs that the page needs.
BANK_PAGES: tuple[tuple[str, tuple[tuple[str, str, tuple[str, ...]], ...]], ...] = (
    ("Memory", (
        ("overview", "Overview", ("stats",)),
        ("playground", "Playground", ("recall_many",)),
        ("records", "Records", ("list",)),
        ("timeline", "Timeline", ("timeline",)),
        ("graph", "Graph", ("words", "together")),
        ("events", "Events", ("events",)),
    )),
    ("Work", (
        ("log", "Log", ("log", "last_seq")),
        ("receipts", "Receipts", ("receipts",)),
        ("costs", "Costs", ("spent",)),
        ("jobs", "Jobs", ()),
    )),
    ("Governance", (
        ("access", "Access", ("admission",)),
        ("audit", "Audit", ()),
        ("quarantine", "Quarantine", ("quarantine",)),
        ("vault", "Vault", ("secrets",)),
        ("erasure", "Erasure", ("erasures",)),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu."""

    name: str
    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    title: str
    entries: Sequence[Entry]


def menu(memory: GuardedMemory | None, bank: str | None) -> list[Group]:
    """The pages that are open to somebody: those of a bank where one is looked at, then those of the store."""
    if memory is None:
        return []
    groups = [] if bank is None else [_of_bank(memory, bank, title, pages) for title, pages in BANK_PAGES]
    return [group for group in (*groups, _of_store(memory)) if group.entries]


def first_open(memory: GuardedMemory, bank: str) -> str:
    """Where a link to a bank leads: its overview, or the first page of it that is open to somebody."""
    if memory.may(bank, "stats"):
        return links.to("banks", bank)
    entries = [entry for group in menu(memory, bank)[:-1] for entry in group.entries]
    return entries[0].link if entries else links.to("banks", bank)


def _of_bank(memory: GuardedMemory, bank: str, title: str, pages: Sequence[tuple[str, str, tuple[str, ...]]]) -> Group:
    entries = []
    for name, words, verbs in pages:
        if all(memory.may(bank, verb) for verb in verbs) and (name not in _ALSO or _ALSO[name](memory, bank)):
            path = ("banks", bank) if name == "overview" else ("banks", bank, name)
            entries.append(Entry(name, words, links.to(*path)))
    return Group(title, entries)


def may_see_jobs(memory: GuardedMemory, bank: str) -> bool:
    """Whether any kind of job may be asked for on a bank."""
    return any(memory.may_enqueue(kind, bank) for kind in JOB_RIGHTS)


def may_see_audit(memory: GuardedMemory, bank: str) -> bool:
    """Whether a bank's audit may be read."""
    return memory.scope_of(bank, "audit", Right.AUDIT) is not None


#: Pages that are no verb of a bank, and who may open them.
_ALSO: Mapping[str, Callable[[GuardedMemory, str], bool]] = {"jobs": may_see_jobs, "audit": may_see_audit}


def _of_store(memory: GuardedMemory) -> Group:
    erases = memory.holds(Right.ERASE) or memory.holds(Right.GOVERN)
    known = (
        ("banks", "Banks", True),
        ("jobs", "Jobs of all banks", True),
        ("reports", "Benchmarks", memory.holds(Right.READ)),
        ("keys", "Access", memory.holds(Right.GOVERN)),
        ("audit", "Audit", memory.holds(Right.AUDIT)),
        ("erasures", "Erased banks", erases),
    )
    return Group("Store", [Entry(name, title, links.to(name)) for name, title, shown in known if shown])
