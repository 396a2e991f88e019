"""Known names: a name that means somebody who is known already is written as it is known.

    score(name, known) = 0.5 · likeness of the letters + 0.3 · share of common company + 0.2 · nearness in time

The best known name is taken if it scores ``least``. Company are the other names of the records; nearness halves every
``days``.
Source: the entity resolution of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.record_times import when_of
from mnemic.core.stage import Annotator
from mnemic.core.view import View

_DAY = 86_400.0


@dataclass(frozen=True)
class KnownNames(Annotator):
    """Replaces names of a draft by known ones of a score of ``least`` or more; a name that is known itself stays.

    Parameters: ``alike``, likeness of letters from which a name is looked at at all, 0..1; ``days``; ``limit``, records
    of a known name whose company and time count.

    >>> from mnemic.core.list_view import ListView
    >>> view = ListView([Record(id="r1", kind="semantic", value="They met", entities=("Anna Weber", "Ben"))])
    >>> draft = Record(id="", kind="semantic", value="Anna Webber saw Ben", entities=("Anna Webber", "Ben"))
    >>> KnownNames().annotate(draft, Segment(()), view).entities
    ('Anna Weber', 'Ben')
    """

    name: ClassVar[str] = "known_names"

    least: float = 0.6
    alike: float = 0.8
    days: float = 7.0
    limit: int = 20

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with its names as they are known."""
        if not draft.entities:
            return draft
        known = {name.casefold() for name in view.facts("entity")}
        entities = tuple(dict.fromkeys(self._known(name, draft, known, view) for name in draft.entities))
        return draft if entities == draft.entities else draft.with_(entities=entities)

    def _known(self, name: str, draft: Record, known: set[str], view: View) -> str:
        folded = name.casefold()
        if folded in known:
            return name
        best, chosen = self.least, name
        company = {other.casefold() for other in draft.entities} - {folded}
        for candidate in sorted(known):
            letters = self._letters(folded, candidate)
            if letters < self.alike:
                continue
            where = Where(entities=(candidate,))
            records = view.scan(where, limit=self.limit, newest_first=True)
            score = 0.5 * letters + 0.3 * _common(company, candidate, records) + 0.2 * self._near(draft, records)
            if score >= best:
                written = [e for record in records for e in record.entities if e.casefold() == candidate]
                best, chosen = score, written[0] if written else name
        return chosen

    def _letters(self, one: str, other: str) -> float:
        first, second = one.split(), other.split()
        # "Anna" and "Anna Weber" may be one person: the shorter name is a whole part of the longer.
        if first and second and set(first) != set(second) and (set(first) < set(second) or set(second) < set(first)):
            return self.alike
        return SequenceMatcher(None, one, other).ratio()

    def _near(self, draft: Record, records: Sequence[Record]) -> float:
        when = when_of(draft)
        times = [met for record in records if (met := when_of(record)) is not None]
        if when is None or not times:
            return 0.0
        gap = min(abs((when - met).total_seconds()) for met in times) / _DAY
        return float(2.0 ** (-gap / self.days))


def _common(company: set[str], candidate: str, records: Sequence[Record]) -> float:
    if not company:
        return 0.0
    met = {name.casefold() for record in records for name in record.entities} - {candidate}
    return len(company & met) / len(company)
