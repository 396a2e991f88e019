"""``list``, ``show`` and ``history``: records as they are and were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.arguments import AsOf, Limit, RecordId, point
from mnemic.cli.command import Answer, Call
from mnemic.cli.screen import Column, Screen, counted, moment

if TYPE_CHECKING:
    from mnemic.bank import Bank
    from mnemic.core.evidence import Event
    from mnemic.core.record import Record


def list_(
    call: Call,
    kind: Annotated[list[str] | None, typer.Option(metavar="KIND", help="Only of this kind; may be repeated.")] = None,
    session: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only of this session.")] = None,
    speaker: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only by this speaker.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="active (default), archived, superseded, proposed ...")
    ] = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    after: Annotated[int, typer.Option(metavar="N", help="Skip the first N.")] = 0,
) -> Answer:
    """List records in order of time."""
    from mnemic.core.reading import Where

    where = Where(
        kinds=_some(kind),
        sessions=_some(session),
        actors=_some(speaker),
        states=_states(state),
    )
    with call.bank() as bank:
        page = bank.list(where, limit=limit, after=after, as_of=None if as_of is None else point(as_of))

    def show(screen: Screen) -> None:
        columns = [Column("record", whole=True), *map(Column, ("date", "kind", "speaker", "text"))]
        rows = ([r.id, _when(r), r.kind, r.actor or r.role, r.shown()] for r in page.records)
        screen.table(columns, rows)
        if page.next is not None:
            screen.note(f"There are more: add --after {page.next}")
        elif not page.records:
            screen.note("No record is like this.")

    return Answer({"records": [record.to_json() for record in page.records]}, show)


def _some(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None


def _states(given: list[str] | None) -> tuple[str, ...]:
    from mnemic.core.errors import BadInput
    from mnemic.core.record import STATES

    if unknown := [state for state in given or () if state not in STATES]:
        raise BadInput(f"--state: {unknown[0]!r} is unknown; use one of {', '.join(STATES)}")
    return tuple(given) if given else ("active",)


def _when(record: Record) -> str:
    from mnemic.core.record_times import when_of

    return moment(when_of(record), time=False)


def show(
    call: Call,
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of a record or of an event.")],
    as_of: AsOf = None,
) -> Answer:
    """Show a record with the events that it rests on, or an event."""
    with call.bank() as bank:
        record, events = _found(bank, id, None if as_of is None else point(as_of))
    data = {"record": record.to_json() if record else None, "events": [event.to_json() for event in events]}

    def shown(screen: Screen) -> None:
        if record is not None:
            screen.title(f"Record {record.id}")
            screen.say(record.value)
            screen.fields((name, value) for name, value in _facts(record) if value)
        for event in events:
            screen.title(f"Event {event.id}")
            screen.say("\n".join(part.text or part.uri for part in event.parts))
            screen.fields(_event_facts(event))

    return Answer(data, shown)


def _found(bank: Bank, wanted: str, as_of: str | int | None) -> tuple[Record | None, list[Event]]:
    from mnemic.core.errors import NotFound

    try:
        record = bank.get(wanted, as_of=as_of)
    except NotFound:
        try:
            return None, [bank.event(wanted)]
        except NotFound:
            raise NotFound(f"id: bank {bank.name!r} has no record and no event {wanted!r}") from None
    events = []
    for source in dict.fromkeys(span.source for span in record.sources):
        try:
            events.append(bank.event(source))
        except NotFound:
            # A source may be a record, from which this one was derived.
            continue
    return record, events


def _facts(record: Record) -> list[tuple[str, str]]:
    stats = record.stats.to_json()
    return [
        ("kind", record.kind),
        ("state", record.state),
        ("version", str(record.version)),
        ("when", _when(record)),
        ("speaker", record.actor or record.role),
        ("session", record.session),
        ("entities", ", ".join(record.entities)),
        ("tags", ", ".join(record.tags)),
        ("labels", ", ".join(record.labels)),
        ("epistemic", record.epistemic),
        ("confidence", "" if record.confidence is None else f"{record.confidence:.2f}"),
        ("found under", ", ".join(f"{name}: {key.text!r}" for name, key in record.keys.items())),
        ("derived from", ", ".join(record.derived_from)),
        ("use", ", ".join(f"{name} {value}" for name, value in stats.items())),
    ]


def _event_facts(event: Event) -> list[tuple[str, str]]:
    return [
        ("said", f"{moment(event.occurred_at)}, {event.speaker}"),
        ("session", event.session),
        ("recorded", moment(event.recorded_at)),
    ]


def history(call: Call, record: RecordId) -> Answer:
    """Show every version of a record, first to current, with what made it."""
    with call.bank() as bank:
        entries = bank.history(record)
    versions: list[dict[str, Any]] = [entry.to_json() for entry in entries]

    def shown(screen: Screen) -> None:
        screen.title(f"Record {record}", counted(len(entries), "version"))
        columns = [Column("version", right=True), Column("seq", right=True)]
        columns += map(Column, ("at", "change", "by", "state", "text", "reason"))
        states = ([e.record.state, e.record.value, v["reason"]] for v, e in zip(versions, entries, strict=True))
        made = ([str(v["version"]), str(v["seq"]), moment(v["at"]), v["op"], v["actor"]] for v in versions)
        rows = ([*left, *right] for left, right in zip(made, states, strict=True))
        screen.table(columns, rows)

    return Answer({"versions": versions}, shown)
