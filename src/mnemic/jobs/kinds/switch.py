"""Switching: has a bank's memory made anew by another recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.core.errors import BadInput
from mnemic.jobs.kinds import NotYet, Work, kind

if TYPE_CHECKING:
    from mnemic.guarded import GuardedMemory
    from mnemic.memory import Memory


@kind("switch", "switch", recipe=str)
def switch(memory: Memory | GuardedMemory, work: Work) -> Mapping[str, Any]:
    """Re-form a bank under ``recipe``; goes on with the switch that is under way."""
    recipe = work.options.get("recipe", "")
    if not recipe:
        raise BadInput("recipe: none is named; say to which recipe the bank is to be switched")
    done = memory.switch(work.bank, recipe, on_progress=work.on_progress)
    if done.state != "done":
        raise NotYet(done.reason)
    return {"recipe": done.recipe, "events": done.events, "records": done.records, "superseded": done.superseded}
