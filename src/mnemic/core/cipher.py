"""Authenticated encryption: what is sealed opens only with its key, and only as what it was sealed as.

AES-256-GCM with a nonce of its own for each text; ``about`` (which bank, which note) is authenticated with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

from mnemic.core.errors import ModelUnavailable, StoreError

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyService(Protocol):
    """Wraps keys with a key that never leaves it: a file, a variable, or a service that manages keys.

    ``context`` (the bank, the name of the key) is bound to what is wrapped. ``unwrap`` raises StoreError where it
    cannot.
    """

    @property
    def name(self) -> str:
        """Which key wraps, as it may be shown."""
        ...

    def wrap(self, key: bytes, context: Mapping[str, str]) -> bytes:
        """The key, readable to this service alone."""
        ...

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The inverse of :meth:`wrap`."""
        ...


def optional(module: str) -> Any:
    """A module of the library that seals; raises ModelUnavailable naming what installs it."""
    try:
        return import_module(module)
    except ImportError:
        raise ModelUnavailable('cryptography is not installed: run `pip install "mnemic[vault]"`') from None


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> Any:
    return optional("cryptography.hazmat.primitives.ciphers.aead").AESGCM(key)


def new_key() -> bytes:
    """A fresh key."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """``plain``, readable with ``key`` alone.

    >>> key = new_key()
    >>> unseal(key, seal(key, b"4711", "anna/1"), "anna/1")
    b'4711'
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed: bytes = _cipher(key).encrypt(nonce, plain, about.encode())
    return nonce + sealed


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """The inverse of :func:`seal`; raises StoreError when the key or what it is about is another, or it was changed.

    >>> unseal(new_key(), seal(new_key(), b"4711", "anna/1"), "anna/1")
    Traceback (most recent call last):
    mnemic.core.errors.StoreError: key: this is not the key with which it was sealed, or what is sealed was changed
    """
    invalid = optional("cryptography.exceptions").InvalidTag
    try:
        plain: bytes = _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (invalid, ValueError):
        raise StoreError("key: this is not the key with which it was sealed, or what is sealed was changed") from None
    return plain


def keyed_hash(key: bytes, text: str, purpose: str) -> bytes:
    """A hash that only who has the key can make: equal texts, equal hashes; one ``purpose`` tells nothing of another.

    >>> keyed_hash(b"k", "tea", "term") == keyed_hash(b"k", "tea", "term"), len(keyed_hash(b"k", "tea", "term"))
    (True, 32)
    """
    return hmac.digest(key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
