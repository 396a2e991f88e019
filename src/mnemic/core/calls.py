"""How often a recipe asks a language model, read off from where its asking stages sit.

    write = tasks of formation and of rules without a trigger     once for each segment
    idle  = tasks of rules with a trigger                         once for each time that it fires
    read  = tasks of the retrieval chain                          once for each read, loops as often as they may turn

It counts the tasks that stages put. A stage that asks about each of several records asks more often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mnemic.core.pipeline import Recipe
from mnemic.core.stage import Stage, Trigger
from mnemic.core.task import tasks


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of a language model by when they happen, in words; ``"0"`` when there are none.

    >>> from mnemic.recipes import load_recipe
    >>> calls_of(load_recipe("hybrid"))
    Calls(write='0', idle='0', read='0')
    """

    write: str
    idle: str
    read: str

    def to_json(self) -> dict[str, str]:
        """A JSON object."""
        return {"write": self.write, "idle": self.idle, "read": self.read}


def calls_of(recipe: Recipe, profile: str | None = None) -> Calls:
    """How often a recipe asks a language model, reading with ``profile``."""
    unit = next((stage.unit for stage in recipe.formation.stages() if hasattr(stage, "unit")), "segment")
    write, idle = Counter({unit: _asked(recipe.formation.stages())}), Counter[str]()
    for rule in recipe.evolution:
        first = rule.items[0] if rule.items else None
        if isinstance(first, Trigger):
            idle[first.each] += _asked(rule.stages())
        else:
            write[unit] += _asked(rule.stages())
    return Calls(_words(write), _words(idle), _words({"read": _asked(recipe.read(profile).stages())}))


def without_model(recipe: Recipe, profile: str | None = None) -> str:
    """Whether a recipe runs without a language model: ``yes``, ``by rule`` when every task has one, or ``no``.

    >>> from mnemic.recipes import load_recipe
    >>> without_model(load_recipe("bm25"))
    'yes'
    """
    if "language-model" not in recipe.needs(profile):
        return "yes"
    known, asked = tasks(), recipe.asks(profile)
    # A stage that needs a model and names no task cannot be answered for.
    return "by rule" if asked and all(name in known and known[name].rule for name in asked) else "no"


def _asked(stages: Iterable[Stage]) -> int:
    return sum(len(stage.asks) * int(getattr(stage, "rounds", 1)) for stage in stages)


def _words(counts: dict[str, int]) -> str:
    kept = [f"{count} {_per(unit)}" for unit, count in counts.items() if count]
    return ", ".join(kept) or "0"


def _per(unit: str) -> str:
    if unit[0].isdigit():
        return f"per {unit}"
    return f"an {unit}" if unit[0] in "aeiou" else f"a {unit}"
