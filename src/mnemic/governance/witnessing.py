"""What a witness of the audit says: where a chain stood at an instant, signed with the store's key.

A chain alone cannot tell that its end was cut off. A line kept elsewhere can: "bank anna had entry 812 with hash 3f... at
noon". A chain that is shorter than that, or has another entry there, is not the one that was witnessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mnemic.core.chain import AuditEntry
from mnemic.core.errors import BadInput, MnemicError
from mnemic.core.evidence import canonical
from mnemic.core.times import instant
from mnemic.governance.signatures import ED25519, sign, verified

#: The entry of the store's chain that tells that a bank is gone, and with it its chain.
GONE = "erased"
#: The one that an export is begun with: what was witnessed later is not in it.
EXPORTED = "export_audit"


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain at an instant."""

    bank: str
    n: int
    sha: str
    at: datetime

    @property
    def text(self) -> str:
        """What is signed."""
        return canonical({"bank": self.bank, "n": self.n, "sha": self.sha, "at": self.at.isoformat()})

    def line(self, key: Mapping[str, Any]) -> str:
        """The head as a line of a witness, signed.

        >>> from datetime import UTC
        >>> head = Head("anna", 2, "ab", datetime(2026, 1, 1, tzinfo=UTC))
        >>> line = head.line({"algorithm": "hmac-sha256", "private": "00", "public": ""})
        >>> [told.head == head for told in lines_of([line])]
        [True]
        """
        return json.dumps({**json.loads(self.text), "signature": sign(self.text, key)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a witness as it was read; without a head it was torn, as when a disk is full."""

    number: int
    head: Head | None
    signature: Mapping[str, str] = field(default_factory=dict)


def lines_of(texts: Iterable[str]) -> Iterator[Line]:
    """The lines of a witness."""
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        try:
            data = json.loads(text)
            head = Head(str(data["bank"]), int(data["n"]), str(data["sha"]), instant(data["at"], "at"))
            yield Line(number, head, dict(data["signature"]))
        except (ValueError, KeyError, TypeError, BadInput):
            yield Line(number, None)


@dataclass(slots=True)
class Attested:
    """What a witness says of the chains of a store, held against these entry by entry."""

    #: Hashes by bank and number of the entry, each with the last instant at which it was witnessed.
    heads: dict[str, dict[int, dict[str, datetime]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    torn: int = 0
    unsigned: list[int] = field(default_factory=list)
    public: str = ""
    #: How many entries were witnessed after the export that was checked.
    later: int = 0
    exported: datetime | None = None
    _reached: dict[str, int] = field(default_factory=dict)
    _gone: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str], *, public: str = "", private: str = "") -> Attested:
        """Read a witness, checking its signatures: by the given key, else by the one that its first line carries.

        Lines without a public key (the extra ``vault`` was not installed) are checked with the ``private`` one.
        """
        made = cls(public=public)
        for line in lines_of(texts):
            if line.head is None:
                made.torn += 1
                continue
            if line.signature.get("algorithm") == ED25519:
                made.public = made.public or str(line.signature.get("public", ""))
            if not _signed(line.head, line.signature, made.public, private):
                made.unsigned.append(line.number)
                continue
            told = made.heads.setdefault(line.head.bank, {}).setdefault(line.head.n, {})
            told[line.head.sha] = max(line.head.at, told.get(line.head.sha, line.head.at))
        if made.unsigned:
            made.wrong.append(
                f"witness: lines from {made.unsigned[0]} on, {len(made.unsigned)} in all, are not signed with the key "
                "that was looked for: they were changed, or are of another store, or this one was put back to before "
                "it had its key"
            )
        return made

    @property
    def count(self) -> int:
        """How many entries were witnessed."""
        return sum(map(len, self.heads.values()))

    def passes(self, entry: AuditEntry) -> None:
        """An entry of a chain, in order; those of the store's chain come before those of banks."""
        if entry.bank == "" and entry.verb == GONE and isinstance(bank := entry.body.get("bank"), str):
            self._gone[bank] = entry.at
        if entry.bank == "" and entry.verb == EXPORTED:
            self.exported = entry.at
        self._reached[entry.bank] = entry.n
        for sha, at in self.heads.get(entry.bank, {}).get(entry.n, {}).items():
            if sha != entry.sha and not self._before_erasure(entry.bank, at):
                self.wrong.append(
                    f"{named(entry.bank)}: entry {entry.n} is not the one that was witnessed at {at.isoformat()}"
                )

    def ended(self, *, of_export: bool = False) -> list[str]:
        """What is wrong once every chain has passed, those of a store or those that an export holds."""
        until = self.exported if of_export else None
        for bank, told in self.heads.items():
            reached = self._reached.get(bank, 0)
            beyond = [(n, at) for n, shas in told.items() for at in shas.values() if n > reached]
            missing = [(n, at) for n, at in beyond if not self._before_erasure(bank, at)]
            self.later += len([n for n, at in missing if until is not None and at > until])
            if missing := [(n, at) for n, at in missing if until is None or at <= until]:
                n, at = max(missing)
                self.wrong.append(
                    f"{named(bank)}: the chain ends at entry {reached}, and entry {n} was witnessed at "
                    f"{at.isoformat()}: its end was cut off, or an older backup was put back"
                )
        return self.wrong

    def _before_erasure(self, bank: str, at: datetime) -> bool:
        # A bank that was erased took its chain with it; one of the same name begins another.
        return bank in self._gone and at <= self._gone[bank]


def named(bank: str) -> str:
    """How a chain is called in words."""
    return f"bank {bank!r}" if bank else "the store"


def _signed(head: Head, signature: Mapping[str, str], public: str, private: str) -> bool:
    if signature.get("algorithm") != ED25519:
        # Whoever has no private key cannot tell; he is told what the lines say all the same.
        return not public and (not private or verified(head.text, signature, private=private))
    try:
        return verified(head.text, signature, public=public)
    except MnemicError:
        raise BadInput('witness: cryptography is needed to check it; pip install "mnemic[vault]"') from None
