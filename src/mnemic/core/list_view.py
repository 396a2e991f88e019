"""A view over plain lists: every primitive search by brute force, for doctests, tests and small banks.

    cosine(q, r) = q · r                                  over key vectors of length one
    bm25f(q, r)  = Σ_t idf(t) · c (k1 + 1) / (c + k1)
    c            = Σ_{|o| ≤ window} 2^-|o| · tf(r+o, t) / (1 - b + b · len(r+o) / avglen) + tf of t in the keys also
    idf(t)       = ln(1 + (N - df + ½) / (df + ½))

It is also the reference that a store's view is compared with: same records, same answers.

Source: S. Robertson, H. Zaragoza and M. Taylor, "Simple BM25 Extension to Multiple Weighted Fields", CIKM 2004.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mnemic.core.analysis import terms
from mnemic.core.errors import ModelUnavailable
from mnemic.core.evidence import Event
from mnemic.core.experience import Judged
from mnemic.core.matching import matches
from mnemic.core.reading import Hit, Where
from mnemic.core.record import Edge, Record
from mnemic.core.record_times import intervals_of, when_of
from mnemic.core.task import task_named
from mnemic.core.times import Interval, instant

if TYPE_CHECKING:
    from mnemic.core.view import Matrix, Tools, Vector

K1 = 1.2
B = 0.75
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class ListTools:
    """Stand-ins for models: hashed bags of stems, term overlap, four characters a token, scripted answers.

    ``dim`` is the length of a vector, ``seed`` starts the chance, ``answers`` maps a task to the function
    that answers it.

    >>> tools = ListTools(answers={"need_memory": lambda inputs: {"need": "my" in inputs["question"]}})
    >>> tools.ask("need_memory", {"question": "Where is my tea?"})
    {'need': True}
    >>> tools.rerank("green tea", ["some tea", "a green tea", "rain"]).tolist()
    [0.5, 1.0, 0.0]
    """

    seed: int = 0
    dim: int = 256
    answers: Mapping[str, Answer] = field(default_factory=dict)
    rng: random.Random = field(init=False, repr=False)
    made: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Hashed bags of stems, each of length one."""
        import numpy as np

        out = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(out, texts, strict=True):
            for term in terms(text) or [""]:
                code = crc32(term.encode())
                row[code % self.dim] += 1.0 if code & 1 << 30 else -1.0
            norm = float(np.linalg.norm(row))
            # Two stems can share a cell with opposite signs; such a row must still have a length.
            if norm:
                row /= norm
            else:
                row[0] = 1.0
        return out

    def embed_query(self, text: str) -> Vector:
        """The vector of one text."""
        vector: Vector = self.embed([text])[0]
        return vector

    def threshold(self, quantile: float) -> float:
        """The quantile itself, as if cosines of random pairs were spread evenly over 0 to 1."""
        return quantile

    def rerank(self, query: str, passages: Sequence[str]) -> Vector:
        """The share of the query's terms that each passage holds."""
        import numpy as np

        wanted = set(terms(query))
        shares = [len(wanted.intersection(terms(passage))) / max(len(wanted), 1) for passage in passages]
        return np.array(shares, np.float32)

    def count_tokens(self, text: str) -> int:
        """Characters divided by four, rounded up."""
        return -(-len(text) // 4)

    def new_id(self) -> str:
        """``n1``, ``n2`` and so on."""
        self.made += 1
        return f"n{self.made}"

    def ask(self, task: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The scripted answer, checked as a model's would be; raises ModelUnavailable when the task has none."""
        asked = task_named(task)
        if task not in self.answers:
            raise ModelUnavailable(f"answers: no answer is scripted for task {task!r}; give ListTools one")
        given = asked.given(inputs)
        return asked.answered(self.answers[task](given), given)


class ListView:
    """A View over lists of records, edges and events; arrival is the order of the list.

    The place of a record in the list, from 1, stands for its seq; an event's seq is its own.

    ``shown`` holds the ids that the view has given out. Ties of score are broken by arrival.

    >>> from mnemic.core.record import Key
    >>> texts = ["Anna drinks tea", "Ben drinks coffee", "Anna lives in Lisbon"]
    >>> def turn(i, text):
    ...     return Record(id=f"r{i}", kind="episodic", value=text, keys={"turn": Key(text)})
    >>> view = ListView(turn(i, text) for i, text in enumerate(texts))
    >>> [hit.id for hit in view.lexical("Who drinks tea?", key="turn", k=2, where=Where())]
    ['r0', 'r1']
    >>> [hit.id for hit in view.dense("in Lisbon", key="turn", k=1, where=Where())]
    ['r2']
    >>> sorted(view.shown)
    ['r0', 'r1', 'r2']
    """

    def __init__(
        self,
        records: Iterable[Record],
        edges: Iterable[Edge] = (),
        events: Iterable[Event] = (),
        *,
        now: datetime | str = "2026-01-01",
        tools: Tools | None = None,
        bank: str = "list",
        judged: Iterable[Judged] = (),
    ) -> None:
        self.bank = bank
        self.now = instant(now, "now")
        self.tools: Tools = tools if tools is not None else ListTools()
        self.shown: set[str] = set()
        self.notes: list[str] = []
        self._records = {record.id: record for record in records}
        self._arrival = {record_id: place for place, record_id in enumerate(self._records)}
        self._edges = list(edges)
        self._events = {event.id: event for event in events}
        self._judged = list(judged)
        self._vectors: dict[tuple[str, str], Vector] = {}
        self._terms: dict[str, dict[str, Counter[str]]] = {}

    def dense(self, query: str | Vector, *, key: str, k: int, where: Where) -> list[Hit]:
        """The ``k`` nearest records by cosine."""
        vector = self.tools.embed_query(query) if isinstance(query, str) else query
        stored = self._vectors_of(self._matching(where), key)
        scores = {record_id: float(vector @ row) for record_id, row in stored.items()}
        return self._best(scores, k, "dense", "cosine")

    def lexical(
        self,
        query: str,
        *,
        key: str,
        k: int,
        where: Where,
        also: Sequence[str] = (),
        window: int = 0,
        b: float = B,
    ) -> list[Hit]:
        """The ``k`` best records by BM25F; statistics over every current record that has the key."""
        bags = self._bags(key)
        extra = [self._bags(name) for name in also]
        average = sum(bag.total() for bag in bags.values()) / max(len(bags), 1) or 1.0
        norms = {record_id: 1 - b + b * bag.total() / average for record_id, bag in bags.items()}
        rows = self._rows(list(bags)) if window else {}
        wanted = list(dict.fromkeys(terms(query)))
        df = {term: sum(term in bag for bag in bags.values()) for term in wanted}
        for names in extra:
            df = {term: count or sum(term in bag for bag in names.values()) for term, count in df.items()}
        scores = {}
        for record in self._matching(where):
            near = _around(rows.get(record.id, [record.id]), record.id, window)
            score = 0.0
            for term in wanted:
                c = sum(2.0**-gap * bags[other][term] / norms[other] for other, gap in near if other in bags)
                c += sum(names[record.id][term] for names in extra if record.id in names)
                score += _idf(df[term], max(len(bags), df[term])) * c * (K1 + 1) / (c + K1)
            if score:
                scores[record.id] = score
        return self._best(scores, k, "lexical", "bm25")

    def tagged(self, field: str, values: Sequence[str], *, k: int, where: Where) -> list[Hit]:
        """Records that carry any of the values, whatever their case, by the sum of the values' idf."""
        counts = self.facts(field)
        wanted = {value.casefold() for value in values}
        current = self.count(Where())
        scores = {}
        for record in self._matching(where):
            carried = wanted.intersection(_values(record, field))
            if carried:
                scores[record.id] = sum(_idf(counts.get(value, 0), current) for value in sorted(carried))
        return self._best(scores, k, "tagged", "idf")

    def during(self, interval: Interval, *, k: int, where: Where) -> list[Hit]:
        """Records with an event, validity or mentioned time that overlaps, by the common share of the shorter one."""
        scores = {}
        for record in self._matching(where):
            shares = [_common_share(span, interval) for span in intervals_of(record) if span.overlaps(interval)]
            if shares:
                scores[record.id] = max(shares)
        return self._best(scores, k, "during", "overlap")

    def get(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id, whatever their state."""
        found = {record_id: self._records[record_id] for record_id in ids if record_id in self._records}
        self.shown.update(found)
        return found

    def scan(self, where: Where, *, limit: int | None = None, newest_first: bool = False) -> list[Record]:
        """Records in order of event time, then of arrival; ``newest_first`` turns the order round."""
        found = sorted(self._matching(where), key=self._when)
        if newest_first:
            found.reverse()
        found = found[:limit]
        self.shown.update(record.id for record in found)
        return found

    def added(self, since: int, where: Where) -> list[Record]:
        """Records behind place ``since`` of the list."""
        found = [record for record in self._matching(where) if self._arrival[record.id] >= since]
        self.shown.update(record.id for record in found)
        return found

    def retained(self, since: int) -> list[Event]:
        """Events with a seq behind ``since``, in order of seq."""
        return sorted((e for e in self._events.values() if e.seq > since), key=lambda event: event.seq)

    def judged(self, since: int) -> list[Judged]:
        """Feedback behind place ``since`` of its list."""
        return self._judged[since:]

    def count(self, where: Where) -> int:
        """How many records match."""
        return len(self._matching(where))

    def edges(self, ids: Sequence[str], *, rels: Sequence[str] | None = None, direction: str = "out") -> list[Edge]:
        """Edges that leave, reach or touch the records."""
        wanted = set(ids)
        found = []
        for edge in self._edges:
            leaves = edge.src in wanted and direction in ("out", "both")
            reaches = edge.dst in wanted and direction in ("in", "both")
            if (leaves or reaches) and (rels is None or edge.rel in rels):
                found.append(edge)
                self.shown.update({edge.src, edge.dst}.intersection(self._records))
        return found

    def neighbours(self, ids: Sequence[str], *, before: int = 1, after: int = 1) -> dict[str, list[str]]:
        """Ids of the session's current evidence around each record, in time order."""
        rows = self._rows([record.id for record in self._matching(Where(epistemic=("evidence",)))])
        out = {}
        for record_id in ids:
            row = rows.get(record_id, [record_id])
            place = row.index(record_id)
            out[record_id] = row[max(place - before, 0) : place] + row[place + 1 : place + 1 + after]
            self.shown.update(out[record_id])
        return out

    def events(self, ids: Sequence[str]) -> dict[str, Event]:
        """Events by id."""
        return {event_id: self._events[event_id] for event_id in ids if event_id in self._events}

    def session_events(self, session: str, *, before: int | None = None, last: int | None = None) -> list[Event]:
        """A session's events in order of seq."""
        found = [event for event in self._events.values() if event.session == session]
        found = sorted((e for e in found if before is None or e.seq < before), key=lambda event: event.seq)
        return found if last is None else found[max(len(found) - last, 0) :]

    def vectors(self, ids: Sequence[str], *, key: str) -> dict[str, Vector]:
        """The vectors of the records that have the dense key."""
        found = [self._records[record_id] for record_id in ids if record_id in self._records]
        return self._vectors_of(found, key)

    def facts(self, field: str) -> Mapping[str, int]:
        """How many current records carry each value of the field."""
        counts: Counter[str] = Counter()
        for record in self._matching(Where()):
            counts.update(dict.fromkeys(_values(record, field), 1))
        return counts

    def _matching(self, where: Where) -> list[Record]:
        return [record for record in self._records.values() if matches(record, where)]

    def _rows(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """For each record of a session: the ids of that session among ``ids``, in time order."""
        rows: dict[str, list[str]] = {}
        for record in sorted((self._records[record_id] for record_id in ids), key=self._when):
            if record.session:
                rows.setdefault(record.session, []).append(record.id)
        return {record_id: row for row in rows.values() for record_id in row}

    def _when(self, record: Record) -> tuple[datetime, int]:
        return (when_of(record) or instant(0), self._arrival[record.id])

    def _best(self, scores: Mapping[str, float], k: int, channel: str, part: str) -> list[Hit]:
        ranked = sorted(scores, key=lambda record_id: (-scores[record_id], self._arrival[record_id]))[:k]
        self.shown.update(ranked)
        return [Hit(record_id, scores[record_id], channel, {part: scores[record_id]}) for record_id in ranked]

    def _vectors_of(self, records: Sequence[Record], key: str) -> dict[str, Vector]:
        held = [record for record in records if key in record.keys and record.keys[key].dense]
        missing = [record for record in held if (record.id, key) not in self._vectors]
        if missing:
            rows = self.tools.embed([record.keys[key].text for record in missing])
            self._vectors.update({(record.id, key): row for record, row in zip(missing, rows, strict=True)})
        return {record.id: self._vectors[record.id, key] for record in held}

    def _bags(self, key: str) -> dict[str, Counter[str]]:
        if key not in self._terms:
            self._terms[key] = {
                record.id: Counter(terms(record.keys[key].text))
                for record in self._records.values()
                if key in record.keys and record.keys[key].lexical and record.state == "active"
            }
        return self._terms[key]


def _values(record: Record, field: str) -> tuple[str, ...]:
    several = {"entity": record.entities, "tag": record.tags, "label": record.labels}
    single = {"actor": record.actor, "role": record.role, "session": record.session}
    if field in several:
        return tuple(value.casefold() for value in several[field])
    return (single[field],) if single.get(field) else ()


def _common_share(one: Interval, other: Interval) -> float:
    common = (min(one.end, other.end) - max(one.start, other.start)).total_seconds()
    shorter = min((span.end - span.start).total_seconds() for span in (one, other))
    return common / shorter if shorter else 1.0


def _around(row: Sequence[str], record_id: str, window: int) -> list[tuple[str, int]]:
    place = row.index(record_id)
    low = max(place - window, 0)
    return [(other, abs(low + gap - place)) for gap, other in enumerate(row[low : place + window + 1])]


def _idf(df: int, total: int) -> float:
    return math.log(1 + (total - df + 0.5) / (df + 0.5))
