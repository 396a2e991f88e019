"""Who may do what: keys, grants and policies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator

from mnemic.core.times import instant
from mnemic.governance.policies import Policy
from mnemic.messages import check_name, check_text
from mnemic.serve.parameters import Cursor, Limit, decoded, page_of
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.governing import (
    GrantIn,
    GrantOut,
    Grants,
    KeyIn,
    KeyMade,
    KeyOut,
    Keys,
    Policies,
    PolicyIn,
    PolicyOut,
)
from mnemic.serve.who import Guarded

router = APIRouter(tags=["access"])
Id = Annotated[str, Path(max_length=200, description="Its id, or name."), AfterValidator(decoded)]
OfBank = Annotated[str | None, Query(max_length=200, description="Of this bank; of the whole store without it.")]

ToWhom = Annotated[str | None, Query(max_length=1000, description="key:ID, oidc:ISSUER|SUBJECT or group:NAME.")]


def _until(text: str | None) -> datetime | None:
    return None if text is None else instant(text, "expires")


def _of(bank: str | None) -> str | None:
    return None if bank is None else check_name(bank)


@router.get("/keys", response_model=Keys)
def keys(memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The keys, without their texts."""
    kept, following = page_of(memory.keys(), lambda key: key.id, limit, cursor)
    return Reply({"keys": [key.shown() for key in kept], "next": following})


@router.post("/keys", response_model=KeyMade, status_code=201)
def create_key(body: KeyIn, memory: Guarded) -> Reply:
    """Make a key. Its text is answered this once, and kept nowhere."""
    key, text = memory.create_key(body.name, role=body.role, banks=body.banks, expires=_until(body.expires))
    return Reply({"key": key.shown(), "text": text}, 201, headers={"Cache-Control": "no-store"})


@router.delete("/keys/{key}", response_model=KeyOut)
def revoke_key(key: Id, memory: Guarded) -> Reply:
    """Take a key back, with its grants; it opens nothing from now on."""
    return Reply(memory.revoke_key(check_text(key, "key", limit=200).removeprefix("key:")).shown())


@router.get("/grants", response_model=Grants)
def grants(memory: Guarded, bank: OfBank = None, to: ToWhom = None, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The grants that hold for a bank, or all of the store; those to somebody alone with ``to``."""
    kept, following = page_of(memory.grants(bank=_of(bank), to=to), lambda grant: grant.id, limit, cursor)
    return Reply({"grants": [grant.to_json() for grant in kept], "next": following})


@router.post("/grants", response_model=GrantOut, status_code=201)
def give(body: GrantIn, memory: Guarded) -> Reply:
    """Grant a role. Nobody gives more than he holds himself."""
    made = memory.give(
        check_text(body.to, "to", limit=1000), body.bank, body.role, only=body.only, without=body.without,
        purposes=body.purposes, recipients=body.recipients, expires=_until(body.expires),
    )  # fmt: skip
    return Reply(made.to_json(), 201)


@router.delete("/grants/{grant}", response_model=GrantOut)
def take(grant: Id, memory: Guarded) -> Reply:
    """Take a grant away."""
    return Reply(memory.take(check_text(grant, "grant", limit=200)).to_json())


@router.get("/policies", response_model=Policies)
def policies(memory: Guarded, bank: OfBank = None, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The policies of a bank, or of the whole store."""
    kept, following = page_of(memory.policies(bank=_of(bank)), lambda policy: policy.name, limit, cursor)
    return Reply({"policies": [policy.to_json() for policy in kept], "next": following})


@router.put("/policies/{name}", response_model=PolicyOut)
def set_policy(name: Id, body: PolicyIn, memory: Guarded, bank: OfBank = None) -> Reply:
    """Keep a policy for a bank or for the whole store, in place of one of its name."""
    policy = Policy.from_json({"name": check_text(name, "name", limit=200), **body.model_dump()})
    return Reply(memory.set_policy(policy, bank=_of(bank)).to_json())


@router.delete("/policies/{name}", status_code=204)
def drop_policy(name: Id, memory: Guarded, bank: OfBank = None) -> None:
    """Take a policy away."""
    memory.drop_policy(check_text(name, "name", limit=200), bank=_of(bank))
