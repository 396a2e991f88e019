"""Learned ranking: what was cited and what was not, of all that was recalled, teaches how to rank for this bank.

    reward = +1 cited, -1 not;   b = mean reward so far, or a fixed baseline;   one REINFORCE step a question
    gain ← 0.95 gain + 0.05 (reciprocal rank of what was cited, learnt - untaught),   measured before each step

The weights are a record that only feedback changes; where the gain, measured on questions not yet learnt from, falls
below zero, the ranking is not used. It costs no model call: citations are made anyway.
Source: the retrospective reflection of Z. Tan et al., "In Prospect and Retrospect" (RMM), arXiv 2503.08026, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnemic.core.bilinear import Bilinear
from mnemic.core.experience import Judged
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator
from mnemic.core.view import View

if TYPE_CHECKING:
    from mnemic.core.view import Vector

#: How much the last question counts in the gain, and how many records the weights name as what they rest on.
_SHARE = 0.05
_NAMED = 50


@dataclass(frozen=True)
class LearnedRanking(Consolidator):
    """Learns from the feedback on recalls since its last run; needs feedback that names a receipt.

    Parameters: ``key``, the dense key that is ranked by; ``k``, candidates a question; ``kinds`` of them; ``rank`` of
    the weights; ``rate`` η; ``temperature`` τ; ``baseline`` b (None: the mean reward so far); ``seed`` of the start.

    >>> from mnemic.core.list_view import ListView
    >>> from mnemic.core.record import Key
    >>> texts = ["green tea", "tea pot"]
    >>> notes = [Record(id=t, kind="semantic", value=t, keys={"said": Key(t)}) for t in texts]
    >>> told = Judged("rc1", "which tea", {"green tea": -1.0, "tea pot": 1.0})
    >>> op, = LearnedRanking().run(ListView(notes, judged=[told]), since=0)
    >>> op.kind, op.record.kind, op.record.fields["questions"]
    ('ADD', 'ranker', 1)
    """

    name: ClassVar[str] = "learned_ranking"
    needs: ClassVar[tuple[str, ...]] = ("embedder",)

    key: str = "said"
    k: int = 20
    kinds: tuple[str, ...] | None = ("semantic",)
    rank: int = 8
    rate: float = 0.01
    temperature: float = 0.5
    baseline: float | None = None
    seed: int = 0

    def run(self, view: View, since: int) -> Iterable[Op]:
        """The op that keeps what was learnt; none when there was nothing to learn from."""
        state = _State.of(self, view)
        told = [judged for judged in view.judged(since) if state.learn(judged, view)]
        return [state.kept(told, view)] if told else []


@dataclass(slots=True)
class _State:
    """The weights and what is known of their worth, while one question after the other is learnt from."""

    stage: LearnedRanking
    shown: Record | None
    weights: Bilinear | None
    questions: int
    reward: float
    gain: float

    @classmethod
    def of(cls, stage: LearnedRanking, view: View) -> _State:
        """As the bank holds them."""
        found = view.scan(Where(kinds=("ranker",), labels=(f"ranker={stage.key}",)), limit=1)
        if not found:
            return cls(stage, None, None, 0, 0.0, 0.0)
        fields = found[0].fields
        weights = Bilinear.from_json(fields["weights"])
        return cls(stage, found[0], weights, fields["questions"], fields["reward"], fields["gain"])

    def learn(self, judged: Judged, view: View) -> bool:
        """Take one step; False when none of the candidates was judged."""
        import numpy as np

        question = view.tools.embed_query(judged.question)
        hits = view.dense(question, key=self.stage.key, k=self.stage.k, where=Where(kinds=self.stage.kinds))
        stored = view.vectors([hit.id for hit in hits], key=self.stage.key)
        ids = [hit.id for hit in hits if hit.id in stored]
        rewards = [judged.rewards[i] for i in ids if i in judged.rewards]
        if not rewards:
            return False
        rows = np.stack([stored[i] for i in ids])
        if self.weights is None or self.weights.a.shape[1] != rows.shape[1]:
            # Another embedder's vectors mean something else: what was learnt of the former ones is void.
            self.weights = Bilinear.start(rows.shape[1], rank=self.stage.rank, seed=self.stage.seed)
            self.questions, self.reward, self.gain = 0, 0.0, 0.0
        cited = [place for place, i in enumerate(ids) if judged.rewards.get(i, 0.0) > 0]
        self._measure(rows @ question, self.weights.scores(question, rows), cited)
        self.questions += 1
        self.reward += (sum(rewards) / len(rewards) - self.reward) / self.questions
        level = self.reward if self.stage.baseline is None else self.stage.baseline
        advantages = np.array([judged.rewards[i] - level if i in judged.rewards else 0.0 for i in ids], np.float32)
        self.weights = self.weights.stepped(
            question, rows, advantages, rate=self.stage.rate, temperature=self.stage.temperature
        )
        return True

    def _measure(self, untaught: Vector, learnt: Vector, cited: Sequence[int]) -> None:
        if cited:
            won = _reciprocal_rank(learnt, cited) - _reciprocal_rank(untaught, cited)
            self.gain = (1 - _SHARE) * self.gain + _SHARE * won

    def kept(self, told: Sequence[Judged], view: View) -> Op:
        """The op by which the bank keeps the weights."""
        assert self.weights is not None
        name, key = self.stage.name, self.stage.key
        judged = dict.fromkeys(i for one in told for i in one.rewards)
        before = self.shown.derived_from if self.shown else ()
        fields = {
            "weights": self.weights.to_json(),
            "questions": self.questions,
            "reward": round(self.reward, 6),
            "gain": round(self.gain, 6),
        }
        record = Record(
            id=self.shown.id if self.shown else view.tools.new_id(),
            kind="ranker",
            value=f"How records are ranked by {key!r}, learnt from feedback on {self.questions} questions",
            fields=fields,
            labels=(f"ranker={key}",),
            epistemic="inference",
            derived_from=tuple(dict.fromkeys((*before, *judged)))[-_NAMED:],
        )
        return Op.update(self.shown, record, actor=name) if self.shown else Op.add(record, actor=name)


def _reciprocal_rank(scores: Vector, cited: Sequence[int]) -> float:
    best = max(float(scores[place]) for place in cited)
    return 1.0 / (1 + int((scores > best).sum()))
