"""Who sends a request, and the memory as he may use it.

Read from the request: ``Authorization: Bearer`` or ``X-API-Key`` say who, ``X-Mnemic-Recipient`` who will learn of it,
``X-Mnemic-Purpose`` what for, ``X-Mnemic-Reason`` a word for the audit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from mnemic.core.acting import LOCAL, Acting
from mnemic.core.errors import BadInput, Unauthenticated
from mnemic.guarded import GuardedMemory
from mnemic.identifying import Doorkeeper
from mnemic.messages import check_text
from mnemic.serve.limits import Shares

#: Who a credential belongs to: a principal, by the key or token that was sent. Raises Unauthenticated.
Known = Callable[[str], str]
_LONGEST = 1000
_LONGEST_CREDENTIAL = 16_384


@dataclass(frozen=True, slots=True)
class Identification:
    """How senders are told apart: ``known`` looks a credential up, or a ``doorkeeper`` does, by keys and tokens.

    Without either all act as the owner of the process.
    """

    known: Known | None = None
    doorkeeper: Doorkeeper | None = None

    def acting(self, headers: Mapping[str, str]) -> Acting:
        """Who acts, towards whom and for what; raises Unauthenticated, or BadInput on headers that are no text."""
        credential = credential_of(headers)
        groups: tuple[str, ...] = ()
        if self.doorkeeper is not None:
            sender = self.doorkeeper.sender(credential)
            principal, groups = sender.principal, sender.groups
        elif self.known is None:
            principal = LOCAL
        elif not credential:
            raise Unauthenticated(
                "authorization: no key or token came with the request; send 'Authorization: Bearer KEY'"
            )
        else:
            principal = self.known(credential)
        return Acting(
            principal=principal,
            groups=groups,
            recipient=_said(headers, "x-mnemic-recipient"),
            purpose=_said(headers, "x-mnemic-purpose"),
            reason=_said(headers, "x-mnemic-reason"),
        )


def credential_of(headers: Mapping[str, str]) -> str:
    """The key or token of a request, or nothing.

    >>> credential_of({"authorization": "Bearer abc"}), credential_of({"x-api-key": "def"}), credential_of({})
    ('abc', 'def', '')
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    found = token.strip() if scheme.lower() == "bearer" else ""
    found = found or headers.get("x-api-key", "").strip()
    if len(found) > _LONGEST_CREDENTIAL:
        raise Unauthenticated("authorization: the key or token is too long to be one")
    return found


def _said(headers: Mapping[str, str], name: str) -> str:
    # Header values arrive as Latin-1, and are UTF-8 where a client sends other letters.
    try:
        text = headers.get(name, "").encode("latin-1").decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise BadInput(f"{name}: is no UTF-8 text") from None
    return check_text(text, name, limit=_LONGEST)


def acting_of(request: Request) -> Acting:
    """Who sends a request."""
    told: Identification = request.app.state.identification
    return told.acting(request.headers)


def guarded(request: Request) -> GuardedMemory:
    """A dependency: the memory behind the doors that the sender of a request may pass."""
    acting = acting_of(request)
    request.state.who = acting.principal
    memory: GuardedMemory = request.app.state.memory.acting(acting)
    return memory


async def _within_share(request: Request) -> AsyncIterator[GuardedMemory]:
    # Looking a sender up asks the store, which no one else should have to wait for.
    memory = await run_in_threadpool(guarded, request)
    shares: Shares = request.app.state.shares
    with shares.taken(memory.acting.principal):
        yield memory


#: A parameter of a route that is the memory as the sender may use it; he holds one place of his share meanwhile.
Guarded = Annotated[GuardedMemory, Depends(_within_share)]
