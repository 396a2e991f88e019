"""mem0's filters: equality, ``eq ne gt gte lt lte in nin contains icontains``, ``"*"``, ``AND OR NOT``, as a predicate.

What a memory is filtered by is one flat object: its identifiers and its metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_Compare = Callable[[Any, Any], bool]


def _ordered(compare: _Compare) -> _Compare:
    def checked(value: Any, wanted: Any) -> bool:
        try:
            return compare(value, wanted)
        except TypeError:
            return False

    return checked


_OPERATORS: Mapping[str, _Compare] = {
    "eq": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value != wanted,
    "gt": _ordered(lambda value, wanted: value > wanted),
    "gte": _ordered(lambda value, wanted: value >= wanted),
    "lt": _ordered(lambda value, wanted: value < wanted),
    "lte": _ordered(lambda value, wanted: value <= wanted),
    "in": lambda value, wanted: value in wanted,
    "nin": lambda value, wanted: value not in wanted,
    "contains": _ordered(lambda value, wanted: wanted in value),
    "icontains": lambda value, wanted: str(wanted).casefold() in str(value).casefold(),
}


def check_filters(filters: Mapping[str, Any]) -> None:
    """Raise ValueError for an operator that there is not, or a list of conditions that is none.

    >>> check_filters({"score": {"above": 3}})
    Traceback (most recent call last):
    ValueError: Unsupported metadata filter operator: above
    """
    for key, wanted in filters.items():
        if key in ("AND", "OR", "NOT"):
            if not isinstance(wanted, list) or (not wanted and key != "AND"):
                raise ValueError(f"{key} operator requires a {'' if key == 'AND' else 'non-empty '}list of conditions")
            for condition in wanted:
                check_filters(condition)
        elif isinstance(wanted, Mapping):
            for name in wanted:
                if name not in _OPERATORS:
                    raise ValueError(f"Unsupported metadata filter operator: {name}")


def admits(filters: Mapping[str, Any], memory: Mapping[str, Any]) -> bool:
    """Whether filters that were checked admit a memory's identifiers and metadata.

    >>> memory = {"user_id": "anna", "topic": "food", "stars": 4}
    >>> admits({"topic": "food", "stars": {"gte": 4}}, memory), admits({"NOT": [{"topic": "food"}]}, memory)
    (True, False)
    """
    for key, wanted in filters.items():
        if key == "AND":
            held = all(admits(condition, memory) for condition in wanted)
        elif key == "OR":
            held = any(admits(condition, memory) for condition in wanted)
        elif key == "NOT":
            held = not any(admits(condition, memory) for condition in wanted)
        elif wanted == "*":
            held = memory.get(key) is not None
        elif isinstance(wanted, Mapping):
            held = all(_OPERATORS[name](memory.get(key), value) for name, value in wanted.items())
        else:
            held = memory.get(key) == wanted
        if not held:
            return False
    return True
