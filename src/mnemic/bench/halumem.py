"""HaluMem: what extractors and resolvers write and replace, against the memory points of annotated sessions.

    match(record, point)  = F1 over content terms >= MATCH
    recall                = share of points that some record of the session matches
    precision             = share of records that match some point of the session
    interference          = share of points that must not be stored that a record matches better than any true point
    update                = share of updates after which the new text is held and the old one is not current

No model judges. F1 of terms is a stern judge of wording and a mild one of meaning ("income rose" and "income fell"
share most terms), so figures compare systems with one another and are no absolute shares.
Source: "HaluMem: Evaluating Hallucinations in Memory Systems of Agents", arXiv 2511.03506, CC BY-NC-ND 4.0; user 12 of
its published slices. The data are not shipped with mnemic.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mnemic
from mnemic.bench.answering import model_free
from mnemic.bench.cache import CachedEmbedder, Charge
from mnemic.bench.datafile import find_file, read_jsonl
from mnemic.bench.part import PartReport
from mnemic.config import Settings
from mnemic.core.analysis import terms
from mnemic.core.chance import ManualClock
from mnemic.core.errors import BadInput, MnemicError
from mnemic.core.evidence import Event, Part
from mnemic.core.pipeline import Recipe
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.engine.tools import Models
from mnemic.models.language.given import Extractions, GivenExtractions
from mnemic.models.language.port import LanguageModel
from mnemic.models.language.rules import RuleModel
from mnemic.recipes import load_recipe, recipe_names

ORIGIN = "HaluMem's user 12 is published in github.com/77samuel/HaluMem (data/pilot_slices/); put it into halumem/"
#: Two texts are taken to say the same from this F1 of their terms on.
MATCH = 0.5
COLUMNS = {
    "recipe": "recipe",
    "records": "records",
    "recall": "recall",
    "precision": "precision",
    "f1": "F1",
    "interference": "interference stored",
    "updates": "updates right",
}
#: Sessions that are read unless more are asked for: they hold 158 points.
SESSIONS = 10
_PAGE = 10_000


@dataclass(frozen=True)
class Point:
    """What a session gives to remember, or ``false`` what must not be; ``replaces`` what it makes outdated."""

    text: str
    false: bool
    replaces: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """Turns and their memory points."""

    events: tuple[Event, ...]
    points: tuple[Point, ...]


def load_halumem(data_dir: Path) -> list[Session]:
    """The sessions of ``halumem/user12.jsonl``; raises BadInput when it is not there or of another form."""
    path = find_file([data_dir / "halumem" / "user12.jsonl"], ORIGIN)
    out = []
    for where, user in read_jsonl(path):
        try:
            out += [_session(number, session) for number, session in enumerate(user["sessions"])]
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"data: {where} is not in HaluMem's form ({error!r})") from None
    return out


def measure_part(data_dir: Path, out: Path, limit: int | None = None) -> PartReport:
    """Every recipe that writes without a language model over the first ``limit`` sessions. Raises BadInput."""
    sessions = load_halumem(data_dir)[: limit or SESSIONS]
    settings = Settings.load()
    models = Models(settings.embedder, settings.reranker, threads=settings.threads)
    models.embedder = CachedEmbedder(models.load_embedder(), out / "cache", Charge())
    recipes = [recipe for name in recipe_names() if model_free(recipe := load_recipe(name))]
    rows, failed = [], []
    for recipe in recipes:
        for model in (RuleModel(), given(sessions)) if writes_with_a_model(recipe) else (None,):
            name = f"{recipe.name} ({model.name})" if model else recipe.name
            try:
                rows.append({"recipe": name, **measure(recipe, sessions, models, model)})
            except MnemicError as error:
                failed.append(f"{name} failed: {error}")
    true = sum(not point.false for session in sessions for point in session.points)
    false = sum(point.false for session in sessions for point in session.points)
    updates = sum(bool(point.replaces) for session in sessions for point in session.points)
    notes = [
        f"{len(sessions)} sessions, {sum(len(session.events) for session in sessions)} messages, {true} memory points "
        f"({updates} of them updates) and {false} that must not be stored.",
        f"A record and a point match from an F1 of {MATCH} over their terms on; no model judges, so figures compare "
        "recipes with one another.",
        "Records are those that a session left behind, each once; tasks of a language model are answered by rule, so "
        "an extractor reports sentences as they were said. Recipes that keep turns stand for no extraction.",
        "'given' hands the true points to the recipe's extractor, spread over the user's turns: what is left to see is "
        "what its other stages make of them, its updates above all.",
        "An update is right when a current record matches the new text and none matches the old one better.",
        *failed,
    ]
    rows.sort(key=lambda row: -row["f1"])
    return PartReport("halumem", "HaluMem, user 12: extraction and updates", COLUMNS, rows, notes)


def writes_with_a_model(recipe: Recipe) -> bool:
    """Whether a recipe asks a language model before anything is read.

    >>> writes_with_a_model(load_recipe("bm25"))
    False
    """
    return any(chain.asks() for chain in (recipe.formation, *recipe.evolution))


def given(sessions: Sequence[Session]) -> GivenExtractions:
    """A stand-in that extracts the true points: those of a session are spread over the user's turns, in order."""
    facts: dict[str, list[str]] = {}
    for session in sessions:
        turns = [event.id for event in session.events if event.role == "user"]
        true = [point.text for point in session.points if not point.false]
        for place, text in enumerate(true):
            facts.setdefault(turns[place * len(turns) // len(true)], []).append(text)
    events = [event for session in sessions for event in session.events]
    return GivenExtractions(events, Extractions(facts))


def measure(
    recipe: Recipe, sessions: Sequence[Session], models: Models, model: LanguageModel | None = None
) -> dict[str, Any]:
    """What a recipe wrote of the sessions, held against their points."""
    found = right = records = kept = updated = 0
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock(sessions[0].events[0].occurred_at)
        opened = mnemic.open(
            Path(folder) / "memory.db",
            embedder=models.embedder,
            reranker=models.reranker,
            language_model=model or RuleModel(),
            clock=clock,
            seed=0,
        )
        with opened as memory:
            bank = memory.bank("halumem", recipe=recipe)
            seen: set[str] = set()
            for session in sessions:
                clock.at = max(clock.at, session.events[-1].occurred_at)
                bank.retain(session.events, close=True)
                bank.consolidate()
                current = list(bank.list(Where(), limit=_PAGE).records)
                new = [record for record in current if record.shown() not in seen]
                seen |= {record.shown() for record in new}
                true = [bag(point.text) for point in session.points if not point.false]
                written = [bag(text_of(record)) for record in new]
                records += len(written)
                found += sum(best(point, written) >= MATCH for point in true)
                right += sum(best(record, true) >= MATCH for record in written)
                kept += sum(_stored(point, true, written) for point in session.points if point.false)
                held = [bag(text_of(record)) for record in current]
                updated += sum(_replaced(point, held) for point in session.points if point.replaces)
        points = [point for session in sessions for point in session.points]
    wrong = sum(point.false for point in points)
    recall, precision = found / max(1, len(points) - wrong), right / max(1, records)
    return {
        "records": records,
        "recall": round(recall, 4),
        "precision": round(precision, 4),
        "f1": round(2 * recall * precision / (recall + precision), 4) if recall + precision else 0.0,
        "interference": round(kept / max(1, wrong), 4),
        "updates": round(updated / max(1, sum(bool(point.replaces) for point in points)), 4),
    }


def bag(text: str) -> frozenset[str]:
    """The terms of a text.

    >>> sorted(bag("Anna lives in Lisbon"))
    ['anna', 'lisbon', 'live']
    """
    return frozenset(terms(text))


def text_of(record: Record) -> str:
    """What a record says, with who said it: a turn in the first person is about its speaker."""
    return f"{record.actor} {record.shown()}".strip()


def f1(first: frozenset[str], second: frozenset[str]) -> float:
    """Twice the terms in common over all of both.

    >>> f1(bag("Anna lives in Lisbon"), bag("Anna lives in Porto"))
    0.6666666666666666
    """
    return 2 * len(first & second) / (len(first) + len(second)) if first or second else 0.0


def best(one: frozenset[str], others: Iterable[frozenset[str]]) -> float:
    """The F1 with the most alike of others; 0 when there are none.

    >>> best(bag("tea"), [bag("milk"), bag("green tea")])
    0.6666666666666666
    """
    return max((f1(one, other) for other in others), default=0.0)


def _stored(point: Point, true: Sequence[frozenset[str]], written: Sequence[frozenset[str]]) -> bool:
    """Whether a record says what must not be stored, and says it better than anything true."""
    false = bag(point.text)
    return any((score := f1(record, false)) >= MATCH and score > best(record, true) for record in written)


def _replaced(point: Point, held: Sequence[frozenset[str]]) -> bool:
    """Whether the new text is held, and no current record says the old one rather than the new."""
    new = bag(point.text)
    if best(new, held) < MATCH:
        return False
    old = [bag(text) for text in point.replaces]
    return not any((score := best(record, old)) >= MATCH and score > f1(record, new) for record in held)


def _session(number: int, session: dict[str, Any]) -> Session:
    events = tuple(
        Event(
            id=f"{number}:{place}",
            session=f"session_{number}",
            role=turn["role"],
            parts=(Part("text", turn["content"]),),
            occurred_at=_instant(turn["timestamp"]),
        )
        for place, turn in enumerate(session["dialogue"])
    )
    # The data say "True" and "False" as text.
    points = tuple(
        Point(
            point["memory_content"],
            point["memory_source"] == "interference",
            tuple(point["original_memories"]) if point["is_update"] == "True" else (),
        )
        for point in session["memory_points"]
    )
    return Session(events, points)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%b %d, %Y, %H:%M:%S").replace(tzinfo=UTC)
