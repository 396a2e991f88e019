"""Entity observations: what is known of a much-mentioned person or thing, folded into one profile.

    for the ``top`` entities that new facts name, if known from ≥ ``least`` facts:  profile(e) = fold(facts of e)

Source: the observations of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Key
from mnemic.core.stage import Consolidator, Fold
from mnemic.core.view import View
from mnemic.evolution.extractive import Extractive


@dataclass(frozen=True)
class EntityObservations(Consolidator):
    """Writes or rewrites one ``profile`` record an entity, an inference that names the facts it was made of.

    Parameters: ``fold``; ``least`` facts; ``top`` entities a run; ``limit``, newest facts folded; ``tokens``, budget
    of a profile; ``key``, the key under which it is found; ``kinds``, which records are facts.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Record
    >>> facts = [Record(id=f"r{i}", kind="semantic", value=t, entities=("Anna",))
    ...          for i, t in enumerate(["Anna rows.", "Anna paints."])]
    >>> op, = EntityObservations(least=2).run(ListView(facts), since=0)
    >>> op.record.kind, op.record.value.splitlines()
    ('profile', ['Anna rows.', 'Anna paints.'])
    """

    name: ClassVar[str] = "entity_observations"

    fold: Fold = field(default_factory=Extractive)
    least: int = 5
    top: int = 5
    limit: int = 50
    tokens: int = 120
    key: str = "said"
    kinds: tuple[str, ...] | None = None

    def run(self, view: View, since: int) -> Iterable[Op]:
        """ADD and UPDATE ops of profiles."""
        scope = Where(epistemic=("evidence",), kinds=self.kinds)
        touched = Counter(name.casefold() for record in view.added(since, scope) for name in record.entities)
        ops = []
        for name, _ in sorted(touched.items(), key=lambda item: (-item[1], item[0]))[: self.top]:
            facts = view.scan(scope.and_(entities=(name,)), limit=self.limit, newest_first=True)[::-1]
            if len(facts) < self.least:
                continue
            made = self.fold.fold(None, facts, self.tokens, view)
            made = made.with_(kind="profile", entities=(name,), keys={self.key: Key(made.value)})
            known = view.scan(Where(kinds=("profile",), entities=(name,)), limit=1)
            if not known:
                ops.append(Op.add(made.with_(id=view.tools.new_id()), reason=f"profile of {name}", actor=self.name))
            elif known[0].value != made.value or known[0].derived_from != made.derived_from:
                ops.append(Op.update(known[0], made, reason=f"profile of {name}", actor=self.name))
        return ops
