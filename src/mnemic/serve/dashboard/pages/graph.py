"""The graph: entities that are named together, or records and what links them; drawn, and as a list beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from mnemic.core.reading import Where
from mnemic.core.record import Edge, Record
from mnemic.guarded import GuardedBank
from mnemic.recalling import MAX_PAGE
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import OpenBank
from mnemic.serve.dashboard.drawing.labels import Label, placed
from mnemic.serve.dashboard.drawing.layout import HEIGHT, WIDTH, laid_out
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page, short

router = APIRouter(route_class=PageRoute)
#: More than this nobody can read in one drawing.
ENTITIES, RECORDS, EDGES = 40, 60, 160
COLOURS = 8
#: An entity is linked to those that it is named with most.
NEAREST = 2
#: Of more records than this only those that are linked most show their words.
CROWDED = 14


@dataclass(frozen=True, slots=True)
class Node:
    """A circle of the drawing, and what it leads to."""

    key: str
    label: str
    title: str
    link: str
    colour: int
    radius: float
    x: float
    y: float
    spot: Label
    #: What it is linked to, for the list: relation, label and link of the other.
    linked: Sequence[tuple[str, str, str]]
    #: Whether its label is shown also where nobody points at it.
    named: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """A graph laid out: nodes, lines between them, what the colours mean, and what was left out."""

    nodes: Sequence[Node]
    lines: Sequence[tuple[str, str, float, float, float, float, float, str]]
    legend: Sequence[tuple[str, int]]
    note: str


@dataclass(frozen=True, slots=True)
class _Named:
    key: str
    label: str
    title: str
    link: str
    group: str
    weight: float


@router.get("/banks/{bank}/graph")
def graph(request: Request, opened: OpenBank) -> Response:
    """The graph of a bank: all entities, or the records around an entity or a record."""
    entity = request.query_params.get("entity", "").strip()
    record = request.query_params.get("record", "").strip()
    if record:
        drawn, about = _around_record(opened, record), "record"
    elif entity:
        drawn, about = _around_entity(opened, entity), "entity"
    elif request.query_params.get("of") == "links":
        drawn, about = _newest_links(opened), "links"
    else:
        drawn, about = _entities(opened), "entities"
    return page(
        request,
        "graph.html",
        bank=opened.name,
        section="graph",
        drawn=drawn,
        about=about,
        entity=entity,
        record=record,
        width=WIDTH,
        height=HEIGHT,
    )


def _entities(opened: GuardedBank) -> Drawn:
    counts = opened.words("entity", limit=MAX_PAGE)
    words = list(counts)[:ENTITIES]
    pairs = _strongest(opened.together("entity", words))
    top = max((count for _, count in pairs), default=1)
    named = [
        _Named(word, word, f"{word}: {counts[word]:,} records", links.to("banks", opened.name, "graph", entity=word),
               "entity", counts[word])
        for word in words
    ]  # fmt: skip
    edges = [(a, b, count / top, f"together in {count:,}") for (a, b), count in pairs]
    note = ""
    if len(counts) > ENTITIES:
        of = f"{len(counts):,}" if len(counts) < MAX_PAGE else f"more than {MAX_PAGE:,}"
        note = f"Showing the {ENTITIES} entities that most records name, of {of}, and what each is named with most."
    return _drawn(named, edges, note)


def _strongest(pairs: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    # Where everything is named with everything, only what is named together most tells something.
    degree: dict[str, int] = {}
    out = []
    for (a, b), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if min(degree.get(a, 0), degree.get(b, 0)) < NEAREST:
            out.append(((a, b), count))
            degree[a], degree[b] = degree.get(a, 0) + 1, degree.get(b, 0) + 1
    return out[:EDGES]


def _around_entity(opened: GuardedBank, entity: str) -> Drawn:
    found = opened.list(Where(entities=(entity,)), limit=RECORDS // 2)
    edges, ends = opened.links([record.id for record in found.records])
    note = ""
    if found.next:
        total = opened.tally(Where(entities=(entity,))).total
        note = f"Showing the first {RECORDS // 2} of {total:,} records that name it, and what is linked to them."
    return _of_records(opened.name, ends, edges, note)


def _around_record(opened: GuardedBank, record: str) -> Drawn:
    near, first = opened.links([record])
    edges, ends = opened.links(list(first)[:RECORDS])
    return _of_records(opened.name, {**first, **ends}, [*near, *edges], "")


def _newest_links(opened: GuardedBank) -> Drawn:
    edges, ends = opened.links([record.id for record in opened.newest(RECORDS)])
    linked = "and their links" if edges else "none of which is linked"
    return _of_records(opened.name, ends, edges, f"The {RECORDS} records that lie last in time, {linked}.")


def _of_records(bank: str, records: dict[str, Record], edges: Sequence[Edge], note: str) -> Drawn:
    shown = dict(list(records.items())[:RECORDS])
    kept = {(edge.src, edge.rel, edge.dst): edge for edge in edges if edge.src in shown and edge.dst in shown}
    named = [
        _Named(record.id, short(record.value, 26), record.value, links.to("banks", bank, "records", record.id),
               record.kind, 1.0)
        for record in shown.values()
    ]  # fmt: skip
    drawn = [(edge.src, edge.dst, min(1.0, max(0.1, edge.weight)), edge.rel) for edge in kept.values()]
    if len(records) > len(shown):
        note = f"{note} Showing {len(shown)} of {len(records):,} records.".strip()
    return _drawn(named, drawn, note)


def _drawn(named: Sequence[_Named], edges: Sequence[tuple[str, str, float, str]], note: str) -> Drawn:
    if len(edges) > EDGES:
        note = f"{note} Showing the first {EDGES} of {len(edges):,} links.".strip()
        edges = edges[:EDGES]
    index = {node.key: place for place, node in enumerate(named)}
    places = laid_out(len(named), [(index[a], index[b], weight) for a, b, weight, _ in edges])
    groups = {group: n % COLOURS for n, group in enumerate(sorted({node.group for node in named}))}
    most = max((node.weight for node in named), default=1.0)
    linked: dict[str, list[tuple[str, str, str]]] = {node.key: [] for node in named}
    for a, b, _, rel in edges:
        linked[a].append((rel, named[index[b]].label, named[index[b]].link))
        linked[b].append((rel, named[index[a]].label, named[index[a]].link))
    often = sorted(linked, key=lambda key: -len(linked[key]))
    shown = set(often if len(named) <= CROWDED or groups.keys() == {"entity"} else often[:CROWDED])
    radii = [round(6 + 14 * (node.weight / most) ** 0.5, 1) if most > 1 else 8.0 for node in named]
    words = [short(node.label, 26) for node in named]
    told = [word if node.key in shown else "" for node, word in zip(named, words, strict=True)]
    spots = placed([(*at, r, word) for at, r, word in zip(places, radii, told, strict=True)], WIDTH, HEIGHT)
    nodes = [
        Node(node.key, word, short(node.title), node.link, groups[node.group], radius, x, y, spot, linked[node.key],
             node.key in shown)
        for node, word, radius, (x, y), spot in zip(named, words, radii, places, spots, strict=True)
    ]  # fmt: skip
    lines = [
        (a, b, *places[index[a]], *places[index[b]], round(0.8 + 3 * weight, 1), rel) for a, b, weight, rel in edges
    ]
    return Drawn(nodes, lines, list(groups.items()), note)
