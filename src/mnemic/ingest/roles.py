"""Who speaks: the names that files use for roles, brought to the protocol's own."""

from __future__ import annotations

import re

from mnemic.core.errors import BadInput
from mnemic.ingest.message import shown

_ROLES = {
    "user": "user",
    "human": "user",
    "you": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
    "document": "document",
}
_ASSISTANT_NAMES = frozenset({"chatgpt", "claude", "gemini", "copilot"})
_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def role_of(value: object) -> str:
    """The role of a ``role`` field; other roles than the known ones are kept, in lower case.

    >>> role_of("Human"), role_of("model"), role_of("critic")
    ('user', 'assistant', 'critic')
    """
    if isinstance(value, str) and _ROLE.fullmatch(name := value.strip().lower()):
        return _ROLES.get(name, name)
    if value is None or value == "":
        raise BadInput("role: is missing; give user, assistant, system or tool")
    raise BadInput(f"role: {shown(value)} is no role; give user, assistant, system or tool")


def is_role(name: str) -> bool:
    """Whether a name is that of a role rather than of a person.

    >>> is_role("Assistant"), is_role("Anna")
    (True, False)
    """
    return name.lower() in _ROLES


def is_speaker(name: str) -> bool:
    """Whether a name can only be that of a speaker: a role, or an assistant's.

    >>> is_speaker("ChatGPT"), is_speaker("Kitchen")
    (True, False)
    """
    return is_role(name) or name.lower() in _ASSISTANT_NAMES


def speaker(name: str) -> tuple[str, str]:
    """Role and actor of a speaker's name in a transcript: people are users under their own name.

    >>> speaker("Human"), speaker("Anna"), speaker("Claude")
    (('user', ''), ('user', 'Anna'), ('assistant', 'Claude'))
    """
    if is_role(name):
        return _ROLES[name.lower()], ""
    return ("assistant" if name.lower() in _ASSISTANT_NAMES else "user"), name
