"""Who holds a credential: the owner of an API key, or the bearer of an identity provider's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnemic.config import Settings
from mnemic.core.acting import LOCAL, Acting
from mnemic.core.errors import BadInput, Unauthenticated
from mnemic.governance.keys import PREFIX
from mnemic.governance.oidc import Provider

if TYPE_CHECKING:
    from mnemic.memory import Memory


def provider_of(settings: Settings) -> Provider | None:
    """The configured identity provider, or None; raises BadInput when it is named by halves."""
    given = {name: getattr(settings, name) for name in ("oidc_issuer", "oidc_audience", "oidc_jwks")}
    if not any(given.values()):
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise BadInput(f"{missing[0]}: is needed too; tokens are taken by issuer, audience and keys together")
    return Provider(given["oidc_issuer"], given["oidc_audience"], given["oidc_jwks"], groups=settings.oidc_groups)


def doorkeeper_of(memory: Memory) -> Doorkeeper:
    """Who tells the senders of requests to a memory apart, as its settings say."""
    return Doorkeeper(memory, provider_of(memory.settings))


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Tells the senders of requests apart. Where there are neither keys nor a provider, all are the owner."""

    memory: Memory
    provider: Provider | None = None

    @property
    def closed(self) -> bool:
        """Whether a credential is asked for."""
        return self.provider is not None or self.memory.access.in_use

    def sender(self, credential: str) -> Acting:
        """Who sends a credential, or none; raises Unauthenticated."""
        if not credential:
            if self.closed:
                raise Unauthenticated(
                    "authorization: no key or token came with the request; send 'Authorization: Bearer KEY'"
                )
            return Acting(principal=LOCAL)
        try:
            if self.provider is None or credential.startswith(PREFIX):
                return Acting(principal=self.memory.access.holder(credential).principal)
            principal, groups = self.provider.bearer(credential)
        except Unauthenticated:
            self.memory.auditor.refused("", Acting(principal="nobody"), "authenticate", {})
            raise
        return Acting(principal=principal, groups=groups)
