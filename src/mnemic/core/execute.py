"""Runs the chains of a recipe over a view: pure, without the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mnemic.core.evidence import Event, Segment
from mnemic.core.pipeline import Chain, Fan
from mnemic.core.reading import Context, Hit, Query, Ranked, Sub
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
    Router,
    Scorer,
    Segmenter,
    Stage,
)
from mnemic.core.view import View


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
        if isinstance(stage, Compressor):
            segment = stage.compress(segment, view)
        elif isinstance(stage, Router):
            segment = replace(segment, kinds=stage.route(segment, view))
        elif isinstance(stage, Extractor):
            drafts.extend(d for d in stage.extract(segment, view) if not segment.kinds or d.kind in segment.kinds)
        elif isinstance(stage, Annotator):
            drafts = [stage.annotate(draft, segment, view) for draft in drafts]
    return drafts


def search(chain: Chain, query: Query, view: View) -> list[Hit]:
    """Run a retrieval chain up to its assembler and give the hits."""
    subs = [Sub(text=query.text, where=query.where)]
    lists: list[Ranked] = []
    hits: list[Hit] | None = None
    completes = any(isinstance(item, Combiner) and item.completes for item in chain)
    for item in chain:
        if isinstance(item, Gate):
            if item.admit(query, view) is not None:
                return []
        elif isinstance(item, Planner):
            subs = item.plan(query, view)
        elif isinstance(item, (Fan, Channel)):
            lists.extend(_run_channels(item, subs, query, view, completes=completes))
        elif isinstance(item, Combiner):
            hits = item.combine(lists, query, view)
        elif isinstance(item, (Scorer, Expander, Filter)):
            hits = _refine(item, _settled(hits, lists), query, view)
    return _settled(hits, lists)


def _settled(hits: list[Hit] | None, lists: Sequence[Ranked]) -> list[Hit]:
    if hits is not None:
        return hits
    return lists[0].hits if lists else []


def _refine(stage: Stage, hits: list[Hit], query: Query, view: View) -> list[Hit]:
    if isinstance(stage, Scorer):
        return stage.score(hits, query, view)
    if isinstance(stage, Expander):
        return stage.expand(hits, query, view)
    if isinstance(stage, Filter):
        return stage.filter(hits, query, view)
    return hits


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
    hits = list(channel.search(sub, query, view))
    for stage in branch.items[1:]:
        if isinstance(stage, Stage):
            hits = _refine(stage, hits, query, view)
    return hits


def read(chain: Chain, query: Query, view: View) -> Context:
    """Run a whole retrieval chain: search, then assemble."""
    assembler = chain.items[-1]
    if not isinstance(assembler, Assembler):
        return Context(query=query.text)
    return assembler.build(search(chain, query, view), query, view)
