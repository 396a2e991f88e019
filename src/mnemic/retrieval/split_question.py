"""Split question: a question about several things is also asked of each of them alone.

A sum of matches favours what fits all parts a little over what answers one part well; a search for each part
finds both halves of an answer. The rules, in order, each tried on the whole question:

1. clauses: sentences, and what stands on both sides of "; ", of "and" or "as well as" before a question word;
2. names: capitalised names joined by commas, "and", "or", "&", "as well as": the question once with each name;
3. things: "both X and Y", "between X and Y", "X, Y and Z", "X or Y": the question once with each thing.

Source: decomposition of questions in O. Press et al., "Measuring and Narrowing the Compositionality Gap", 2022.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import ClassVar

from mnemic.core.reading import Query, Sub
from mnemic.core.stage import Planner
from mnemic.core.view import View
from mnemic.retrieval.whole_question import WholeQuestion

_ASKING = r"(?:what|when|where|who|whom|whose|which|why|how|did|does|do|is|are|was|were|has|have|had|can|will|would)"
_CLAUSE = re.compile(
    rf"(?<=[?!.])\s+|\s*;\s+|\s*,?\s+(?:and(?:\s+also)?|as\s+well\s+as|but)\s+(?={_ASKING}\b(?!\s+(?:and|or)\b))", re.I
)
_FUNCTION = (
    r"(?!(?:What|When|Where|Who|Whom|Whose|Which|Why|How|Did|Does|Do|Is|Are|Was|Were|Has|Have|Had|Can|Could|Will"
    r"|Would|Should|Tell|In|On|At|Both|Between|And|Or|The|A|An|I|If|For|Of)\b)"
)
_NAME = rf"{_FUNCTION}[A-Z][\w'’-]*(?:\s+{_FUNCTION}[A-Z][\w'’-]*)*"
_JOINED = r"(?:\s*,\s*(?:and|or|&)\s+|\s*,\s*|\s+(?:and|or|&)\s+|\s+as\s+well\s+as\s+)"
_NAMES = re.compile(rf"\b(?:[Bb]oth\s+|[Bb]etween\s+)?(?P<all>{_NAME}(?:{_JOINED}{_NAME})+)")
_DET = r"(?:(?:the|a|an|his|her|their|my|your|our|its)\s+)?"
_THING = rf"{_DET}[\w'’-]+(?:\s+(?!(?:and|or)\b)[\w'’-]+){{0,2}}"
_THINGS = (
    re.compile(rf"\b(?:both|between)\s+(?P<all>{_THING}\s+and\s+{_THING})", re.I),
    re.compile(rf"(?P<all>{_DET}[\w'’-]+(?:\s*,\s+{_THING})+\s*,?\s+(?:and|or)\s+{_THING})", re.I),
    re.compile(rf"(?P<all>{_DET}[\w'’-]+\s+or\s+{_DET}[\w'’-]+)", re.I),
)
_JOINT = re.compile(_JOINED, re.I)
_VAGUE = frozenset("not more less else other others so something anything any no when if whether".split())


@dataclass(frozen=True)
class SplitQuestion(Planner):
    """Every sub-query of ``inner`` whole, then each of its parts with ``weight`` times its weight.

    Parameters: ``inner``, the planner whose sub-queries are split; ``weight``, of a part against the whole;
    ``most``, how many parts of one sub-query are searched.

    >>> from mnemic.core.list_view import ListView
    >>> def parts(text):
    ...     view = ListView([])
    ...     return [sub.text for sub in SplitQuestion().plan(Query(text=text, asked_at=view.now), view)][1:]
    >>> parts("What do Anna and Ben like?")
    ['What do Anna like?', 'What do Ben like?']
    >>> parts("Where does she live and when did she move?")
    ['Where does she live', 'when did she move?']
    >>> parts("Does she prefer tea, black coffee or juice?")
    ['Does she prefer tea?', 'Does she prefer black coffee?', 'Does she prefer juice?']
    >>> parts("Where does Anna live?")
    []
    """

    name: ClassVar[str] = "split_question"

    inner: Planner = field(default_factory=WholeQuestion)
    weight: float = 0.5
    most: int = 4

    def plan(self, query: Query, view: View) -> list[Sub]:
        """The inner planner's sub-queries, each followed by its parts; texts are asked once."""
        out: dict[str, Sub] = {}
        for sub in self.inner.plan(query, view):
            out.setdefault(sub.text, sub)
            for part in split(sub.text)[: self.most]:
                out.setdefault(part, replace(sub, text=part, weight=sub.weight * self.weight))
        return list(out.values())


def split(text: str) -> list[str]:
    """The parts of a question by the first rule that finds any; none when it is about one thing."""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if len(clause.split()) > 1]
    if len(clauses) > 1:
        return clauses
    for pattern in (_NAMES, *_THINGS):
        if found := pattern.search(text):
            things = [thing.strip() for thing in _JOINT.split(found["all"]) if thing.strip()]
            if len(things) > 1 and not _VAGUE.intersection(thing.lower() for thing in things):
                return [text[: found.start()] + thing + text[found.end() :] for thing in things]
    return []
