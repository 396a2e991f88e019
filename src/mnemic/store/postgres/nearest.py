"""Candidates for the nearest vectors of a bank, chosen on the server: from its graph, else by its sketches.

A graph is asked for somewhat more than is wanted. The sketches nearest by Hamming distance are those that memory would
choose too. Where a filter lets most rows through, so many are fetched that enough of them pass; where it lets few
through, the server is told which. What a reader may not see is out before anything is cut off (law 9), and a graph, in
which every vector leads to others, is not asked on behalf of somebody who sees a part of a bank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemic.store.index.dense_index import candidates, sketch
from mnemic.store.postgres.connections import Session
from mnemic.store.postgres.graphs import Graphs
from mnemic.store.postgres.vectors import Bits, Floats

#: More are not fetched in the hope that enough of them pass a filter.
MOST_FETCHED = 8_000
#: How much more is fetched than a filter's share asks for, and how often that is not enough before it is told.
SLACK, TRIES, FURTHER = 1.25, 2, 4
#: So many times k are rescored of what pgvector has ranked by true cosines already.
OF_CLOSEST = 2
#: Of a graph so many times k are asked for, but no fewer and no more than these.
OF_GRAPH, LEAST_OF_GRAPH, MOST_OF_GRAPH = 4, 200, 1_000

Units = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A search on the server for what lies near ``query`` in one space of one bank."""

    session: Session
    bank: int
    space: int
    query: NDArray[np.float32]

    def of_graph(self, graphs: Graphs, k: int, among: Units, of: int) -> Units | None:
        """Units from the bank's graph; None when it has none, or when too few of what it gives may be found."""
        wanted = min(len(among), max(OF_GRAPH * k, LEAST_OF_GRAPH))
        limit = int(SLACK * wanted * of / len(among))
        if limit > MOST_OF_GRAPH or len(self.query) == 0:
            return None
        standing = graphs.of(self.session, self.bank, self.space)
        if not standing.stands:
            return None
        kept = _of(self._graph(limit, iterates=standing.iterates), among)
        # Rows whose text is no longer a record's, and other keys, lie in the same graph.
        return kept if len(kept) >= min(len(among), 2 * k) else None

    def of_sketches(self, k: int, among: Units, of: int) -> Units:
        """Units whose sketches lie nearest by Hamming distance, as many as are to be rescored."""
        wanted = candidates(k)
        limit = int(SLACK * wanted * of / len(among))
        for _ in range(TRIES):
            if limit > MOST_FETCHED:
                break
            found = self._sketches(limit, None)
            kept = _of(found, among)
            if len(kept) >= wanted or len(found) < limit:
                return kept[:wanted]
            limit *= FURTHER
        return self._sketches(wanted, among.tolist())

    def closest(self, k: int, units: Units) -> Units:
        """Those of the units that come into question for the nearest ``k``, by pgvector's own cosine."""
        wanted = OF_CLOSEST * k
        if len(units) <= 2 * wanted:
            return units
        # A vector is some hundred times as long as its number: most of them need not leave the server. Set apart first,
        # they are looked at one by one; else the server might walk a graph and find few of them.
        kind = f"vector({len(self.query)})"
        rows = self.session.rows(
            "WITH given AS MATERIALIZED"
            " (SELECT unit, emb FROM vectors WHERE bank = %s AND space = %s AND unit = ANY(%b::bigint[]))"
            f" SELECT unit FROM given ORDER BY emb::{kind} <=> %b::{kind}, unit LIMIT %s",
            (self.bank, self.space, units.tolist(), Floats(self.query.tobytes()), wanted),
        )
        return np.array(rows, np.int64).reshape(-1)

    def _graph(self, limit: int, *, iterates: bool) -> Units:
        connection = self.session.connection
        with connection.pipeline():
            connection.execute(f"SET LOCAL hnsw.ef_search = {limit}".encode())
            if iterates:
                connection.execute(b"SET LOCAL hnsw.iterative_scan = relaxed_order")
            # The index is of one bank and space: only with both in its text does a statement fit it.
            statement, given = self.graph_statement(limit).encode(), (Floats(self.query.tobytes()),)
            cursor = connection.execute(statement, given, prepare=False, binary=True)
        return np.array(cursor.fetchall(), np.int64).reshape(-1)

    def graph_statement(self, limit: int) -> str:
        """What is asked of the graph, with a place for the query."""
        kind = f"vector({len(self.query)})"
        return (
            f"SELECT unit FROM vectors WHERE bank = {self.bank} AND space = {self.space}"
            f" ORDER BY emb::{kind} <=> %b::{kind} LIMIT {limit}"
        )

    def _sketches(self, limit: int, among: Sequence[int] | None) -> Units:
        some = "" if among is None else " AND unit = ANY(%b::bigint[])"
        rows = self.session.rows(
            f"SELECT unit FROM sketches WHERE bank = %s AND space = %s{some}"
            " ORDER BY bit_count(bits # %b), unit LIMIT %s",
            (
                self.bank, self.space, *([] if among is None else [among]),
                Bits(sketch(self.query[None, :])[0].tobytes()), limit,
            ),
        )  # fmt: skip
        return np.array(rows, np.int64).reshape(-1)


def _of(found: Units, among: Units) -> Units:
    return found[np.isin(found, among)]
