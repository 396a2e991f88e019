"""Signatures on receipts: Ed25519, so that who holds the public key can check one without the store.

Without the extra ``vault`` (the package ``cryptography``) receipts carry an HMAC-SHA256 instead, which only who holds
the store's key can check.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from mnemic.core.errors import ModelUnavailable

ED25519, HMAC = "ed25519", "hmac-sha256"


def new_key() -> dict[str, str]:
    """A key to sign with, as text: Ed25519 where ``cryptography`` is installed."""
    if find_spec("cryptography") is None:
        return {"algorithm": HMAC, "private": secrets.token_hex(32), "public": ""}
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    return {"algorithm": ED25519, "private": key.private_bytes_raw().hex(), "public": public}


def sign(text: str, key: Mapping[str, Any]) -> dict[str, str]:
    """The signature of a text: algorithm, value, and the public key where there is one.

    >>> key = {"algorithm": "hmac-sha256", "private": "00" * 32, "public": ""}
    >>> signed = sign("gone", key)
    >>> verified("gone", signed, private=key["private"]), verified("kept", signed, private=key["private"])
    (True, False)
    """
    secret = bytes.fromhex(str(key["private"]))
    if key["algorithm"] == HMAC:
        return {"algorithm": HMAC, "value": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}
    ed25519 = _ed25519()
    value = ed25519.Ed25519PrivateKey.from_private_bytes(secret).sign(text.encode()).hex()
    return {"algorithm": ED25519, "value": value, "public": str(key["public"])}


def verified(text: str, signature: Mapping[str, str], *, public: str = "", private: str = "") -> bool:
    """Whether a signature is one of the text by the key: the given public one, or the one that it carries itself."""
    value = signature.get("value", "")
    if signature.get("algorithm") == HMAC:
        if not private:
            return False
        made = hmac.new(bytes.fromhex(private), text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(made, value)
    from cryptography.exceptions import InvalidSignature

    try:
        key = _ed25519().Ed25519PublicKey.from_public_bytes(bytes.fromhex(public or signature.get("public", "")))
        key.verify(bytes.fromhex(value), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _ed25519() -> Any:
    if find_spec("cryptography") is None:
        raise ModelUnavailable('signatures: cryptography is not installed; pip install "mnemic[vault]"')
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return ed25519
