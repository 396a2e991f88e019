"""Where mem0's identifiers lead: a user is a bank; within it, agent and run are the session.

A wall stands between users, so that no forgotten filter can cross it; without a user the agent is the bank, else the
run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mnemic.core.errors import BadInput

KINDS = ("user", "agent", "run")


class Mem0Error(BadInput, ValueError):
    """What mem0 refuses with a ValueError; says what to give instead."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The identifiers of a call.

    >>> scope = Scope.of({"user_id": " anna ", "run_id": 7})
    >>> scope.bank, scope.session
    ('user:anna', 'run_id=7')
    """

    user_id: str | None = None
    agent_id: str | None = None
    run_id: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Scope:
        """The identifiers among filters or arguments; raises Mem0Error when there is none, or one is no identifier."""
        found = {f"{kind}_id": _identifier(given.get(f"{kind}_id"), f"{kind}_id") for kind in KINDS}
        if not any(found.values()):
            raise Mem0Error(
                "filters must contain at least one of: user_id, agent_id, run_id. Example: filters={'user_id': 'u1'}"
            )
        return cls(**found)

    @property
    def ids(self) -> dict[str, str]:
        """The identifiers that are given."""
        named = {"user_id": self.user_id, "agent_id": self.agent_id, "run_id": self.run_id}
        return {name: value for name, value in named.items() if value}

    @property
    def bank(self) -> str:
        """The bank: of the user, else of the agent, else of the run."""
        name, value = next(iter(self.ids.items()))
        return f"{name.removesuffix('_id')}:{value}"

    @property
    def session(self) -> str:
        """The session of what is added: what the bank does not say already."""
        return urlencode(list(self.ids.items())[1:]) or "default"

    @property
    def whole_bank(self) -> bool:
        """Whether all of the bank is meant."""
        return len(self.ids) == 1

    def holds(self, session: str) -> bool:
        """Whether a session of the bank is in this scope."""
        wanted = list(self.ids.items())[1:]
        said = dict(parse_qsl(session)) if wanted else {}
        return all(said.get(name) == value for name, value in wanted)


def _identifier(value: Any, name: str) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    if not text or any(char.isspace() for char in text):
        raise Mem0Error(
            f"Invalid {name}: {value!r} is empty or holds white space. Provide an identifier without spaces."
        )
    return text
