"""Who acts, towards whom and for what: what every door asks before it opens, and what the audit writes down."""

from __future__ import annotations

from dataclasses import dataclass

#: Who acts where nobody has said who he is: the owner of the process that opened the store.
LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Somebody doing something.

    ``principal`` is who (``key:ID`` for an API key, ``oidc:ISSUER|SUBJECT`` for a bearer of a token, ``local`` for the
    owner of the process), ``groups`` those he belongs to by his token, ``recipient`` who will learn what is read,
    ``purpose`` what for, and ``reason`` a word for the audit.

    >>> Acting(principal="key:4f", recipient="landlord", purpose="rent a flat").purpose
    'rent a flat'
    """

    principal: str = LOCAL
    recipient: str = ""
    purpose: str = ""
    reason: str = ""
    groups: tuple[str, ...] = ()

    @property
    def asker(self) -> str:
        """Who asks and for whom, as receipts note it; empty for the owner of the process on his own behalf.

        >>> Acting(principal="key:4f", recipient="landlord").asker, Acting().asker
        ('key:4f for landlord', '')
        """
        who = "" if self.is_local and not self.recipient else self.principal
        return f"{who} for {self.recipient}" if self.recipient else who

    @property
    def is_local(self) -> bool:
        """Whether it is the owner of the process, whom no door stops."""
        return self.principal == LOCAL


#: The owner of the process, with nothing more said.
OWNER = Acting()
