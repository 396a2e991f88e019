"""Asked importance: new records are rated together by how much they will matter.

    asked: scale, records by alias -> one number in 0..1 each

Source: the importance rating of J. S. Park et al., "Generative Agents", arXiv 2304.03442, 2023, as R. Sumida et al.,
"LUFY", arXiv 2409.12524, 2024, put it at the end of a session.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.asking import shown_records
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.stage import Consolidator
from mnemic.core.view import View

SCALE = "how much it would matter to this person if it were forgotten; 0 for small talk, 1 for what shapes a life"


@dataclass(frozen=True)
class AskedImportance(Consolidator):
    """Asks ``task`` with ``{scale, texts}`` about ``batch`` records; the answer is ``{scores: [{alias, score}]}``.

    It rates records of ``kinds`` (None: any) that came since the last run and have no importance yet.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> from mnemic.core.record import Record
    >>> view = ListView([Record(id="r1", kind="episodic", value="We won")],
    ...                 tools=ListTools(answers={"rate": lambda asked: {"scores": [{"alias": "0", "score": 0.9}]}}))
    >>> [(op.targets, op.changes["importance"]) for op in AskedImportance().run(view, 0)]
    [(('r1',), 0.9)]
    """

    name: ClassVar[str] = "asked_importance"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    kinds: tuple[str, ...] | None = ("episodic",)
    scale: str = SCALE
    batch: int = 50
    task: str = "rate"

    def run(self, view: View, since: int) -> Iterable[Op]:
        """RETAG ops; an alias that was not shown, or is rated twice, is passed over."""
        unrated = [record for record in view.added(since, Where(kinds=self.kinds)) if record.importance is None]
        of_id = {record.id: record for record in unrated}
        for start in range(0, len(unrated), self.batch):
            aliases = AliasMap()
            texts = shown_records(unrated[start : start + self.batch], aliases)
            for told in view.tools.ask(self.task, {"scale": self.scale, "texts": texts})["scores"]:
                try:
                    record = of_id.pop(aliases.id(told["alias"]), None)
                except Refused:
                    continue
                if record is not None:
                    yield Op.retag(record, importance=told["score"], reason="rated", actor=self.name)
