"""Card 227, Sculptor: a working context whose blocks fold away and come back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mnemic.context import working_context
from mnemic.context.within_budget import WithinBudget
from mnemic.core.op import Op
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator, Policy
from mnemic.core.view import View
from mnemic.evolution.triggers import OnIdle
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.retrieval.everything import Everything

BLOCKS = Where(kinds=("block",))


class Sculpting(Policy):
    """Decides which blocks stay in sight."""

    @abstractmethod
    def act(self, state: Sequence[Record], view: View) -> set[str]:
        """The ids of the blocks to fold."""


@dataclass(frozen=True)
class KeepLatest(Sculpting):
    """Looks up the last line that begins with each key ("key: value") and folds the blocks without any."""

    name: ClassVar[str] = "keep_latest"

    def act(self, state: Sequence[Record], view: View) -> set[str]:
        keys = {line.partition(":")[0] for block in state for line in block.value.splitlines() if ":" in line}
        kept = {working_context.search(state, f"{key}: ", around=0)[-1].block for key in sorted(keys)}
        return {block.id for block in state} - kept


@dataclass(frozen=True)
class KeepMentions(Sculpting):
    """Folds the blocks in which an exact text does not occur."""

    name: ClassVar[str] = "keep_mentions"
    text: str = ""

    def act(self, state: Sequence[Record], view: View) -> set[str]:
        found = {hit.block for hit in working_context.search(state, self.text)}
        return {block.id for block in state} - found


@dataclass(frozen=True)
class Sculpt(Consolidator):
    """Folds what the policy lets go of, and brings back what it wants to see again."""

    name: ClassVar[str] = "sculpt"
    policy: Policy = field(default_factory=KeepLatest)

    def run(self, view: View, since: int) -> Iterable[Op]:
        blocks = view.scan(BLOCKS)
        folded: Any = self.policy.act(blocks, view) if blocks else set()
        for block in blocks:
            hidden = block.fields.get("view", "full") != "full"
            if block.id in folded and not hidden:
                yield working_context.fold(block, view.tools.count_tokens(block.value))
            elif block.id not in folded and hidden:
                yield working_context.restore(block)


def recipe_with(policy: Policy) -> Recipe:
    """The working context sculpted by a policy."""
    return Recipe(
        name="sculptor",
        summary="a working context whose blocks fold and come back",
        formation=PerTurn() >> TurnRecord(kind="block"),
        evolution=(OnIdle() >> Sculpt(policy),),
        retrieval=Everything(kinds=("block",)) >> WithinBudget(),
        cites="arXiv 2508.04664",
        card=227,
    )


RECIPE = recipe_with(KeepLatest())
SCRIPTS: dict[str, object] = {}
