"""A chain of hashes: each entry's hash covers the one before, so that none can be changed or left out unseen.

``sha_n = SHA-256(sha_{n-1} || canonical(entry_n))``, with the empty text as ``sha_0``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from mnemic.core.evidence import canonical, sha


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of an audit: the ``n``-th of its bank (``""`` is the store itself), with its link of the chain.

    ``who`` is a principal and ``verb`` what was done; ``body`` names ids, counts and reasons, never content.
    """

    bank: str
    n: int
    at: datetime
    who: str
    verb: str
    body: Mapping[str, Any]
    sha: str

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "bank": self.bank, "n": self.n, "at": self.at.isoformat(), "who": self.who, "verb": self.verb,
            "body": dict(self.body), "sha": self.sha,
        }  # fmt: skip


class AuditLine(NamedTuple):
    """What an entry is made of before it has its place in a chain."""

    bank: str
    at: datetime
    who: str
    verb: str
    body: Mapping[str, Any]


def link(before: str, *, bank: str, n: int, at: datetime, who: str, verb: str, body: Mapping[str, Any]) -> str:
    """The hash of an entry that follows one with hash ``before``.

    >>> import datetime
    >>> at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    >>> a = link("", bank="anna", n=1, at=at, who="local", verb="recall", body={})
    >>> a == link("", bank="anna", n=1, at=at, who="local", verb="erase", body={})
    False
    """
    entry = {"bank": bank, "n": n, "at": at.isoformat(), "who": who, "verb": verb, "body": dict(body)}
    return sha(before + canonical(entry))


@dataclass(slots=True)
class Linked:
    """A chain that is followed entry by entry, from its first on; ``wrong`` says in words what does not hold."""

    n: int = 0
    before: str = ""
    count: int = 0
    wrong: list[str] = field(default_factory=list)

    def follow(self, entry: AuditEntry) -> None:
        """Take the next entry."""
        if entry.n != self.n + 1:
            self.wrong.append(f"entry {self.n + 1} is missing: {entry.n} follows {self.n}")
        made = link(
            self.before, bank=entry.bank, n=entry.n, at=entry.at, who=entry.who, verb=entry.verb, body=entry.body
        )
        if made != entry.sha:
            self.wrong.append(f"entry {entry.n} was changed, or one before it")
        self.n, self.before, self.count = entry.n, entry.sha, self.count + 1


def broken(entries: Iterable[AuditEntry]) -> list[str]:
    """What is wrong with a chain given from its first entry on, in words; empty when it holds."""
    chain = Linked()
    for entry in entries:
        chain.follow(entry)
    return chain.wrong
