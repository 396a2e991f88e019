"""Bearer tokens of an identity provider (OpenID Connect): who the bearer is, by a signature of the provider's.

    principal = oidc:ISSUER|SUBJECT        groups = the token's claim of that name

Only signatures by a private key are taken: a token that names no algorithm, or one that would make of the provider's
public key a shared secret, is refused whatever it says of itself. Keys come from a file or an address (JWKS); one
that is not known is looked for anew, not more often than once in a minute, since the provider may have changed it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from mnemic.core.errors import ModelUnavailable, StoreError, Unauthenticated

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: What a key of each type can sign.
_FAMILIES = {"RSA": ("RS", "PS"), "EC": ("ES",), "OKP": ("EdDSA",)}
_UNKNOWN = "the key or token is unknown, spent or forged; ask whoever runs this store for another"
_AGAIN_S = 60.0
_TIMEOUT_S = 10.0
_LARGEST = 1 << 20


def fetch(source: str) -> str:
    """The text of a JWKS at an address or in a file; raises StoreError."""
    try:
        if source.startswith(("https://", "http://")):
            with urlopen(source, timeout=_TIMEOUT_S) as answer:
                return str(answer.read(_LARGEST).decode("utf-8"))
        return Path(source).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"oidc_jwks: the keys of the identity provider cannot be read ({error})") from None


@dataclass(slots=True)
class Provider:
    """An identity provider whose tokens are taken.

    ``issuer`` and ``audience`` are what a token must name, ``jwks`` where its keys are, ``groups`` the claim that
    lists groups, and ``leeway_s`` how far its clock may be from ours.
    """

    issuer: str
    audience: str
    jwks: str
    groups: str = "groups"
    leeway_s: int = 60
    read: Callable[[str], str] = fetch
    clock: Callable[[], float] = time.monotonic
    _keys: dict[str, Any] = field(default_factory=dict, repr=False)
    _read_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def bearer(self, token: str) -> tuple[str, tuple[str, ...]]:
        """The principal of a token's bearer and his groups; raises Unauthenticated, in the same words for all."""
        try:
            import jwt
        except ImportError:
            raise ModelUnavailable('jwt is not installed: run `pip install "mnemic[serve]"`') from None
        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in ALGORITHMS:
                raise Unauthenticated(_UNKNOWN)
            key = self._key(head.get("kid"))
            if not head["alg"].startswith(_FAMILIES.get(str(key.key_type), ("none",))):
                raise Unauthenticated(_UNKNOWN)
            claims = jwt.decode(
                token, key.key, algorithms=[head["alg"]], audience=self.audience, issuer=self.issuer,
                leeway=self.leeway_s, options={"require": ["exp", "iss", "aud", "sub"]},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthenticated(_UNKNOWN) from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject or len(subject) > 255:
            raise Unauthenticated(_UNKNOWN)
        return f"oidc:{self.issuer}|{subject}", _groups(claims, self.groups)

    def _key(self, kid: Any) -> Any:
        with self._lock:
            if not self._keys or (kid not in self._keys and self._may_look()):
                self._load()
            if kid is None and len(self._keys) == 1:
                return next(iter(self._keys.values()))
            if not isinstance(kid, str) or kid not in self._keys:
                raise Unauthenticated(_UNKNOWN)
            return self._keys[kid]

    def _may_look(self) -> bool:
        return self._read_at is None or self.clock() - self._read_at >= _AGAIN_S

    def _load(self) -> None:
        import jwt

        if not self._may_look():
            return
        self._read_at = self.clock()
        try:
            data = json.loads(self.read(self.jwks))
            listed = data["keys"]
        except (json.JSONDecodeError, KeyError, TypeError):
            raise StoreError("oidc_jwks: holds no JWKS, an object with a list of keys") from None
        found = {}
        for one in listed:
            # A shared secret among the keys would let whoever can read them sign.
            if isinstance(one, Mapping) and one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig":
                try:
                    found[str(one.get("kid", ""))] = jwt.PyJWK(dict(one))
                except jwt.PyJWTError:
                    continue
        self._keys = found


def _groups(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = claims.get(name, ())
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, (list, tuple)):
        return ()
    return tuple(dict.fromkeys(group for group in given if isinstance(group, str) and 0 < len(group) <= 255))[:1000]
