"""Beliefs: held with a confidence that new evidence moves, and reworded only when it truly contradicts them.

    confidence = (2 · c0 + s) / (2 + s + o),   s = support, o = opposition (weakening ½, contradiction 1)

The counts are kept, the confidence follows from them. Every fact that counted is named as what the belief rests on.
Source: the opinion dynamics of C. Latimer et al., "Hindsight", arXiv 2512.12818, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mnemic.core.alias import AliasMap
from mnemic.core.errors import Refused
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.core.rewording import reworded
from mnemic.core.stage import Consolidator
from mnemic.core.view import View

SUPPORT = {"reinforce": 1.0, "weaken": -0.5, "contradict": -1.0}


@dataclass(frozen=True)
class Beliefs(Consolidator):
    """Asks ``task``, for each new fact, with ``{fact, beliefs: [{alias, text, confidence}]}`` on a common entity.

    The answer is ``{verdicts: [{alias, effect, text}]}`` with effects reinforce, weaken, contradict, irrelevant;
    ``text`` is a new wording, taken at the first contradiction since the belief was last reinforced. Parameters:
    ``epistemic``, which records count as facts; ``kinds``, only these.

    >>> from mnemic.core.list_view import ListTools, ListView
    >>> belief = Record(id="b", kind="belief", value="Anna likes tea", epistemic="belief", confidence=0.5,
    ...                 entities=("Anna",))
    >>> fact = Record(id="f", kind="semantic", value="Anna drank tea", entities=("Anna",))
    >>> answer = {"verdicts": [{"alias": "0", "effect": "reinforce"}]}
    >>> tools = ListTools(answers={"weigh_beliefs": lambda inputs: answer})
    >>> ops = list(Beliefs().run(ListView([belief, fact], tools=tools), since=0))
    >>> [op.kind for op in ops], round(ops[0].record.confidence, 2)
    (['UPDATE', 'LINK'], 0.67)
    """

    name: ClassVar[str] = "beliefs"
    needs: ClassVar[tuple[str, ...]] = ("language-model",)

    task: str = "weigh_beliefs"
    epistemic: tuple[str, ...] = ("evidence",)
    kinds: tuple[str, ...] | None = None

    def run(self, view: View, since: int) -> Iterable[Op]:
        """UPDATE and LINK ops for beliefs that the facts since then bear on."""
        ops: list[Op] = []
        facts = view.added(since, Where(epistemic=self.epistemic, kinds=self.kinds))
        beliefs = {record.id: record for record in view.scan(Where(kinds=("belief",)))} if facts else {}
        for fact in facts:
            names = {name.casefold() for name in fact.entities}
            near = [b for b in beliefs.values() if names.intersection(n.casefold() for n in b.entities)]
            near = [b for b in near if fact.id not in b.derived_from]
            if not near:
                continue
            aliases = AliasMap.of(belief.id for belief in near)
            shown = [{"alias": aliases.alias(b.id), "text": b.value, "confidence": b.confidence} for b in near]
            answer = view.tools.ask(self.task, {"fact": fact.value, "beliefs": shown})
            for verdict in answer.get("verdicts", ()):
                try:
                    belief = beliefs[aliases.id(verdict.get("alias", ""))]
                except Refused as refusal:
                    ops.append(Op.noop(reason=f"refused: {refusal}", actor=self.name))
                    continue
                if verdict.get("effect") in SUPPORT:
                    new = weighed(belief, fact, verdict)
                    beliefs[belief.id] = new
                    rel = "supports" if verdict["effect"] == "reinforce" else "weakens"
                    ops.append(Op.update(belief, new, reason=f"{verdict['effect']}d by a fact", actor=self.name))
                    ops.append(Op.link(Edge(src=fact.id, dst=belief.id, rel=rel), actor=self.name))
        return ops


def weighed(belief: Record, fact: Record, verdict: Mapping[str, Any]) -> Record:
    """The belief after a fact with a verdict on it.

    >>> belief = Record(id="b", kind="belief", value="Anna likes tea", confidence=0.5)
    >>> new = weighed(belief, Record(id="f", kind="semantic", value="Anna hates tea"), {"effect": "contradict"})
    >>> round(new.confidence, 2), new.fields["opposition"], new.derived_from
    (0.33, 1.0, ('f',))
    """
    effect = str(verdict["effect"])
    weight = SUPPORT[effect]
    prior = belief.fields.get("prior", 0.5 if belief.confidence is None else belief.confidence)
    support = belief.fields.get("support", 0.0) + max(weight, 0.0)
    opposition = belief.fields.get("opposition", 0.0) + max(-weight, 0.0)
    contradicted = bool(belief.fields.get("contradicted", False))
    text = str(verdict.get("text") or "")
    reworded_now = effect == "contradict" and bool(text) and not contradicted
    new = reworded(belief, text) if reworded_now else belief
    fields = {
        **new.fields,
        "prior": prior,
        "support": support,
        "opposition": opposition,
        "contradicted": effect == "contradict" or (contradicted and effect != "reinforce"),
    }
    return new.with_(
        fields=fields,
        epistemic="belief",
        confidence=round((2 * prior + support) / (2 + support + opposition), 6),
        derived_from=tuple(dict.fromkeys((*belief.derived_from, fact.id))),
    )
