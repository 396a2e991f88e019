"""Tokens of an identity provider: whoever has a right one is let in, and no forged one gets further."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import mnemic
from mnemic.config import Settings
from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, StoreError, Unauthenticated
from mnemic.governance.oidc import Provider
from mnemic.identifying import Doorkeeper, provider_of

ISSUER, AUDIENCE = "https://id.example", "mnemic"
RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u1", "exp": now + timedelta(minutes=5), "iat": now}
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


class Keys:
    """A provider's address: what it serves, and how often it was asked."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.now = 0.0

    def read(self, _: str) -> str:
        self.asked += 1
        return json.dumps({"keys": self.keys})

    def provider(self) -> Provider:
        return Provider(ISSUER, AUDIENCE, "unused", read=self.read, clock=lambda: self.now)


def sign(body: dict[str, Any], key: Any = RSA, algorithm: str = "RS256", kid: str | None = "a") -> str:
    return jwt.encode(body, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def test_a_right_token_names_its_bearer_and_his_groups() -> None:
    keys = Keys(jwk(RSA, "a"), jwk(CURVE, "c"))
    provider = keys.provider()
    assert provider.bearer(sign(claims(groups=["keepers", 7, "keepers", ""]))) == (f"oidc:{ISSUER}|u1", ("keepers",))
    assert provider.bearer(sign(claims(sub="u2", aud=["x", AUDIENCE]), CURVE, "ES256", "c")) == (
        f"oidc:{ISSUER}|u2",
        (),
    )
    # A clock that goes half a minute wrong is forgiven.
    assert provider.bearer(sign(claims(exp=datetime.now(UTC) - timedelta(seconds=30))))
    assert keys.asked == 1


def without_signature(body: dict[str, Any]) -> str:
    body = {**body, "exp": int(body["exp"].timestamp()), "iat": int(body["iat"].timestamp())}
    parts = [json.dumps({"alg": "none", "typ": "JWT", "kid": "a"}), json.dumps(body)]
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def by_public_key(body: dict[str, Any]) -> str:
    """The known trick: the provider's public key, which anybody has, taken as a shared secret."""
    import hashlib
    import hmac

    pem = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    body = {**body, "exp": int(body["exp"].timestamp()), "iat": int(body["iat"].timestamp())}
    parts = [json.dumps({"alg": "HS256", "typ": "JWT", "kid": "a"}), json.dumps(body)]
    told = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.new(pem, told.encode(), hashlib.sha256).digest()
    return told + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def test_no_forged_token_is_let_in_and_all_hear_the_same() -> None:
    provider = Keys(jwk(RSA, "a"), jwk(CURVE, "c")).provider()
    good = sign(claims())
    head, body, mark = good.split(".")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    forged = {
        "issuer": sign(claims(iss="https://evil.example")), "no issuer": sign(claims(iss=None)),
        "audience": sign(claims(aud="other")), "no audience": sign(claims(aud=None)),
        "expired": sign(claims(exp=long_ago)), "no expiry": sign(claims(exp=None)),
        "not yet": sign(claims(nbf=datetime.now(UTC) + timedelta(hours=1))),
        "no subject": sign(claims(sub=None)), "empty subject": sign(claims(sub="")),
        "another key": sign(claims(), OTHER), "unknown kid": sign(claims(), OTHER, kid="z"),
        "no kid": sign(claims(), kid=None), "kid of another": sign(claims(), RSA, kid="c"),
        "none": without_signature(claims()), "public key as secret": by_public_key(claims()),
        "cut": good[:-5], "changed": f"{head}.{body[:-2]}xx.{mark}", "swapped": f"{head}.{mark}.{body}",
        "empty": "", "dots": "..", "text": "not a token", "wide": "\u2603.\u2603.\u2603",
    }  # fmt: skip
    words = set()
    for name, token in forged.items():
        with pytest.raises(Unauthenticated) as refused:
            provider.bearer(token)
        words.add(str(refused.value))
        assert name
    assert len(words) == 1
    assert provider.bearer(good)


def test_a_changed_key_is_looked_for_once_a_minute() -> None:
    keys = Keys(jwk(RSA, "a"))
    provider = keys.provider()
    assert provider.bearer(sign(claims()))
    keys.keys = [jwk(OTHER, "b")]
    keys.now = 30.0
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            provider.bearer(sign(claims(), OTHER, kid="b"))
    assert keys.asked == 1
    keys.now = 61.0
    assert provider.bearer(sign(claims(), OTHER, kid="b"))
    with pytest.raises(Unauthenticated):
        provider.bearer(sign(claims()))
    assert keys.asked == 2


def test_a_shared_secret_among_the_keys_is_no_key(tmp_path: Path) -> None:
    secret = {"kty": "oct", "kid": "s", "k": base64.urlsafe_b64encode(b"x" * 32).decode()}
    provider = Keys(secret, jwk(RSA, "a")).provider()
    with pytest.raises(Unauthenticated):
        provider.bearer(jwt.encode(claims(), b"x" * 32, algorithm="HS256", headers={"kid": "s"}))
    file = tmp_path / "keys.json"
    file.write_text("[]", "utf-8")
    with pytest.raises(StoreError, match="JWKS"):
        Provider(ISSUER, AUDIENCE, str(file)).bearer(sign(claims()))
    with pytest.raises(StoreError, match="cannot be read"):
        Provider(ISSUER, AUDIENCE, str(tmp_path / "none")).bearer(sign(claims()))


def test_bearers_are_granted_by_name_and_by_group(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [jwk(RSA, "a")]}), "utf-8")
    told = Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=str(file))
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        doors = Doorkeeper(memory, provider_of(told))
        assert doors.closed
        with pytest.raises(Unauthenticated):
            doors.sender("")
        owner = memory.acting(Acting())
        owner.bank("anna", create=True).retain("Anna keeps bees.")
        owner.give("group:keepers", "anna", "reader")
        member = memory.acting(doors.sender(sign(claims(groups=["keepers"]))))
        assert "bees" in member.bank("anna").recall("bees").text
        assert memory.acting(doors.sender(sign(claims(groups=["others"])))).banks() == []
        key, text = owner.create_key("a key", role="reader", banks=["anna"])
        assert doors.sender(text).principal == key.principal


def test_a_provider_is_named_whole(tmp_path: Path) -> None:
    assert provider_of(Settings()) is None
    with pytest.raises(BadInput, match="oidc_audience"):
        provider_of(Settings(oidc_issuer=ISSUER))


def test_a_store_that_had_keys_stays_closed(tmp_path: Path) -> None:
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as memory:
        doors, owner = Doorkeeper(memory), memory.acting(Acting())
        assert doors.sender("").is_local
        key, _ = owner.create_key("the only one")
        owner.revoke_key(key.id)
        with pytest.raises(Unauthenticated):
            doors.sender("")
