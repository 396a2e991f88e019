"""Bilinear residual: a small learned addition to the inner product of a question and a record.

    score(q, m) = q · m + (A q) · (B m),   A, B: rank × dim;   A from a seed, B zero, so that at first it adds nothing
    p = softmax(score / τ) over the candidates;   Δ(A, B) = η Σ_shown (reward - b) ∇ log p

Of low rank, so that a bank keeps it as a record of some 30 kB, and a step costs the same whatever the bank holds.
Source: the online reranker of Z. Tan et al., "In Prospect and Retrospect" (RMM), arXiv 2503.08026, 2025; low rank after
E. Hu et al., "LoRA", arXiv 2106.09685, 2021.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnemic.core.view import Matrix, Vector


@dataclass(frozen=True, slots=True)
class Bilinear:
    """The two matrices.

    >>> import numpy as np
    >>> rows = np.eye(2, dtype=np.float32)
    >>> question = np.array([0.8, 0.6], np.float32)
    >>> start = Bilinear.start(2, rank=2, seed=0)
    >>> [round(float(score), 2) for score in start.scores(question, rows)]
    [0.8, 0.6]
    >>> learnt = start
    >>> for _ in range(5):
    ...     learnt = learnt.stepped(question, rows, np.array([-1.0, 1.0]), rate=0.5, temperature=0.5)
    >>> bool(learnt.scores(question, rows).argmax() == 1)
    True
    """

    a: Matrix
    b: Matrix

    @classmethod
    def start(cls, dim: int, *, rank: int, seed: int) -> Bilinear:
        """One that adds nothing yet."""
        import numpy as np

        a = np.random.default_rng(seed).standard_normal((rank, dim)) / np.sqrt(dim)
        return cls(a.astype(np.float32), np.zeros((rank, dim), np.float32))

    def scores(self, question: Vector, rows: Matrix) -> Vector:
        """The score of each row."""
        out: Vector = rows @ question + (rows @ self.b.T) @ (self.a @ question)
        return out

    def stepped(
        self, question: Vector, rows: Matrix, advantages: Vector, *, rate: float, temperature: float
    ) -> Bilinear:
        """After one step of REINFORCE; ``advantages`` are reward - baseline for rows that were shown, else 0."""
        import numpy as np

        scores = self.scores(question, rows) / temperature
        chance = np.exp(scores - scores.max())
        chance /= chance.sum()
        pull = (advantages - advantages.sum() * chance) / temperature
        towards = pull @ rows
        a = self.a + rate * np.outer(self.b @ towards, question)
        b = self.b + rate * np.outer(self.a @ question, towards)
        return Bilinear(a.astype(np.float32), b.astype(np.float32))

    def to_json(self) -> dict[str, Any]:
        """A JSON object: shape and the bytes of both, little-endian."""
        parts = {name: _text(getattr(self, name)) for name in ("a", "b")}
        return {"rank": self.a.shape[0], "dim": self.a.shape[1], **parts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Bilinear:
        """The inverse of :meth:`to_json`."""
        import numpy as np

        shape = (int(data["rank"]), int(data["dim"]))
        rows = (np.frombuffer(base64.b64decode(data[name]), "<f4").reshape(shape) for name in ("a", "b"))
        return cls(*(row.astype(np.float32) for row in rows))


def _text(matrix: Matrix) -> str:
    return base64.b64encode(matrix.astype("<f4").tobytes()).decode()
