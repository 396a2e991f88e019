"""One record: what it says and why it can be believed: its evidence, history, links and use, and ways to change it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from mnemic.answers import HistoryEntry
from mnemic.core.errors import BadInput, NotFound
from mnemic.core.evidence import Event
from mnemic.core.experience import FEEDBACK_KINDS
from mnemic.core.record import Record
from mnemic.guarded import GuardedBank
from mnemic.serve.dashboard import links
from mnemic.serve.dashboard.asked import OpenBank, Sent, back
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.rendering import page

router = APIRouter(route_class=PageRoute)
#: Of long texts so many characters are compared and shown; the rest is there to be unfolded.
LONG = 4000
LINKS = 40
RECALLS = 12
RECENT_RECALLS = 200
_COMPARED = ("kind", "state", "tier", "epistemic", "confidence", "importance", "entities", "tags", "labels")


@dataclass(frozen=True, slots=True)
class Quoted:
    """An event with the stretch of it that a record rests on."""

    event: Event
    before: str
    marked: str
    after: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a record with what changed from the one before: runs of words that stayed, came or went."""

    entry: HistoryEntry
    words: Sequence[tuple[str, str]]
    fields: Sequence[tuple[str, str, str]]


@router.get("/banks/{bank}/records/{record}")
def shown(request: Request, opened: OpenBank, record: str) -> Response:
    """The page of a record."""
    found = opened.get(links.named(record))
    history = opened.history(found.id)
    edges, ends = opened.links([found.id])
    derived = _there(opened, found.derived_from[:LINKS])
    recalled = opened.recalled(found.id, among=RECENT_RECALLS)
    return page(
        request,
        "record.html",
        bank=opened.name,
        section="records",
        record=found,
        long=len(found.value) > LONG,
        quotes=quotes(opened, found),
        derived=derived,
        steps=steps(history)[::-1],
        edges=edges[:LINKS],
        more_edges=max(0, len(edges) - LINKS),
        ends=ends,
        recalled=recalled[:RECALLS],
        recalls=len(recalled),
        among=RECENT_RECALLS,
        kinds=[kind for kind in FEEDBACK_KINDS if kind not in ("label", "correction")],
    )


def _there(opened: GuardedBank, ids: Sequence[str]) -> list[Record]:
    return list(opened.records(ids).values()) if ids else []


def quotes(opened: GuardedBank, record: Record) -> list[Quoted]:
    """The events that a record rests on, each with its stretch marked."""
    out = []
    for span in record.sources[:LINKS]:
        try:
            event = opened.event(span.source)
        except NotFound:
            continue
        text = event.text
        start, end = span.start, span.end or len(text)
        out.append(Quoted(event, text[:start][-LONG:], text[start:end][:LONG], text[end:][:LONG], end - start > LONG))
    return out


def steps(history: Sequence[HistoryEntry]) -> list[Step]:
    """What each version changed."""
    out: list[Step] = []
    former: Record | None = None
    for entry in history:
        new = entry.record
        fields = [] if former is None else fields_changed(former, new)
        out.append(Step(entry, words_changed(former.value if former else "", new.value), fields))
        former = new
    return out


def fields_changed(former: Record, new: Record) -> list[tuple[str, str, str]]:
    """The fields besides the value that differ between two versions: name, before, after."""
    pairs = [(name, _told(getattr(former, name)), _told(getattr(new, name))) for name in _COMPARED]
    # Of fields that recipes choose themselves each is told on its own.
    names = sorted({*former.fields, *new.fields})
    pairs += [(name, _told(former.fields.get(name)), _told(new.fields.get(name))) for name in names]
    pairs += [
        (f"{name} time", str(getattr(former.times, name) or ""), str(getattr(new.times, name) or ""))
        for name in ("event", "valid")
    ]
    return [(name, a[:300], b[:300]) for name, a, b in pairs if a != b]


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple | list) and all(isinstance(word, str) for word in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def words_changed(before: str, after: str) -> list[tuple[str, str]]:
    """Runs of words: ``("=" | "-" | "+", text)``.

    >>> words_changed("She lives in Porto", "She lives in Lisbon")
    [('=', 'She lives in'), ('-', 'Porto'), ('+', 'Lisbon')]
    """
    if before == after:
        return [("=", after[:LONG])]
    old, new = before[:LONG].split(), after[:LONG].split()
    out: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(("=", " ".join(old[a:b])))
            continue
        if b > a:
            out.append(("-", " ".join(old[a:b])))
        if d > c:
            out.append(("+", " ".join(new[c:d])))
    return out


@router.post("/banks/{bank}/records/{record}")
def change(opened: OpenBank, record: str, form: Sent) -> Response:
    """Reword a record, set it aside, bring it back, or tell what became of it."""
    wanted, reason = links.named(record), form.one("reason").strip()
    action = form.one("action")
    if action == "update":
        opened.update(wanted, form.one("value").replace("\r\n", "\n"), reason=reason)
    elif action == "delete":
        opened.delete(wanted, reason=reason)
    elif action == "restore":
        opened.restore(wanted, reason=reason)
    elif action == "label":
        opened.feedback("label", [wanted], text=form.one("label").strip())
    elif action in FEEDBACK_KINDS:
        opened.feedback(action, [wanted], receipt=form.one("receipt"))
    else:
        raise BadInput(f"action: {action[:40]!r} is none that a record has")
    return back("banks", opened.name, "records", wanted, done=action)
