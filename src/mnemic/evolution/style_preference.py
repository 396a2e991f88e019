"""Style preference: how a user writes, followed at two speeds, as one record that steers answers.

    SW = mean of the last 3 values,   EMA ← .7 · EMA + .3 · p,  from the first value,   w = .6 · SW + .4 · EMA
    a dimension changed  when  d(SW, EMA) / √(.01 + Var(SW) + Var(EMA)) > .9

d is the absolute difference, of probabilities the total variation; the variances are those of the 8 turns before the
window, so that a change does not hide itself. ``published`` starts the EMA at 0, divides by .00001 and the variances
themselves, and compares probabilities by the variance within them, which is blind to one label taking another's place.
Source: H. Sun, Z. Zhang, S. Zeng, "Preference-Aware Memory Update for Long-Term LLM Agents" (PAMU), arXiv 2510.09720.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pvariance
from typing import Any, ClassVar

from mnemic.core.evidence import Event, Span
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.core.stage import Consolidator
from mnemic.core.times import Interval, Times
from mnemic.core.view import View
from mnemic.evolution.style_signals import EMOTIONS, TONES, signals

Signals = Mapping[str, Sequence[float]]

BINS = {
    "length": (0.28, 0.65, ("short", "medium", "long")),
    "density": (0.30, 0.55, ("light on detail", "with some detail", "dense with detail")),
    "formality": (0.35, 0.75, ("informally", "in a plain register", "formally")),
}


@dataclass(frozen=True)
class StylePreference(Consolidator):
    """Keeps one record of ``kind`` from the turns of ``roles``; its fields hold the state, its value the instruction.

    Parameters: ``window`` turns of the fast mean; ``decay`` of the slow one; ``mix``, the share of the fast one;
    ``history`` turns of the variances; ``limit`` of a change; ``published``, the published formulas.

    >>> from mnemic.core.evidence import Part
    >>> from mnemic.core.list_view import ListView
    >>> text = "Would you kindly provide the report regarding the request."
    >>> now = ListView([]).now
    >>> turn = Event(id="e1", session="s", role="user", parts=(Part("text", text),), occurred_at=now, seq=1)
    >>> op, = StylePreference().run(ListView([], events=[turn]), since=0)
    >>> print(op.record.value)
    Unless the request says otherwise: answer formally, short, dense with detail, in a serious tone.
    """

    name: ClassVar[str] = "style_preference"

    kind: str = "preference"
    roles: tuple[str, ...] = ("user",)
    window: int = 3
    decay: float = 0.7
    mix: float = 0.6
    history: int = 8
    limit: float = 0.9
    published: bool = False

    def run(self, view: View, since: int) -> Iterable[Op]:
        """An ADD or UPDATE of the record, when anything was said."""
        said = [event for event in view.retained(since) if event.role in self.roles and event.text.strip()]
        if not said:
            return []
        known = view.scan(Where(kinds=(self.kind,)), limit=1)
        state: dict[str, Any] = dict(known[0].fields["style"]) if known else {}
        for event in said:
            state = self.step(state, signals(event.text, view.tools.count_tokens(event.text)))
        made = self._record(state, said, known[0] if known else None)
        if known:
            return [Op.update(known[0], made, reason=_reason(state), actor=self.name)]
        return [Op.add(made.with_(id=view.tools.new_id()), reason=_reason(state), actor=self.name)]

    def step(self, state: Mapping[str, Any], now: Signals) -> dict[str, Any]:
        """The state after one more turn.

        >>> rule, state = StylePreference(), {}
        >>> for value in (0.0, 0.0, 0.0, 1.0, 1.0, 1.0):
        ...     state = rule.step(state, {"formality": [value]})
        >>> [round(w, 3) for w in state["fused"]["formality"]]
        [0.863]
        """
        recent = [*state.get("recent", ()), {name: list(values) for name, values in now.items()}][-self.window :]
        fast = {name: _mean([turn[name] for turn in recent]) for name in now}
        before = state.get("slow") or ({n: [0.0] * len(v) for n, v in now.items()} if self.published else now)
        slow = {n: [self.decay * a + (1 - self.decay) * b for a, b in zip(before[n], now[n], strict=True)] for n in now}
        fused = {n: [self.mix * a + (1 - self.mix) * b for a, b in zip(fast[n], slow[n], strict=True)] for n in now}
        past = list(state.get("past", ()))
        settled = past[-self.history :] if self.published else past[: -(self.window - 1) or None][-self.history :]
        turns = state.get("turns", 0) + 1
        changed = [n for n in now if turns > 1 and self._change(n, fast, slow, settled) > self.limit]
        past = [*past, {"fast": fast, "slow": slow}][-(self.history + self.window) :]
        return {"turns": turns, "recent": recent, "slow": slow, "fused": fused, "past": past, "changed": changed}

    def _change(self, name: str, fast: Signals, slow: Signals, past: Sequence[Mapping[str, Signals]]) -> float:
        ways = len(fast[name])
        if self.published:
            one, other = (pvariance(values) if ways > 1 else values[0] for values in (fast[name], slow[name]))
            spread = sum(
                _variance([pvariance(t[speed][name]) if ways > 1 else t[speed][name][0] for t in past])
                for speed in ("fast", "slow")
            )
            return abs(one - other) / (1e-5 + spread)
        distance = sum(abs(a - b) for a, b in zip(fast[name], slow[name], strict=True)) / min(ways, 2)
        spread = sum(
            _variance([t[speed][name][way] for t in past]) for speed in ("fast", "slow") for way in range(ways)
        )
        return distance / math.sqrt(0.01 + spread)

    def _record(self, state: Mapping[str, Any], said: Sequence[Event], known: Record | None) -> Record:
        spans: tuple[Span, ...] = (*(known.sources if known else ()), *(event.span() for event in said))
        base = known or Record(id="", kind=self.kind, value="", epistemic="inference", labels=("style",))
        first = base.times.event.start if base.times.event else said[0].occurred_at
        last = max(first, said[-1].occurred_at)
        return base.with_(
            value=instruction(state["fused"]),
            # A version of the record is kept for every turn: four digits are enough to go on from.
            fields={**base.fields, "style": _rounded(state)},
            sources=tuple(dict.fromkeys(spans))[-self.history :],
            times=replace(base.times, event=Interval(min(first, last), last))
            if known
            else Times(event=Interval(first, last)),
        )


def instruction(fused: Signals) -> str:
    """The sentence for fused values; it changes only when a value enters another bin."""
    words = {name: _bin(fused[name][0], *BINS[name]) for name in BINS}
    tone, emotion = (labels[_most(fused[name])] for name, labels in (("tone", TONES), ("emotion", EMOTIONS)))
    manner = f"{words['formality']}, {words['length']}, {words['density']}, in a {tone} tone"
    mood = "" if emotion == "neutral" else f" The user sounds {emotion}."
    return f"Unless the request says otherwise: answer {manner}.{mood}"


def _bin(value: float, low: float, high: float, names: tuple[str, str, str]) -> str:
    return names[(value >= low) + (value >= high)]


def _most(values: Sequence[float]) -> int:
    return max(range(len(values)), key=lambda place: values[place])


def _mean(rows: Sequence[Sequence[float]]) -> list[float]:
    return [fmean(column) for column in zip(*rows, strict=True)]


def _variance(values: Sequence[float]) -> float:
    return pvariance(values) if len(values) > 1 else 0.0


def _rounded(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _rounded(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_rounded(value) for value in part]
    return round(part, 4) if isinstance(part, float) else part


def _reason(state: Mapping[str, Any]) -> str:
    return f"changed: {', '.join(state['changed'])}" if state["changed"] else "refreshed"
