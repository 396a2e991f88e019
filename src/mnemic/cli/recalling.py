"""``recall``, ``why`` and ``receipts``: context out, and the account of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.arguments import AsOf, Limit, Profile, Tokens, point
from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Column, Screen, counted, moment

if TYPE_CHECKING:
    from mnemic.bank import Bank
    from mnemic.core.reading import Cost, Receipt
    from mnemic.core.record import Record


AskedAt = Annotated[
    str | None, typer.Option(metavar="TIME", help="What 'yesterday' in the question refers to; now by default.")
]
Recipient = Annotated[str, typer.Option(metavar="NAME", help="Who will learn of it; policies hold then.")]
Purpose = Annotated[str, typer.Option(metavar="WORD", help="What it is needed for; policies hold then.")]
Asker = Annotated[str, typer.Option(metavar="NAME", help="Who asks: what 'I' in the question refers to.")]


def recall(
    call: Call,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    tokens: Tokens = 1500,
    profile: Profile = None,
    as_of: AsOf = None,
    asked_at: AskedAt = None,
    asker: Asker = "",
    recipient: Recipient = "",
    purpose: Purpose = "",
) -> Answer:
    """Show the remembered lines that matter for a question, dated and with their source."""
    with progress("recalling"), call.read_for(recipient, purpose) as bank:
        context = bank.recall(
            question,
            tokens=tokens,
            profile=profile,
            as_of=None if as_of is None else point(as_of),
            asked_at=asked_at,
            asker=asker,
        )

    def show(screen: Screen) -> None:
        from mnemic.cli.recalled import lines_of

        lines = lines_of(context)
        if lines:
            screen.lines(lines)
        else:
            screen.say("Nothing was found.")
        for note in context.notes:
            screen.check("warning", note)
        screen.note(f"{counted(len(lines), 'line')} · {cost_words(context.cost)} · receipt {context.receipt}")

    return Answer(context.to_json(), show)


def answer(
    call: Call,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    tokens: Tokens = 1500,
    profile: Profile = None,
    as_of: AsOf = None,
    asked_at: AskedAt = None,
    asker: Asker = "",
    wishes: Annotated[str, typer.Option(metavar="TEXT", help="How to answer, such as 'in French'.")] = "",
    recipient: Recipient = "",
    purpose: Purpose = "",
) -> Answer:
    """Answer a question from memory by a language model, and show the lines that the answer rests on."""
    with progress("answering"), call.read_for(recipient, purpose) as bank:
        told = bank.answer(
            question,
            tokens=tokens,
            profile=profile,
            as_of=None if as_of is None else point(as_of),
            asked_at=asked_at,
            asker=asker,
            wishes=wishes,
        )

    def show(screen: Screen) -> None:
        from mnemic.cli.recalled import lines_of

        if told.failure:
            screen.check("failed", told.failure)
        elif not told.known:
            screen.say("The memory does not tell.")
        elif told.by == "rules":
            screen.say(f"Closest line (by rule, no language model answered): {told.text}")
        else:
            screen.say(told.text)
        rests = {citation.number for citation in told.citations} if told.known else set()
        screen.lines(line for line in lines_of(told.context) if not rests or line.number in rests)
        screen.note(f"by {told.by or 'nobody'} · {cost_words(told.cost)} · receipt {told.context.receipt}")

    return Answer(told.to_json(), show, 8 if told.failure else 0)


def cost_words(cost: Cost) -> str:
    """What a read cost, in words.

    >>> from mnemic.core.reading import Cost
    >>> cost_words(Cost(212, 0, 14.2))
    '212 tokens · 14 ms · 0 model calls'
    """
    return f"{counted(cost.tokens, 'token')} · {cost.ms:.0f} ms · {counted(cost.calls, 'model call')}"


def why(
    call: Call,
    line: Annotated[int | None, typer.Argument(metavar="[LINE]", help="Number of a line; all without it.")] = None,
    receipt: Annotated[
        str | None, typer.Option(metavar="ID", help="Receipt of the recall; the last one without it.")
    ] = None,
) -> Answer:
    """Tell why lines entered the context of a recall: channel, score and its parts."""
    from mnemic.core.errors import NotFound

    with call.bank() as bank:
        found = _receipt(bank, receipt)
        lines = [dict(entry) for entry in found.lines if line is None or entry["number"] == line]
        if line is not None and not lines:
            raise NotFound(f"line: receipt {found.id} has no line {line}; it has {len(found.lines)}")
        records = _records(bank, lines)
    data = {
        "receipt": found.id,
        "query": found.query,
        "recipe": found.recipe,
        "at": found.at.isoformat(),
        "lines": lines,
        "notes": list(found.notes),
    }

    def show(screen: Screen) -> None:
        screen.title(found.query, f"{found.recipe}, {moment(found.at)}")
        if line is None:
            columns = [
                Column("line", right=True),
                Column("score", right=True),
                *map(Column, ("found by", "because", "text")),
            ]
            screen.table(columns, [_row(entry, records) for entry in lines])
        for entry in lines if line is not None else ():
            _show_line(screen, entry, records)
        for note in found.notes:
            screen.check("warning", note)
        screen.note(f"{cost_words(found.cost)} · receipt {found.id}")

    return Answer(data, show)


def _receipt(bank: Bank, receipt_id: str | None) -> Receipt:
    from mnemic.core.errors import NotFound

    if receipt_id is not None:
        return bank.receipt(receipt_id)
    newest = bank.receipts(1)
    if not newest:
        raise NotFound(f"receipt: bank {bank.name!r} has none yet; recall something first")
    return newest[0]


def _records(bank: Bank, lines: list[dict[str, Any]]) -> dict[str, Record]:
    from mnemic.core.errors import NotFound

    found = {}
    for entry in lines:
        try:
            found[entry["record"]] = bank.get(entry["record"])
        except NotFound:
            continue
    return found


def _parts(hit: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in hit["parts"].items()) or "–"


def _text(entry: Mapping[str, Any], records: Mapping[str, Record]) -> str:
    record = records.get(entry["record"])
    return record.shown() if record else "(no longer there)"


def _row(entry: Mapping[str, Any], records: Mapping[str, Record]) -> list[str]:
    hit, text = entry["hit"], _text(entry, records)
    short = text if len(text) <= 70 else text[:69] + "…"
    return [str(entry["number"]), f"{hit['score']:.3f}", hit["channel"], _parts(hit), short]


def _show_line(screen: Screen, entry: Mapping[str, Any], records: Mapping[str, Record]) -> None:
    hit = entry["hit"]
    pairs = [
        ("text", _text(entry, records)),
        ("said", ", ".join(part for part in (moment(entry["when"]), entry["speaker"]) if part)),
        ("found by", hit["channel"]),
        ("score", f"{hit['score']:.4f}"),
        ("because", _parts(hit)),
        ("path", " → ".join(hit["path"])),
        ("record", entry["record"]),
        ("rests on", ", ".join(entry["events"])),
    ]
    screen.fields((name, value) for name, value in pairs if value)


def receipts(call: Call, limit: Limit = 20) -> Answer:
    """List what was recalled, newest first, with its cost."""
    with call.bank() as bank:
        found = bank.receipts(limit)

    def show(screen: Screen) -> None:
        columns = [
            Column("receipt", whole=True),
            Column("at"),
            Column("lines", right=True),
            Column("tokens", right=True),
            Column("ms", right=True),
            Column("question"),
        ]
        rows = ([r.id, moment(r.at), str(len(r.lines)), str(r.cost.tokens), f"{r.cost.ms:.0f}", r.query] for r in found)
        screen.table(columns, rows)

    return Answer({"receipts": [receipt.to_json() for receipt in found]}, show)
