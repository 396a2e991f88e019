"""What the pages of access share: a grant and a policy out of a form, and what policies would say to a request."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnemic.core.errors import BadInput
from mnemic.core.times import instant
from mnemic.governance.policies import Policy
from mnemic.guarded import GuardedMemory
from mnemic.serve.dashboard.forms import Form

MAX_POLICY = 100_000


@dataclass(frozen=True, slots=True)
class Tried:
    """What one policy says to a request: how matter of some labels flows, and by which rules."""

    policy: str
    flow: str
    rules: Sequence[str]


def words(form: Form, name: str) -> list[str]:
    """The words of a field, which commas divide.

    >>> words(Form({"without": ["health, money,"]}), "without")
    ['health', 'money']
    """
    return [word.strip() for word in form.one(name).split(",") if word.strip()]


def give(memory: GuardedMemory, form: Form, bank: str) -> None:
    """Give the grant of a form."""
    expires = form.one("expires").strip()
    memory.give(
        form.one("to").strip(),
        bank,
        form.one("role"),
        only=words(form, "only"),
        without=words(form, "without"),
        purposes=words(form, "purposes"),
        recipients=words(form, "recipients"),
        expires=instant(expires, "expires") if expires else None,
    )


def policy_of(text: str) -> Policy:
    """A policy as TOML or JSON; raises BadInput.

    >>> policy_of('name = "home"').name, policy_of('{"name": "home"}').default
    ('home', 'allow')
    """
    if len(text) > MAX_POLICY:
        raise BadInput(f"policy: is longer than {MAX_POLICY:,} characters; 'mnemic policies set' takes a file")
    try:
        data: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"policy: is neither TOML nor JSON ({error})") from None
    return Policy.from_json(data)


def tried(policies: Sequence[Policy], form: Form) -> list[Tried]:
    """What policies say to the request of a form; of several the strictest holds."""
    labels = tuple(words(form, "labels"))
    recipient, purpose = form.one("recipient").strip(), form.one("purpose").strip()
    return [Tried(policy.name, *policy.why(labels, recipient, purpose)) for policy in policies]
