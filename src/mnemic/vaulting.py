"""The vault of a store: secrets sealed beside the log, a note each, under keys of their bank's own.

A bank has a key for its secrets and one for their names, both wrapped by the configured :class:`KeyService`. The name
is a keyed hash, so that the same secret has one placeholder in a bank, and tells nothing to who has not the key.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mnemic.core.chance import Clock
from mnemic.core.cipher import KeyService, keyed_hash, new_key, seal, unseal
from mnemic.core.errors import BadInput, NotFound, StoreError
from mnemic.governance.secrets import PLACEHOLDER, SEALED
from mnemic.store.notes import Note
from mnemic.store.protocol import Store

#: The kind of the notes that hold a bank's keys as they are wrapped.
KEYS = "vault-key"
#: What a secret is called in a question to a bank that keeps none yet.
UNKNOWN = "unknown"
NO_KEY = "no vault key is configured; 'mnemic vault init' makes one, MNEMIC_VAULT_KEY_FILE names it"


@dataclass(frozen=True, slots=True)
class Entry:
    """A secret that the vault holds: its placeholder and kind, since when, and under which key; never its words."""

    placeholder: str
    kind: str
    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    version: int
    key: bytes = field(repr=False)


@dataclass(slots=True)
class Vault:
    """Seals, opens and lists the secrets of a store's banks. ``keys`` is None where no key is configured."""

    store: Store
    clock: Clock
    keys: KeyService | None = None
    #: Opened keys by what they are wrapped as: in memory alone.
    _opened: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)

    def placeholder(self, bank: str, kind: str, value: str, *, make: bool = True) -> str:
        """What stands in a text in place of a secret; without ``make`` a bank that has no keys yet is given none.

        Without a vault key it is the secret itself: nothing that was said may be lost.

        >>> from mnemic.core.chance import SystemClock
        >>> Vault(None, SystemClock()).placeholder("anna", "pin", "4711")
        '4711'
        """
        if self.keys is None:
            return value
        if not (make or self._keys(bank, "name")):
            return f"[secret:{kind}:{UNKNOWN}]"
        named = keyed_hash(self._current(bank, "name").key, f"{kind}\0{value}", "secret")
        return f"[secret:{kind}:{named.hex()[:12]}]"

    def keep(self, bank: str, secrets: Mapping[str, str]) -> int:
        """Seal secrets by their placeholders; gives how many are kept. What is there already stays as it is."""
        if self.keys is None:
            return 0
        for placeholder, value in secrets.items():
            note_id = id_of(placeholder)
            while self.store.note(bank, SEALED, note_id) is None:
                key = self._current(bank, "data")
                self._write(bank, note_id, key, value)
                # A rotation may have dropped the key meanwhile; then it is sealed with the next one.
                if self.store.note(bank, KEYS, key.id) is None:
                    self.store.drop_note(bank, SEALED, note_id)
        return len(secrets)

    def reveal(self, bank: str, placeholder: str) -> str:
        """The words of a secret; raises NotFound, and StoreError where the key is missing or another one."""
        note_id = id_of(placeholder)
        note = self.store.note(bank, SEALED, note_id)
        if note is None:
            raise NotFound(f"secret: bank {bank!r} keeps none called {placeholder}; 'mnemic vault list' lists them")
        return self._open(bank, note).decode()

    def entries(self, bank: str) -> list[Entry]:
        """The secrets of a bank in order of their names."""
        return [
            Entry(f"[secret:{note.id}]", note.id.partition(":")[0], note.at, str(note.body["key"]))
            for note in self.store.notes(bank, SEALED)
        ]

    def forget(self, bank: str, placeholders: Iterable[str]) -> int:
        """Destroy sealed secrets; gives how many there were."""
        return sum(self.store.drop_note(bank, SEALED, id_of(placeholder)) for placeholder in placeholders)

    def rewrap(self, bank: str) -> int:
        """Wrap a bank's keys anew with the key that the service wraps with now; gives how many.

        So are the key of its content, if it is sealed, and those of hidden banks that work for it.
        """
        notes = self.store.notes(bank, KEYS)
        for note in notes:
            key = self._unwrapped(bank, note)
            self.store.put_note(_replaced(note, wrapped=_text(self._service().wrap(key, _context(bank, note.id)))))
        sealed = [row.name for row in self.store.banks() if row.sealed and row.payer == bank]
        return len(notes) + sum(self.store.rewrap(name) for name in sealed)

    def renew(self, bank: str, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Seal a bank's secrets under a new key and destroy the former one; broken off, the next call goes on."""
        former = self._keys(bank, "data")
        if not former:
            return 0
        if len(former) == 1:
            self._make(bank, "data", former[-1].version + 1)
        while len(keys := self._keys(bank, "data")) > 1:
            current, old = keys[-1], keys[0]
            self._reseal(bank, old, current, on_progress)
            kept = self.store.note(bank, KEYS, old.id)
            self.store.drop_note(bank, KEYS, old.id)
            # Who sealed with the former key at this very moment is met here, or finds it gone.
            if kept is not None and any(note.body["key"] == old.id for note in self.store.notes(bank, SEALED)):
                self.store.put_note(kept)
        return len(self.store.notes(bank, SEALED))

    def _reseal(self, bank: str, old: _Key, new: _Key, on_progress: Callable[[int, int], None] | None) -> None:
        notes = [note for note in self.store.notes(bank, SEALED) if note.body["key"] == old.id]
        for done, note in enumerate(notes, 1):
            self._write(bank, note.id, new, self._open(bank, note).decode(), note.at)
            if on_progress is not None:
                on_progress(done, len(notes))

    def _service(self) -> KeyService:
        if self.keys is None:
            raise StoreError(f"vault: {NO_KEY}")
        return self.keys

    def _current(self, bank: str, purpose: str) -> _Key:
        found = self._keys(bank, purpose)
        if not found:
            self._make(bank, purpose, 1)
            # Of two that were made at once, both processes take the same one.
            found = self._keys(bank, purpose)
        return found[-1]

    def _keys(self, bank: str, purpose: str) -> list[_Key]:
        notes = [note for note in self.store.notes(bank, KEYS) if note.body["purpose"] == purpose]
        made = [_Key(note.id, int(note.body["version"]), self._unwrapped(bank, note)) for note in notes]
        return sorted(made, key=lambda key: (key.version, key.id))

    def _make(self, bank: str, purpose: str, version: int) -> None:
        key = new_key()
        key_id = f"{purpose}-{version}-{new_key().hex()[:8]}"
        body = {
            "purpose": purpose,
            "version": version,
            "wrapped": _text(self._service().wrap(key, _context(bank, key_id))),
            "by": self._service().name,
        }
        self.store.put_note(Note(bank=bank, kind=KEYS, id=key_id, at=self.clock.now(), body=body))

    def _unwrapped(self, bank: str, note: Note) -> bytes:
        slot = (bank, str(note.body["wrapped"]))
        if slot not in self._opened:
            wrapped = base64.b64decode(slot[1])
            self._opened[slot] = self._service().unwrap(wrapped, _context(bank, note.id))
        return self._opened[slot]

    def _write(self, bank: str, note_id: str, key: _Key, value: str, at: datetime | None = None) -> None:
        sealed = seal(key.key, value.encode(), _about(bank, note_id, key.id))
        body = {"key": key.id, "sealed": _text(sealed)}
        self.store.put_note(Note(bank=bank, kind=SEALED, id=note_id, at=at or self.clock.now(), body=body))

    def _open(self, bank: str, note: Note) -> bytes:
        key_id = str(note.body["key"])
        wrapped = self.store.note(bank, KEYS, key_id)
        if wrapped is None:
            raise StoreError(f"vault: the key of [secret:{note.id}] was destroyed; nobody can open it any more")
        key = self._unwrapped(bank, wrapped)
        return unseal(key, base64.b64decode(str(note.body["sealed"])), _about(bank, note.id, key_id))


def id_of(placeholder: str) -> str:
    """The name of a secret's note; raises BadInput when it is no placeholder.

    >>> id_of("[secret:pin:0123456789ab]"), id_of("pin:0123456789ab")
    ('pin:0123456789ab', 'pin:0123456789ab')
    """
    text = placeholder if placeholder.startswith("[") else f"[secret:{placeholder}]"
    match = PLACEHOLDER.fullmatch(text)
    if match is None:
        raise BadInput(f"secret: {placeholder[:60]!r} is no placeholder; it looks like [secret:card:7f3a09c1d2e4]")
    return f"{match[1]}:{match[2]}"


def _context(bank: str, key_id: str) -> dict[str, str]:
    return {"bank": bank, "key": key_id}


def _about(bank: str, note_id: str, key_id: str) -> str:
    return f"mnemic secret\0{bank}\0{note_id}\0{key_id}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _replaced(note: Note, **body: str) -> Note:
    return Note(bank=note.bank, kind=note.kind, id=note.id, at=note.at, body={**note.body, **body})
