"""``vault`` and ``quarantine``: secrets that are sealed, and events that are kept back until somebody decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnemic.cli.command import Answer, Call, command
from mnemic.cli.screen import Column, Screen, counted, moment

if TYPE_CHECKING:
    from mnemic.core.outcomes import Written

vault = typer.Typer(rich_markup_mode=None, help="Secrets: make the vault's key, list, reveal and rotate.")
quarantine = typer.Typer(rich_markup_mode=None, help="Events that are kept back: list, release and reject them.")

Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; for the audit.")]
Ids = Annotated[list[str], typer.Argument(metavar="EVENT...", help="Ids of events that are kept back.")]


@command(vault)
def init(
    _: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key is to be kept.")],
) -> Answer:
    """Make a key file for the vault, readable by its owner alone."""
    from mnemic.governance.keyring import write_key_file
    from mnemic.models.extras import require

    require("cryptography", "vault")
    write_key_file(file)

    def show(screen: Screen) -> None:
        screen.say(f"Made {file}. Set vault_key_file to it, and keep a copy: without it no secret can be opened.")

    return Answer({"file": str(file)}, show)


@command(vault, name="list")
def secrets(call: Call) -> Answer:
    """List the secrets that are sealed: what they are called, never their words."""
    with call.bank() as bank:
        rows = [
            {"secret": entry.placeholder, "kind": entry.kind, "at": entry.at.isoformat(), "key": entry.key}
            for entry in bank.secrets()
        ]
        times = [entry.at for entry in bank.secrets()]

    def show(screen: Screen) -> None:
        screen.title(counted(len(rows), "secret"))
        told = [[row["secret"], row["kind"], moment(at)] for row, at in zip(rows, times, strict=True)]
        screen.table([Column("secret"), Column("kind"), Column("since")], told)

    return Answer({"secrets": rows}, show)


@command(vault)
def reveal(
    call: Call,
    secret: Annotated[str, typer.Argument(metavar="SECRET", help="Its placeholder, such as [secret:card:7f3a...].")],
    purpose: Annotated[str, typer.Option(metavar="TEXT", help="What it is needed for; asked for, and audited.")],
    reason: Reason = "",
) -> Answer:
    """Print the words of a secret; the audit knows of it."""
    with call.bank() as bank:
        words = bank.reveal(secret, purpose=purpose, reason=reason)
    return Answer({"secret": secret, "value": words}, lambda screen: screen.say(words))


@command(vault)
def rotate(call: Call) -> Answer:
    """Wrap the bank's keys with the current key of the vault, and seal its secrets under a new one."""
    with call.bank() as bank:
        opened = bank.entrance.vault(bank.engine)
        wrapped, sealed = opened.rewrap(bank.name), opened.renew(bank.name)
    data = {"keys": wrapped, "secrets": sealed}
    return Answer(data, lambda screen: screen.say(f"{counted(wrapped, 'key')} wrapped, {counted(sealed, 'secret')}."))


@command(quarantine, name="list")
def kept_back(call: Call) -> Answer:
    """List events that are kept back: what was said, by whom, and why it is kept back."""
    with call.bank() as bank:
        found = list(bank.quarantine())
    rows = [
        {"event": q.event.id, "session": q.event.session, "speaker": q.event.speaker, "text": q.event.text,
         "reasons": list(q.reasons), "by": q.by, "at": q.event.occurred_at.isoformat()}
        for q in found
    ]  # fmt: skip

    def show(screen: Screen) -> None:
        screen.title(f"{counted(len(found), 'event')} kept back")
        told = [[q.event.id, q.event.speaker, "; ".join(q.reasons), q.event.text[:200]] for q in found]
        screen.table([Column("event"), Column("speaker"), Column("why"), Column("text")], told)

    return Answer({"quarantine": rows}, show)


@command(quarantine)
def release(call: Call, events: Ids, reason: Reason = "") -> Answer:
    """Let events out and form them now."""
    with call.bank() as bank:
        return _decided(bank.release(events, reason=reason), "released", events)


@command(quarantine)
def reject(call: Call, events: Ids, reason: Reason = "") -> Answer:
    """Decide that events are never formed; they stay in evidence."""
    with call.bank() as bank:
        return _decided(bank.reject(events, reason=reason), "rejected", events)


def _decided(written: Written, word: str, events: list[str]) -> Answer:
    data = {"events": events, "decision": word, "records": len(written.records)}
    return Answer(data, lambda screen: screen.say(f"{counted(len(events), 'event')} {word}."))
