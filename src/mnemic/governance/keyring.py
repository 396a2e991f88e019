"""Where the key that wraps all others comes from: a file, a variable, or a service that manages keys.

A key file holds one key a line, the newest first: the first one wraps, all of them unwrap, so that a former key can be
kept until everything is wrapped anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from mnemic.core.cipher import KEY_BYTES, KeyService, new_key, seal, unseal
from mnemic.core.errors import BadInput, StoreError
from mnemic.core.evidence import canonical

GROUP = "mnemic.keys"
_NAME_BYTES = 4


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """Keys held by this process; the first wraps.

    >>> held = LocalKeys((new_key(),))
    >>> held.unwrap(held.wrap(b"data key", {"bank": "anna"}), {"bank": "anna"})
    b'data key'
    """

    keys: Sequence[bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """The first key's name."""
        return name_of(self.keys[0])

    def wrap(self, key: bytes, context: Mapping[str, str]) -> bytes:
        """The key, sealed with the first of these."""
        own = self.keys[0]
        return bytes.fromhex(name_of(own)) + seal(own, key, canonical(dict(context)))

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The inverse of :meth:`wrap`; raises StoreError when the key that it takes is not among these."""
        wanted = wrapped[:_NAME_BYTES].hex()
        for key in self.keys:
            if name_of(key) == wanted:
                return unseal(key, wrapped[_NAME_BYTES:], canonical(dict(context)))
        raise StoreError(
            f"vault: bank {context.get('bank', '')!r} needs the key {wanted}, and {self.name} is configured; "
            "give the right one as MNEMIC_VAULT_KEY_FILE or MNEMIC_VAULT_KEY"
        )


def name_of(key: bytes) -> str:
    """What a key is called: the beginning of its hash, which tells nothing of it."""
    return hashlib.sha256(b"mnemic key name\0" + key).digest()[:_NAME_BYTES].hex()


def parse_keys(text: str, where: str) -> tuple[bytes, ...]:
    """Keys of lines of base64 or hex; raises BadInput that names the line and never shows it."""
    out = []
    for number, line in enumerate(text.split(), 1):
        try:
            key = bytes.fromhex(line) if len(line) == 2 * KEY_BYTES else base64.b64decode(line, b"-_", validate=True)
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != KEY_BYTES:
            raise BadInput(
                f"{where}: key {number} is no key of {KEY_BYTES} bytes in base64 or hex; 'mnemic vault init' makes one"
            )
        out.append(key)
    if not out:
        raise BadInput(f"{where}: holds no key; 'mnemic vault init' makes one")
    return tuple(out)


def load_keys(*, key: str = "", key_file: str = "", service: str = "") -> KeyService | None:
    """The configured source of keys, or None; raises BadInput when there are two, or the one cannot be read.

    >>> load_keys() is None
    True
    """
    given = [name for name, value in (("key", key), ("key_file", key_file), ("service", service)) if value]
    if len(given) > 1:
        raise BadInput(f"vault_{given[1]}: is given beside vault_{given[0]}; give one of them")
    if key:
        return LocalKeys(parse_keys(key, "MNEMIC_VAULT_KEY"))
    if key_file:
        path = Path(key_file).expanduser()
        try:
            return LocalKeys(parse_keys(path.read_text("ascii"), f"vault_key_file: {path}"))
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "it is no text"
            raise BadInput(f"vault_key_file: {path} cannot be read ({said}); 'mnemic vault init' makes one") from None
    return _service(service) if service else None


def _service(name: str) -> KeyService:
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is None:
        known = ", ".join(sorted(point.name for point in entry_points(group=GROUP))) or "none"
        raise BadInput(f"vault_service: no package offers {name!r} under the entry point {GROUP}; known are {known}")
    made: KeyService = found.load()()
    return made


def write_key_file(path: Path) -> LocalKeys:
    """Make a key file that its owner alone can read; raises BadInput when there is a file already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = new_key()
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput(f"key file: {path} exists already; what it sealed could not be opened without it") from None
    with os.fdopen(file, "wb") as out:
        out.write(base64.urlsafe_b64encode(made) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return LocalKeys((made,))


def add_key(path: Path) -> LocalKeys:
    """Put a new key first in a key file; the former ones stay, so that what they wrapped can still be opened."""
    former = parse_keys(path.read_text("ascii"), f"key file: {path}")
    keys = (new_key(), *former)
    _replace(path, keys)
    return LocalKeys(keys)


def drop_former_keys(path: Path) -> LocalKeys:
    """Leave only the first key in a key file: what was wrapped with others and not wrapped anew is lost."""
    keys = parse_keys(path.read_text("ascii"), f"key file: {path}")[:1]
    _replace(path, keys)
    return LocalKeys(keys)


def _replace(path: Path, keys: Sequence[bytes]) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as out:
        out.writelines(base64.urlsafe_b64encode(key) + b"\n" for key in keys)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
