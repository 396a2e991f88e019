"""How the content of a sealed bank lies in its columns: encrypted under a key that is the bank's alone.

What is only read back is AES-256-GCM with a nonce of its own. What a search must meet again (ids, sessions, words that
records are marked with) is AES-SIV: equal values of one column look equal, and tell nothing else. The words that texts
are found by become keyed hashes, in an order that is not the text's. Numbers, times, kinds and states lie in clear.

The bank's key lies in the bank's row, wrapped by the configured key service.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from mnemic.core.cipher import NONCE_BYTES, KeyService, keyed_hash, new_key, optional
from mnemic.core.errors import MnemicError, StoreError
from mnemic.store.index.lexical_index import term_hash
from mnemic.store.notes import WHOLE_STORE

if TYPE_CHECKING:
    from mnemic.store.protocol import BankRow

Rows = Iterable[Sequence[Any]]
Tables = Mapping[str, Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is sealed: ``same`` values look the same or not, kept as ``text`` or as bytes.

    Columns that are compared with one another share what they are sealed ``about``. Values that begin with ``behind``
    name an event behind it, which is sealed; all others lie in clear.
    """

    about: bytes
    same: bool = False
    text: bool = True
    behind: str = ""

    def named(self, value: str) -> str:
        """The event that a value names, or nothing."""
        return value.removeprefix(self.behind) if value.startswith(self.behind) else ""


_RECORD, _EDGE, _BODY = Column(b"record", same=True), Column(b"edge", same=True), Column(b"body")
#: Every column that holds content, and how it is sealed; those that are not named lie in clear.
COLUMNS: dict[str, Column] = {
    "log.body": Column(b"log.body"),
    "events.id": Column(b"event", same=True),
    "events.session": Column(b"session", same=True),
    "events.sha": Column(b"events.sha", same=True),
    "records.id": _RECORD,
    "records.session": Column(b"session", same=True),
    "records.actor": Column(b"actor", same=True),
    "versions.id": _RECORD,
    "versions.body": _BODY,
    "bodies.body": _BODY,
    "bodies.stats": Column(b"bodies.stats"),
    "units.sha": Column(b"units.sha", same=True, text=False),
    # The text together with its terms, since the column of terms holds hashes.
    "units.text": Column(b"units.text"),
    "units.counts": Column(b"units.counts", text=False),
    "vectors.emb": Column(b"vectors.emb", text=False),
    "sketches.bits": Column(b"sketches.bits", text=False),
    "marks.value": Column(b"marks.value", same=True),
    "edges.src": _EDGE,
    "edges.rel": Column(b"edges.rel", same=True),
    "edges.dst": _EDGE,
    "edges.body": Column(b"edges.body"),
    "rules.rule": Column(b"event", same=True, behind="held:"),
    "receipts.body": Column(b"receipts.body"),
    "answers.key": Column(b"answers.key", same=True, text=False),
    "answers.answer": Column(b"answers.answer"),
    "notes.id": Column(b"notes.id", same=True),
    "notes.body": Column(b"notes.body"),
}  # fmt: skip

#: Which columns the rows of a batch hold, by their places; see :func:`mnemic.store.gathering.placed`.
_PLACED: dict[str, dict[int, str]] = {
    "log": {5: "log.body"},
    "events": {2: "events.id", 3: "events.session", 6: "events.sha"},
    "formed": {1: "events.id"},
    "settled": {2: "events.id"},
    "versions": {1: "versions.id", 5: "versions.body"},
    "records": {2: "records.id", 5: "records.session", 6: "records.actor"},
    "bodies": {2: "bodies.body", 3: "bodies.stats"},
    "vectors": {3: "vectors.emb"},
    "sketches": {3: "sketches.bits"},
    "unmarked": {2: "marks.value"},
    "marks": {2: "marks.value"},
    "unlinked": {2: "edges.src", 3: "edges.rel", 4: "edges.dst"},
    "rules": {1: "rules.rule"},
    "edges": {1: "edges.src", 2: "edges.rel", 3: "edges.dst", 6: "edges.body"},
}
#: Notes that say who may come in are read before a bank is opened.
_OF_DOORS = ("grant/", "policy")
#: What the key of a bank's content is called where it is wrapped.
_KEY = "content"


class Codec:
    """Between values and what lies in columns; this one leaves all as it is, as in a bank that lies in clear."""

    __slots__ = ()

    #: Whether what lies in the columns is sealed.
    sealed = False

    def seal(self, column: str, value: Any) -> Any:
        """A value of ``table.column`` as it lies there."""
        return value

    def open(self, column: str, value: Any) -> Any:
        """The inverse of :meth:`seal`; raises StoreError when the value was changed, or is another bank's."""
        return value

    def sealed_all(self, column: str, values: Iterable[Any]) -> dict[Any, Any]:
        """Values of a column by what lies there, each once."""
        return {value: value for value in values}

    def opened(self, rows: Rows, *columns: str) -> Iterable[Any]:
        """Rows as they were before they were sealed; ``columns`` names the column of each place, "" one in clear."""
        return rows

    def rows(self, tables: Tables) -> dict[str, Sequence[Sequence[Any]]]:
        """The rows of a batch as they are laid down."""
        return dict(tables)

    def token(self, term: str) -> str:
        """What stands for a term where texts are found by it."""
        return term

    def gram(self, term: str) -> int:
        """The 64 bits that stand for a term in an index of numbers."""
        return term_hash(term)

    def sealed_unit(self, sha: bytes, text: str, terms: str, counts: bytes) -> tuple[Any, ...]:
        """A unit's columns ``sha, text, terms, counts`` as they lie there."""
        return sha, text, terms, counts

    def opened_unit(self, sha: bytes, text: str, terms: str, counts: bytes) -> tuple[bytes, str, str, bytes]:
        """The inverse of :meth:`sealed_unit`."""
        return sha, text, terms, counts

    def opened_text(self, text: str) -> str:
        """The text of a unit, of its column alone."""
        return text

    def of_note(self, kind: str) -> Codec:
        """How notes of a kind lie."""
        return self

    def table(self, table: str, columns: str, order: str, read: Callable[[str, str, str], Rows]) -> Rows:
        """All rows of a table in clear, in order; ``read`` gives those that lie there of table, columns and order."""
        return read(table, columns, order)


CLEAR = Codec()


class Sealed(Codec):
    """The columns of a bank under its own key.

    >>> codec = Sealed(new_key(), "anna")
    >>> kept = codec.seal("log.body", "We moved to Lisbon.")
    >>> "Lisbon" in kept, codec.open("log.body", kept)
    (False, 'We moved to Lisbon.')
    """

    __slots__ = ("_bank", "_bodies", "_invalid", "_names", "_terms")

    sealed = True

    def __init__(self, key: bytes, bank: str) -> None:
        ciphers = optional("cryptography.hazmat.primitives.ciphers.aead")
        self._invalid: type[Exception] = optional("cryptography.exceptions").InvalidTag
        self._bank = bank
        self._bodies = ciphers.AESGCM(keyed_hash(key, "", "bodies"))
        self._names = ciphers.AESSIV(keyed_hash(key, "1", "names") + keyed_hash(key, "2", "names"))
        self._terms = keyed_hash(key, "", "terms")

    def seal(self, column: str, value: Any) -> Any:
        """A value of ``table.column`` as it lies there; what is empty stays empty."""
        how = COLUMNS.get(column)
        if how is None or value is None or (how.same and not value):
            return value
        if how.behind:
            return how.behind + self.seal("events.id", named) if (named := how.named(value)) else value
        raw: bytes = value.encode() if how.text else value
        if how.same:
            out: bytes = self._names.encrypt(raw, [how.about])
        else:
            nonce = secrets.token_bytes(NONCE_BYTES)
            out = nonce + self._bodies.encrypt(nonce, raw, how.about)
        return binascii.b2a_base64(out, newline=False).decode("ascii") if how.text else out

    def open(self, column: str, value: Any) -> Any:
        """The inverse of :meth:`seal`; raises StoreError when the value was changed, or is another bank's."""
        how = COLUMNS.get(column)
        if how is None or value is None or (how.same and not value):
            return value
        if how.behind:
            return how.behind + self.open("events.id", named) if (named := how.named(value)) else value
        try:
            raw = binascii.a2b_base64(value, strict_mode=True) if how.text else bytes(value)
            if how.same:
                out: bytes = self._names.decrypt(raw, [how.about])
            else:
                out = self._bodies.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], how.about)
            return out.decode() if how.text else out
        except (self._invalid, ValueError, TypeError):
            raise StoreError(
                f"bank: {self._bank!r} is sealed, and what lies in {column} was changed or is not its own; "
                "restore the bank from a backup"
            ) from None

    def sealed_all(self, column: str, values: Iterable[Any]) -> dict[Any, Any]:
        """Values of a column by what lies there, each once."""
        return {self.seal(column, value): value for value in values}

    def opened(self, rows: Rows, *columns: str) -> Iterator[Any]:
        """Rows as they were before they were sealed; ``columns`` names the column of each place, "" one in clear."""
        sealed = [(place, column) for place, column in enumerate(columns) if column]
        for row in rows:
            out = list(row)
            for place, column in sealed:
                out[place] = self.open(column, out[place])
            yield tuple(out)

    def rows(self, tables: Tables) -> dict[str, Sequence[Sequence[Any]]]:
        """The rows of a batch as they are laid down."""
        return {table: [self._row(table, row) for row in rows] for table, rows in tables.items()}

    def _row(self, table: str, row: Sequence[Any]) -> Sequence[Any]:
        if table == "units":
            bank, place, name, sha, mode, text, terms, counts, length = row
            sha, text, terms, counts = self.sealed_unit(sha, text, terms, counts)
            return bank, place, name, sha, mode, text, terms, counts, length
        if table in ("term_stats", "unused"):
            return (*row[:2], self.token(row[2]), *row[3:])
        if table not in _PLACED:
            return row
        out = list(row)
        for place, column in _PLACED[table].items():
            out[place] = self.seal(column, out[place])
        return out

    def token(self, term: str) -> str:
        """What stands for a term where texts are found by it: a keyed hash that a full text index keeps whole."""
        return blake2b(term.encode(), key=self._terms, digest_size=8).hexdigest()

    def gram(self, term: str) -> int:
        """The 64 bits that stand for a term in an index of numbers."""
        return int(self.token(term), 16)

    def sealed_unit(self, sha: bytes, text: str, terms: str, counts: bytes) -> tuple[Any, ...]:
        """A unit's columns ``sha, text, terms, counts`` as they lie there."""
        # Sorted, so that the order of words is not told.
        tokens = " ".join(sorted(map(self.token, terms.split())))
        return (
            self.seal("units.sha", sha),
            self.seal("units.text", f"{terms}\n{text}"),
            tokens,
            self.seal("units.counts", counts),
        )

    def opened_unit(self, sha: bytes, text: str, terms: str, counts: bytes) -> tuple[bytes, str, str, bytes]:
        """The inverse of :meth:`sealed_unit`."""
        words, _, said = self.open("units.text", text).partition("\n")
        return self.open("units.sha", sha), said, words, self.open("units.counts", counts)

    def opened_text(self, text: str) -> str:
        """The text of a unit, of its column alone."""
        return str(self.open("units.text", text).partition("\n")[2])

    def of_note(self, kind: str) -> Codec:
        """How notes of a kind lie."""
        return CLEAR if kind.startswith(_OF_DOORS) else self

    def table(self, table: str, columns: str, order: str, read: Callable[[str, str, str], Rows]) -> Rows:
        """All rows of a table in clear, in order; ``read`` gives those that lie there of table, columns and order."""
        names = columns.split(", ")
        if table == "units":
            told = names.index("terms")
            rows = read(table, columns.replace("terms", "text"), order)
            opened = [list(row) for row in self.opened(rows, *(f"units.{n}" for n in columns_of(names, told)))]
            for row in opened:
                row[told] = row[told].partition("\n")[0]
            return opened
        rows = read(table, columns, order)
        if table == "term_stats":
            words = self._words(read)
            opened = [[words[v] if n == "term" else v for n, v in zip(names, row, strict=True)] for row in rows]
        else:
            opened = [list(row) for row in self.opened(rows, *(f"{table}.{name}" for name in names))]
        by = [names.index(name) for name in order.split(", ")]
        return sorted(opened, key=lambda row: [row[place] for place in by])

    def _words(self, read: Callable[[str, str, str], Rows]) -> dict[str, str]:
        texts = self.opened(read("units", "text", "place"), "units.text")
        return {self.token(term): term for (text,) in texts for term in text.partition("\n")[0].split()}


def columns_of(names: Sequence[str], told: int) -> list[str]:
    """The names with the one of terms replaced by that of the text which holds them."""
    return [*names[:told], "text", *names[told + 1 :]]


@dataclass(slots=True)
class Seals:
    """The codecs of a store's banks; ``service`` wraps their keys, and is None where none is configured."""

    service: KeyService | None = None
    #: Codecs by what their keys are wrapped as: in memory alone.
    _opened: dict[str, Codec] = field(default_factory=dict, repr=False)

    def new(self, bank: str) -> str:
        """A fresh key for a bank, as its row keeps it; raises StoreError where no key service is configured."""
        key = new_key()
        wrapped = self._wrapped(bank, key)
        # Who asks a service to wrap need not ask it to open what it has just wrapped.
        self._opened[wrapped] = Sealed(key, bank)
        return wrapped

    def codec(self, row: BankRow) -> Codec:
        """The codec of a bank; raises StoreError when it is sealed and its key cannot be had."""
        if not row.sealed:
            return CLEAR
        known = self._opened.get(row.sealed)
        if known is None:
            known = self._opened[row.sealed] = Sealed(self._key(row), row.payer)
        return known

    def of_notes(self, row: BankRow, kind: str | None) -> Codec:
        """How notes of a kind, or of all kinds, lie in a bank; raises StoreError when its key is needed and missing."""
        return CLEAR if kind is not None and kind.startswith(_OF_DOORS) else self.codec(row)

    @staticmethod
    def of_doors(bank: str, kind: str | None) -> bool:
        """Whether notes lie in clear in any bank: no key is asked for, and none can have changed meanwhile."""
        return bank == WHOLE_STORE or (kind is not None and kind.startswith(_OF_DOORS))

    def or_none(self, row: BankRow) -> Codec | None:
        """The codec of a bank, or None when its key cannot be had."""
        try:
            return self.codec(row)
        except MnemicError:
            return None

    def rewrapped(self, row: BankRow) -> str:
        """The bank's key wrapped anew with the key that the service wraps with now."""
        return self._wrapped(row.payer, self._key(row))

    def _key(self, row: BankRow) -> bytes:
        return self._service(row.payer).unwrap(base64.b64decode(row.sealed), _context(row.payer))

    def _wrapped(self, bank: str, key: bytes) -> str:
        return base64.b64encode(self._service(bank).wrap(key, _context(bank))).decode("ascii")

    def _service(self, bank: str) -> KeyService:
        if self.service is None:
            raise StoreError(
                f"bank: {bank!r} is sealed, or is to be, and no key is configured; MNEMIC_VAULT_KEY_FILE names the "
                "file of the key, and 'mnemic vault init' makes one"
            )
        return self.service


def _context(bank: str) -> dict[str, str]:
    return {"bank": bank, "key": _KEY}
