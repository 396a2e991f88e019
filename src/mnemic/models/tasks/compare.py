"""Compare: which of some named relations holds between the older and the newer text of each pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnemic.core.shape import Alias, Choice, Fields, Items, Number, Text
from mnemic.core.task import Task
from mnemic.models.tasks.parts import INSTRUCTION, LONG, NAMED, aliases, shared

PAIR = Fields(of={"alias": Alias(), "old": LONG, "new": LONG})


def output(inputs: Mapping[str, Any]) -> Fields:
    """One verdict a pair."""
    verdict = Fields(
        of={
            "pair": Alias(shown=aliases(inputs["pairs"])),
            "verdict": Choice(options=aliases(inputs["verdicts"], "name")),
            "strength": Number("how sure, 0 to 1", True),
            "reason": Text("why, in a few words", True, 160),
        }
    )
    return Fields(of={"verdicts": Items(of=verdict, most=len(inputs["pairs"]) + 2)})


def rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pairs with most words in common get the first verdict, all others the last.

    Verdicts are therefore listed from "the same" to "unrelated".

    >>> verdicts = [{"name": "known"}, {"name": "unrelated"}]
    >>> pairs = [{"alias": "0", "old": "likes tea", "new": "likes green tea"},
    ...          {"alias": "1", "old": "likes tea", "new": "has dogs"}]
    >>> [v["verdict"] for v in rule({"pairs": pairs, "verdicts": verdicts})["verdicts"]]
    ['known', 'unrelated']
    """
    names = aliases(inputs["verdicts"], "name")
    return {
        "verdicts": [
            {
                "pair": pair["alias"],
                "verdict": names[0] if min(shared(pair["old"], pair["new"]), 1) >= 0.8 else names[-1],
                "strength": max(shared(pair["old"], pair["new"]), shared(pair["new"], pair["old"])),
            }
            for pair in inputs["pairs"]
        ]
    }


TASK = Task(
    name="compare",
    summary="which named relation holds between the texts of each pair",
    prompt="""For each pair of an older and a newer text say which of these holds.
Possible verdicts: {verdicts}
Particular wishes: {instruction}
Pairs: {pairs}""",
    inputs=Fields(of={"pairs": Items(of=PAIR, most=1000), "verdicts": NAMED, "instruction": INSTRUCTION}),
    output=output,
    remembered=("pairs",),
    rule=rule,
)
