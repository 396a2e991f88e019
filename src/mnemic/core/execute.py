"""Runs the chains of a recipe over a view: pure, without the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import TypeVar

from mnemic.core.errors import BadInput, MnemicError, ModelFailure, ModelUnavailable
from mnemic.core.evidence import Event, Segment
from mnemic.core.observing import span
from mnemic.core.pipeline import Chain, Fan
from mnemic.core.reading import Context, Hit, Query, Ranked, ReaderAnswer, Sub
from mnemic.core.record import Record
from mnemic.core.stage import (
    Annotator,
    Assembler,
    Channel,
    Combiner,
    Compressor,
    Expander,
    Extractor,
    Filter,
    Gate,
    Planner,
    Reader,
    Router,
    Scorer,
    Segmenter,
    Stage,
)
from mnemic.core.view import View

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Formed:
    """What formation made: drafts without ids, the events they used up, and those left for later."""

    drafts: tuple[Record, ...]
    used: tuple[Event, ...]
    left: tuple[Event, ...]


def segmenter_of(chain: Chain) -> Segmenter:
    """The segmenter of a formation chain, which has exactly one."""
    return next(stage for stage in chain if isinstance(stage, Segmenter))


def form(chain: Chain, events: Sequence[Event], view: View, *, closed: bool = False) -> Formed:
    """Run a formation chain over one session's unformed events.

    ``closed`` says that the session is over, so that a last open segment is taken as it stands.
    """
    drafts: list[Record] = []
    used: list[Event] = []
    left: list[Event] = []
    for segment in segmenter_of(chain).split(events, view, closed=closed):
        if segment.open and not closed:
            left.extend(segment.events)
            continue
        drafts.extend(form_segment(chain, segment, view))
        used.extend(segment.events)
    return Formed(tuple(drafts), tuple(used), tuple(left))


def form_segment(chain: Chain, segment: Segment, view: View) -> list[Record]:
    """Run what follows the segmenter on one segment: the drafts that it becomes."""
    drafts: list[Record] = []
    for stage in chain:
        if not isinstance(stage, Stage):
            continue
        with span("stage", stage.name, role=stage.role) as note:
            if isinstance(stage, Compressor):
                segment = stage.compress(segment, view)
            elif isinstance(stage, Router):
                segment = replace(segment, kinds=stage.route(segment, view))
            elif isinstance(stage, Extractor):
                drafts.extend(d for d in stage.extract(segment, view) if not segment.kinds or d.kind in segment.kinds)
            elif isinstance(stage, Annotator):
                drafts = [stage.annotate(draft, segment, view) for draft in drafts]
            note(drafts=len(drafts))
    return drafts


@dataclass(frozen=True, slots=True)
class Reading:
    """What a read came to: the hits of all rounds, the last context, and the reader's answer, or why there is none."""

    hits: list[Hit]
    context: Context
    answer: ReaderAnswer | None = None
    failure: MnemicError | None = None


def search(chain: Chain, query: Query, view: View, further: Sequence[Sub] | None = None) -> list[Hit]:
    """Run a retrieval chain up to its assembler and give the hits.

    ``further`` searches stand in for what gates and planners make of the question. A stage whose language model
    gives no answer is left out, and the view's notes say so.
    """
    subs = [Sub(text=query.text, where=query.where)] if further is None else list(further)
    lists: list[Ranked] = []
    hits: list[Hit] | None = None
    completes = any(isinstance(item, Combiner) and item.completes for item in chain)
    for item in chain:
        if isinstance(item, (Gate, Planner)) and further is not None:
            continue
        if isinstance(item, Gate):
            if _unless_failing(item, view, partial(item.admit, query, view), None) is not None:
                return []
        elif isinstance(item, Planner):
            subs = _unless_failing(item, view, partial(item.plan, query, view), subs)
        elif isinstance(item, (Fan, Channel)):
            lists.extend(_run_channels(item, subs, query, view, completes=completes))
        elif isinstance(item, Combiner):
            hits = _unless_failing(item, view, partial(item.combine, lists, query, view), _settled(hits, lists))
        elif isinstance(item, (Scorer, Expander, Filter)):
            hits = _refine(item, _settled(hits, lists), query, view)
    return _settled(hits, lists)


def _unless_failing(stage: Stage, view: View, run: Callable[[], Made], otherwise: Made) -> Made:
    with span("stage", stage.name, role=stage.role) as note:
        try:
            made = run()
        except ModelFailure as error:
            view.notes.append(f"{stage.role} {stage.name} was left out: {error}")
            return otherwise
        if isinstance(made, Sized):
            note(made=len(made))
        return made


def _settled(hits: list[Hit] | None, lists: Sequence[Ranked]) -> list[Hit]:
    if hits is not None:
        return hits
    return lists[0].hits if lists else []


def _refine(stage: Stage, hits: list[Hit], query: Query, view: View) -> list[Hit]:
    run: Callable[[], list[Hit]] | None = None
    if isinstance(stage, Scorer):
        run = partial(stage.score, hits, query, view)
    elif isinstance(stage, Expander):
        run = partial(stage.expand, hits, query, view)
    elif isinstance(stage, Filter):
        run = partial(stage.filter, hits, query, view)
    return hits if run is None else _unless_failing(stage, view, run, hits)


def _run_channels(
    item: Fan | Channel, subs: Sequence[Sub], query: Query, view: View, *, completes: bool
) -> list[Ranked]:
    branches = item.branches if isinstance(item, Fan) else (Chain.of(item),)
    lists = []
    for index, sub in enumerate(subs):
        found = [_run_branch(branch, sub, query, view) for branch in branches]
        if completes and len(branches) > 1:
            union = dict.fromkeys(hit.id for hits in found for hit in hits)
            for branch, hits in zip(branches, found, strict=True):
                own = {hit.id for hit in hits}
                missing = tuple(record_id for record_id in union if record_id not in own)
                if missing and len(branch) == 1:
                    hits.extend(_run_branch(branch, replace(sub, where=sub.where.and_(ids=missing)), query, view))
        for branch, hits in zip(branches, found, strict=True):
            channel = branch.items[0]
            weight = getattr(channel, "weight", 1.0) * sub.weight
            lists.append(Ranked(hits, _label(channel, branches), index, weight))
    return lists


def _label(item: Stage | Fan, branches: Sequence[Chain]) -> str:
    # As short as it can be and still tell the lists of one fan apart: a person reads it when he asks why.
    name = getattr(item, "name", str(item))
    key = getattr(item, "key", "")
    short = f"{name}:{key}" if key else name
    same = [b for b in branches if getattr(b.items[0], "name", "") == name and getattr(b.items[0], "key", "") == key]
    return short if len(same) == 1 else str(item)


def _run_branch(branch: Chain, sub: Sub, query: Query, view: View) -> list[Hit]:
    channel = branch.items[0]
    if not isinstance(channel, Channel):
        return []
    nothing: list[Hit] = []
    hits = list(_unless_failing(channel, view, partial(channel.search, sub, query, view), nothing))
    for stage in branch.items[1:]:
        if isinstance(stage, Stage):
            hits = _refine(stage, hits, query, view)
    return hits


def assembled(assembler: Assembler, hits: list[Hit], query: Query, view: View) -> Context:
    """What an assembler builds of hits."""
    with span("stage", assembler.name, role=assembler.role) as note:
        context = assembler.build(hits, query, view)
        note(lines=len(context.citations), tokens=context.cost.tokens)
    return context


def assembler_of(chain: Chain) -> Assembler:
    """The assembler of a retrieval chain; raises BadInput when it has none."""
    for stage in reversed(chain.items):
        if isinstance(stage, Assembler):
            return stage
    raise BadInput(f"retrieval: {chain} does not end in an assembler")


def reader_of(chain: Chain) -> Reader | None:
    """The reading loop of a retrieval chain, if it has one."""
    last = chain.items[-1] if chain.items else None
    return last if isinstance(last, Reader) else None


def hits_of(chain: Chain, query: Query, view: View) -> list[Hit]:
    """The hits of a whole retrieval chain: of one search, or of all that its reader asks for."""
    return search(chain, query, view) if reader_of(chain) is None else read_through(chain, query, view).hits


def read(chain: Chain, query: Query, view: View) -> Context:
    """Run a whole retrieval chain: search, assemble, and search for more as often as its reader asks."""
    return read_through(chain, query, view).context


def read_through(
    chain: Chain, query: Query, view: View, *, reader: Reader | None = None, wishes: str | None = None
) -> Reading:
    """Run a retrieval chain with its reader, or another one; with ``wishes`` the reader answers at the end.

    What a further search finds takes turns with what was found before. A reader without a model, or one whose model
    fails, ends the loop; the context stays.
    """
    assembler, reader = assembler_of(chain), reader or reader_of(chain)
    hits = search(chain, query, view)
    context = assembled(assembler, hits, query, view)
    left = reader.rounds if reader is not None else 0
    while reader is not None:
        try:
            told = reader.next(context, query, view, left=left, wishes=wishes)
        except (ModelFailure, ModelUnavailable) as error:
            if wishes is None:
                view.notes.append(f"{reader.role} {reader.name} was left out: {error}")
            return Reading(hits, context, failure=error)
        if not isinstance(told, list):
            return Reading(hits, context, told)
        if left == 0:
            break
        known = {hit.id for hit in hits}
        fresh = [hit for hit in search(chain, query, view, told) if hit.id not in known]
        # Nothing new means that further searches would not help either: what is left is to answer.
        left = left - 1 if fresh else 0
        turns = zip_longest(hits, fresh)
        hits = [hit for turn in turns for hit in turn if hit is not None]
        context = assembled(assembler, hits, query, view)
    return Reading(hits, context)
