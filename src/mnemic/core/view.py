"""The view: all that a stage may see of a bank, and the tools it may use (HOUSE: no stage holds the store)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from mnemic.core.evidence import Event
from mnemic.core.experience import Judged
from mnemic.core.reading import Hit, Where
from mnemic.core.record import Edge, Record
from mnemic.core.times import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]
    Matrix = NDArray[np.float32]


class Tools(Protocol):
    """Models, time and chance, handed to stages so that they depend on nothing else."""

    @property
    def rng(self) -> random.Random:
        """Seeded chance."""
        ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Document vectors, shape (n, dim), rows of length one. Raises ModelUnavailable without an embedder."""
        ...

    def embed_query(self, text: str) -> Vector:
        """The query's vector, shape (dim,)."""
        ...

    def threshold(self, quantile: float) -> float:
        """The cosine that a share ``quantile`` of random pairs stays below (law 6)."""
        ...

    def rerank(self, query: str, passages: Sequence[str]) -> Vector:
        """Relevance of each passage to the query, shape (n,), higher is better."""
        ...

    def count_tokens(self, text: str) -> int:
        """The size of a text in tokens."""
        ...

    def new_id(self) -> str:
        """An id for a record that a stage makes besides the drafts it was given."""
        ...

    def ask(self, task: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put a named task to the language model. Raises ModelUnavailable when the bank has none."""
        ...


class View(Protocol):
    """A bank as a stage sees it: read-only, one scope, one point in time, primitive searches only.

    Every method narrows to the view's bank and scope first. ids of records that a view has given out
    are noted: an op may only target those.
    """

    @property
    def bank(self) -> str:
        """The bank's name."""
        ...

    @property
    def now(self) -> datetime:
        """The injected present."""
        ...

    @property
    def tools(self) -> Tools:
        """Models, token counter and chance."""
        ...

    @property
    def notes(self) -> list[str]:
        """What went otherwise than the recipe says, for the receipt: a stage that was left out, and why."""
        ...

    def dense(self, query: str | Vector, *, key: str, k: int, where: Where) -> list[Hit]:
        """The ``k`` records whose dense key ``key`` is nearest by cosine; score = cosine."""
        ...

    def lexical(
        self,
        query: str,
        *,
        key: str,
        k: int,
        where: Where,
        also: Sequence[str] = (),
        window: int = 0,
        b: float = 0.75,
    ) -> list[Hit]:
        """The ``k`` best records by BM25F over the lexical key ``key``, with the bank's own statistics.

        A record's term frequency is that of ``key``, length-normalised with ``b``; plus that of the records
        up to ``window`` turns away in its session, weighted by ``2 ** -distance``; plus the plain counts of
        the keys named in ``also`` (a date, a speaker). With ``window=0, also=()`` this is BM25.
        """
        ...

    def tagged(self, field: str, values: Sequence[str], *, k: int, where: Where) -> list[Hit]:
        """Records that carry any of ``values`` in ``field`` (entity | tag | label); score = sum of idf."""
        ...

    def during(self, interval: Interval, *, k: int, where: Where) -> list[Hit]:
        """Records whose event interval overlaps; score = share of the record's interval that lies within."""
        ...

    def get(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id; ids outside the view's scope are left out."""
        ...

    def scan(self, where: Where, *, limit: int | None = None, newest_first: bool = False) -> list[Record]:
        """Records in order of event time (then of arrival)."""
        ...

    def added(self, since: int, where: Where) -> list[Record]:
        """Records that ops behind seq ``since`` of the log added or gave other content, in order of those ops."""
        ...

    def retained(self, since: int) -> list[Event]:
        """Events retained behind seq ``since`` of the log, in order."""
        ...

    def judged(self, since: int) -> list[Judged]:
        """Feedback on recalls that came behind seq ``since`` of the log, a question at a time, in order."""
        ...

    def count(self, where: Where) -> int:
        """How many records match."""
        ...

    def edges(self, ids: Sequence[str], *, rels: Sequence[str] | None = None, direction: str = "out") -> list[Edge]:
        """Edges that leave (``out``), reach (``in``) or touch (``both``) the records."""
        ...

    def neighbours(self, ids: Sequence[str], *, before: int = 1, after: int = 1) -> dict[str, list[str]]:
        """Ids of the records just before and after each record in its session, in time order, itself excluded."""
        ...

    def events(self, ids: Sequence[str]) -> dict[str, Event]:
        """Events by id."""
        ...

    def session_events(self, session: str, *, before: int | None = None, last: int | None = None) -> list[Event]:
        """A session's events in order; only those with seq < ``before``; only the ``last`` ones."""
        ...

    def vectors(self, ids: Sequence[str], *, key: str) -> dict[str, Vector]:
        """The stored vectors of records' dense keys."""
        ...

    def facts(self, field: str) -> Mapping[str, int]:
        """How many current records carry each value of ``field`` (entity | tag | label | actor | role | session)."""
        ...
