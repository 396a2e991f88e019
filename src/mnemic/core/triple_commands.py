"""Triple commands: writing and reading triples in the middle of a text, as a model does that was taught to.

    [MEM_WRITE{head>>relation>>tail}]        all three slots filled
    [MEM_READ{head>>relation>>}]             one or two slots empty: what is asked for

Only these two forms are commands; whatever else stands between brackets is text.
Source: A. Modarressi et al., "RET-LLM: Towards a General Read-Write Memory for Large Language Models",
arXiv 2305.14322, 2023.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SLOTS = ("head", "relation", "tail")
_COMMAND = re.compile(r"\[MEM_(WRITE|READ)\{([^{}\[\]\n]{2,600})\}\]")


@dataclass(frozen=True, slots=True)
class TripleCommand:
    """One command: ``WRITE`` or ``READ``, its slots, and where in the text it stands."""

    verb: str
    head: str
    relation: str
    tail: str
    start: int
    end: int

    @property
    def slots(self) -> dict[str, str]:
        """The slots that are filled, by name."""
        return {name: value for name in SLOTS if (value := getattr(self, name))}


def commands_in(text: str) -> list[TripleCommand]:
    """The well-formed commands of a text, in order.

    >>> commands_in("So [MEM_WRITE{Anna>>lives in>>Lisbon}] and [MEM_READ{>>>>Rome}].")[1].slots
    {'tail': 'Rome'}
    >>> commands_in("[MEM_WRITE{Anna>>lives in>>}] [MEM_READ{>>>>}] [MEM_READ{a>>b}] [MEM_DROP{a>>b>>c}]")
    []
    """
    found = []
    for match in _COMMAND.finditer(text):
        parts = [" ".join(part.split()) for part in match[2].split(">>")]
        filled = sum(bool(part) for part in parts)
        if len(parts) == len(SLOTS) and (filled == 3 if match[1] == "WRITE" else 1 <= filled <= 2):
            head, relation, tail = parts
            found.append(TripleCommand(match[1], head, relation, tail, match.start(), match.end()))
    return found


def slot_name(text: str) -> str:
    """A slot's term in the form in which terms are compared.

    >>> slot_name("Lives_In "), slot_name("São  Paulo")
    ('lives in', 'são paulo')
    """
    return " ".join(text.replace("_", " ").casefold().split())


def slot_labels(slots: Mapping[str, str]) -> tuple[str, ...]:
    """The labels under which a triple is found by its slots.

    >>> slot_labels({"head": "Anna", "tail": "Lisbon"})
    ('head=anna', 'tail=lisbon')
    """
    return tuple(f"{name}={slot_name(slots[name])}" for name in SLOTS if slots.get(name))
