"""mnemic: the memory of AI agents.

>>> import mnemic
>>> mnemic.__version__
'0.1.0'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnemic.answers import Answer, Found
    from mnemic.asynchronous import open_async
    from mnemic.bank import Bank
    from mnemic.core.errors import MnemicError
    from mnemic.core.evidence import Event, Part
    from mnemic.core.experience import Episode, Feedback, Step
    from mnemic.core.pipeline import Recipe
    from mnemic.core.reading import Context, Where
    from mnemic.core.record import Record
    from mnemic.memory import Memory
    from mnemic.memory import open_memory as open

__version__ = "0.1.0"

_HOMES = {
    "open": ("mnemic.memory", "open_memory"),
    "open_async": ("mnemic.asynchronous", "open_async"),
    "Memory": ("mnemic.memory", "Memory"),
    "Bank": ("mnemic.bank", "Bank"),
    "Answer": ("mnemic.answers", "Answer"),
    "Found": ("mnemic.answers", "Found"),
    "Recipe": ("mnemic.core.pipeline", "Recipe"),
    "Where": ("mnemic.core.reading", "Where"),
    "Context": ("mnemic.core.reading", "Context"),
    "Record": ("mnemic.core.record", "Record"),
    "Event": ("mnemic.core.evidence", "Event"),
    "Part": ("mnemic.core.evidence", "Part"),
    "Episode": ("mnemic.core.experience", "Episode"),
    "Step": ("mnemic.core.experience", "Step"),
    "Feedback": ("mnemic.core.experience", "Feedback"),
    "MnemicError": ("mnemic.core.errors", "MnemicError"),
}

__all__ = [
    "Answer", "Bank", "Context", "Episode", "Event", "Feedback", "Found", "Memory", "MnemicError", "Part", "Recipe",
    "Record", "Step", "Where", "open", "open_async",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # numpy alone takes longer to import than this package may; names are fetched when first used.
    if name not in _HOMES:
        raise AttributeError(f"module 'mnemic' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
