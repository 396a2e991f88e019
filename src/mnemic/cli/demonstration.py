"""``demo``: a memory at work in half a minute, on a conversation that ships with mnemic."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.arguments import Profile, RecipeName, Tokens
from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.recalling import cost_words
from mnemic.cli.screen import Screen, counted, moment

if TYPE_CHECKING:
    from mnemic.cli.recalled import Line
    from mnemic.demo.trial import Asked

_BANK = "demo"


def demo(
    call: Call,
    recipe: RecipeName = None,
    profile: Profile = None,
    tokens: Tokens = 1500,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many of the best lines to show.")] = 3,
) -> Answer:
    """Remember nine months of a conversation and ask ten questions about it; needs no key and no network."""
    from mnemic.demo import trial

    events, questions = trial.conversation(), trial.questions()
    name = call.bank_name or _BANK
    with _stored(call) as placed, placed.memory(make=True) as memory, _advised():
        bank = memory.bank(name, recipe)
        with progress("remembering") as bar:
            started = time.perf_counter()
            written = bank.retain(events, close=True, on_progress=bar)
            retain_ms = 1000 * (time.perf_counter() - started)
        asked = []
        with progress("asking") as bar:
            for number, question in enumerate(questions):
                bar(number, len(questions))
                asked.append(trial.ask(bank, question, tokens, profile))
        full = memory.engine.models.counter().count(trial.as_one_text(events))
        summary = _summary(asked, full) | {
            "events": len(events),
            "added": len(written.added),
            "retain_ms": round(retain_ms, 1),
            "recipe": bank.recipe.name,
            "embedder": bank.stats()["embedder"],
        }
    then = _next(call, name)
    data = {"questions": [_question(one) for one in asked], "summary": summary, "next": then}

    def show(screen: Screen) -> None:
        screen.say(
            f"Marta tells an assistant about her life: {counted(len(events), 'message')} in "
            f"{counted(len({event.session for event in events}), 'session')}, from "
            f"{moment(events[0].occurred_at, time=False)} to {moment(events[-1].occurred_at, time=False)}. "
            f"Below each question: the best {top} of the lines recalled and those that hold the answer (✓), best "
            "first, with their place in the context, their date, speaker and source."
        )
        for number, one in enumerate(asked, 1):
            _show(screen, number, one, top)
        _conclude(screen, summary)
        screen.title("What to type next")
        for line in then:
            screen.code(line)

    return Answer(data, show)


@contextmanager
def _stored(call: Call) -> Iterator[Call]:
    """The call with a store of its own, unless one was named."""
    if call.store is not None:
        yield call
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="mnemic-demo-") as folder:
        yield replace(call, settings=replace(call.settings, store=f"{folder}/demo.db"))


@contextmanager
def _advised() -> Iterator[None]:
    from mnemic.core.errors import ModelUnavailable

    try:
        yield
    except ModelUnavailable as error:
        raise ModelUnavailable(
            f"{error}; or see the demo by words alone, without any model: mnemic demo --recipe bm25"
        ) from None


def _summary(asked: Sequence[Asked], full: int) -> dict[str, Any]:
    from statistics import median

    used = [one.context.cost.tokens for one in asked]
    return {
        "questions": len(asked),
        "complete": sum(one.complete for one in asked),
        "partial": sum(bool(one.places) and not one.complete for one in asked),
        "read_ms_p50": round(median(one.context.cost.ms for one in asked), 1),
        "tokens_mean": round(sum(used) / len(used)),
        "tokens_full": full,
        "calls": sum(one.context.cost.calls for one in asked),
    }


def _lines(asked: Asked) -> list[Line]:
    from mnemic.cli.recalled import lines_of

    return sorted(lines_of(asked.context), key=lambda line: line.rank)


def _question(asked: Asked) -> dict[str, Any]:
    marked = set(asked.places.values())
    lines = _lines(asked)
    ranks = [line.rank for line in lines if line.number in marked]
    return {
        "id": asked.question.id,
        "question": asked.question.question,
        "asked_at": asked.question.asked_at,
        "answer": asked.question.answer,
        "evidence": list(asked.question.evidence),
        "found": sorted(asked.places),
        "complete": asked.complete,
        "best_rank": min(ranks, default=None),
        "lines": [line.to_json() for line in lines],
        "cost": asked.context.cost.to_json(),
    }


def _show(screen: Screen, number: int, asked: Asked, top: int) -> None:
    lines = _lines(asked)
    marked = set(asked.places.values())
    screen.title(f"{number}. {asked.question.question}")
    screen.lines([line for line in lines if line.rank <= top or line.number in marked], marked)
    held, wanted = len(asked.places), len(asked.question.evidence)
    where = ", ".join(str(number) for number in sorted(marked))
    if asked.complete:
        screen.check("ok", f"evidence in {'lines' if len(marked) > 1 else 'line'} {where} of {len(lines)}")
    elif marked:
        screen.check(
            "warning",
            f"{held} of {wanted} pieces of evidence, in {where}; the rest is not among the {len(lines)} lines",
        )
    else:
        screen.check("failed", f"the evidence is not among the {len(lines)} lines")
    screen.note(f"Answer: {asked.question.answer}")
    screen.note(f"{counted(len(lines), 'line')} recalled · {cost_words(asked.context.cost)}")


def _conclude(screen: Screen, summary: dict[str, Any]) -> None:
    share = summary["tokens_mean"] / max(1, summary["tokens_full"])
    screen.title("Summary", f"recipe {summary['recipe']}, embedder {summary['embedder'] or 'none'}")
    partial = f", part of it for {summary['partial']} more" if summary["partial"] else ""
    screen.fields(
        [
            (
                "evidence",
                f"all of it in the context for {summary['complete']} of {summary['questions']} questions{partial}",
            ),
            ("read time", f"{summary['read_ms_p50']:.0f} ms (median)"),
            (
                "tokens",
                f"{summary['tokens_mean']:,} a question on average, of {summary['tokens_full']:,} "
                f"in the whole conversation ({share:.0%})",
            ),
            ("written", _written(summary)),
            ("model calls", f"{summary['calls']:,}"),
        ]
    )


def _written(summary: dict[str, Any]) -> str:
    if not summary["added"]:
        return f"{summary['events']:,} events, known already"
    return f"{summary['added']:,} events in {summary['retain_ms'] / 1000:.1f} s"


def _next(call: Call, bank: str) -> list[str]:
    store = call.store if call.store is not None else "demo.db"
    where = f"--store {shlex.quote(store)} --bank {shlex.quote(bank)}"
    keep = [] if call.store is not None else [f"mnemic demo {where}"]
    return [
        *keep,
        f'mnemic recall "Where does Marta live now?" {where}',
        f"mnemic why 1 {where}",
        f"mnemic list --limit 10 {where}",
        'echo "Anna: We moved to Lisbon in May." | mnemic retain -',
        'mnemic recall "Where does Anna live?"',
        "mnemic recipes",
    ]
