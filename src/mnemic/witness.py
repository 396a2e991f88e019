"""The witness of the audit: a file elsewhere that only grows, to which the heads of chains are written, signed.

Before a governing act the head as it stands is written, so that what cannot be witnessed is not done; after it the new
one. What else leaves entries is witnessed behind, at least every hundred entries or every minute. Many processes append
to one file: each line is one write to a file opened for appending, and is on the disk when the call returns.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from mnemic.core.errors import BadInput, MnemicError, NotFound, Refused
from mnemic.governance.witnessing import Attested, Head
from mnemic.store.protocol import Store

EVERY_ENTRIES = 100
EVERY = timedelta(minutes=1)
_log = logging.getLogger("mnemic.audit")


@dataclass(slots=True)
class Witness:
    """Writes where the chains of one store stand to a file."""

    path: Path
    store: Store
    key: Callable[[], Mapping[str, Any]]
    _since: Counter[str] = field(default_factory=Counter)
    _last: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def before(self, bank: str, now: datetime) -> None:
        """Witness a bank, the store and all that has new entries before a governing act.

        Raises Refused where the file cannot be written.
        """
        with self._lock:
            banks = {bank, "", *self._since}
        try:
            self._write(banks, now)
        except OSError as error:
            raise Refused(
                f"audit_witness: {self.path} cannot be written ({error.strerror or error}), and what governs is not "
                "done unwitnessed; nothing was done. Make it writable, or change the setting"
            ) from None

    def after(self, banks: Iterable[str], now: datetime) -> None:
        """Witness banks after what was done, which stands whatever comes of it: what fails is told in the log."""
        try:
            self._write(set(banks), now)
        except OSError as error:
            _log.warning("audit_witness: %s cannot be written (%s)", self.path, error.strerror or error)
        except MnemicError as error:
            _log.warning("audit_witness: %s", error)

    def entered(self, banks: Iterable[str], now: datetime) -> None:
        """Take note of entries; they are witnessed once there are many, or the last time is long ago."""
        with self._lock:
            self._since.update(banks)
            if self._last is None:
                self._last = now
            due = self._since.total() >= EVERY_ENTRIES or now - self._last >= EVERY
        if due:
            self.rest(now)

    def rest(self, now: datetime) -> None:
        """Witness all that has entries since the last time."""
        with self._lock:
            banks, self._last = set(self._since), now
        if banks:
            self.after(banks, now)

    def _write(self, banks: set[str], now: datetime) -> None:
        heads = [head for bank in sorted(banks) if (head := self._head(bank, now)) is not None]
        key = self.key()
        lines = "".join(head.line(key) + "\n" for head in heads).encode()
        # The descriptor opens it even where there is no entry yet: that it can be written is what is asked.
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if lines and size and os.pread(descriptor, 1, size - 1) != b"\n":
                lines = b"\n" + lines
            if lines and os.write(descriptor, lines) != len(lines):
                raise OSError(f"only a part of {len(lines)} bytes was taken")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with self._lock:
            for bank in banks:
                del self._since[bank]

    def _head(self, bank: str, now: datetime) -> Head | None:
        try:
            entry = self.store.audit_head(bank)
        except NotFound:
            return None
        return None if entry is None else Head(bank, entry.n, entry.sha, now)


def read_witness(path: Path, *, public: str = "", private: str = "") -> Attested:
    """What the file of a witness says; raises BadInput where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return Attested.of(file, public=public, private=private)
    except OSError as error:
        raise BadInput(f"{path}: the witness cannot be read ({error.strerror})") from None
