"""``keys``, ``grants``, ``policies`` and ``audit``: who may do what, in which context, and what was done."""

from __future__ import annotations

import json
import tomllib
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnemic.cli.command import Answer, Call, command
from mnemic.cli.screen import Column, Screen, counted, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mnemic.guarded import GuardedMemory
    from mnemic.verifying import Verified

keys = typer.Typer(rich_markup_mode=None, help="API keys: make, list and revoke them.")
grants = typer.Typer(rich_markup_mode=None, help="Grants: who may do what in which banks.")
policies = typer.Typer(rich_markup_mode=None, help="Policies: what may flow to whom and what for.")
audit = typer.Typer(rich_markup_mode=None, help="The audit: what was done, by whom and why.")

Days = Annotated[float | None, typer.Option(metavar="N", min=0.001, help="Days until it expires; never without it.")]
Role = Annotated[str, typer.Argument(metavar="ROLE", help="Such as reader, writer, editor, governor; or several by +.")]
Words = Annotated[list[str] | None, typer.Option(metavar="WORD", help="May be given several times.")]


@contextmanager
def _owner(call: Call) -> Iterator[GuardedMemory]:
    from mnemic.core.acting import Acting

    with call.memory() as memory:
        yield memory.acting(Acting())


def _until(memory: GuardedMemory, days: float | None) -> datetime | None:
    return None if days is None else memory.open.engine.clock.now() + timedelta(days=days)


@command(keys)
def create(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is, or what for.")],
    role: Annotated[str | None, typer.Option(metavar="ROLE", help="What it may do; nothing without it.")] = None,
    banks: Annotated[
        list[str] | None, typer.Option("--in", metavar="BANK", help="Where: a bank, or a pattern such as team-*.")
    ] = None,
    days: Days = None,
) -> Answer:
    """Make a key; its text is shown this once."""
    with _owner(call) as memory:
        key, text = memory.create_key(name, role=role, banks=banks or (), expires=_until(memory, days))
    data = {"key": key.shown(), "text": text}

    def show(screen: Screen) -> None:
        screen.say(text)
        screen.note(f"This is {key.principal}. It is not shown again; send it as 'Authorization: Bearer KEY'.")

    return Answer(data, show)


@command(keys, name="list")
def list_keys(call: Call) -> Answer:
    """List the keys, without their texts."""
    with _owner(call) as memory:
        kept = memory.keys()
        rows = [key.shown() for key in kept]

    def show(screen: Screen) -> None:
        columns = [Column("key", whole=True), *map(Column, ("name", "created", "expires", "last used"))]
        times = ("created", "expires", "last_used")
        screen.table(columns, ([r["principal"], r["name"], *((r[t] or "")[:16] for t in times)] for r in rows))

    return Answer({"keys": rows}, show)


@command(keys)
def revoke(call: Call, key: Annotated[str, typer.Argument(metavar="KEY", help="Id of a key, or key:ID.")]) -> Answer:
    """Take a key back, with all that was granted to it."""
    with _owner(call) as memory:
        gone = memory.revoke_key(key.removeprefix("key:"))
    return Answer({"revoked": gone.id}, lambda screen: screen.say(f"{gone.principal} opens nothing any more."))


@command(grants)
def give(
    call: Call,
    to: Annotated[str, typer.Argument(metavar="WHO", help="key:ID, oidc:ISSUER|SUBJECT or group:NAME.")],
    role: Role,
    place: Annotated[str, typer.Option("--in", metavar="BANK", help="A bank, or a pattern such as team-*.")] = "*",
    only: Words = None,
    without: Words = None,
    purpose: Words = None,
    recipient: Words = None,
    days: Days = None,
) -> Answer:
    """Grant a role in a bank, or in a pattern of banks; labels, purposes and recipients narrow it."""
    with _owner(call) as memory:
        made = memory.give(
            to, place, role, only=only or (), without=without or (), purposes=purpose or (), recipients=recipient or (),
            expires=_until(memory, days),
        )  # fmt: skip
    return Answer({"grant": made.to_json()}, lambda screen: screen.say(f"Grant {made.id}: {to} is {role} in {place}."))


@command(grants, name="list")
def list_grants(call: Call) -> Answer:
    """List the grants, those that have expired too."""
    with _owner(call) as memory:
        rows = [grant.to_json() for grant in memory.grants(bank=call.bank_name)]

    def show(screen: Screen) -> None:
        columns = [Column("grant", whole=True), *map(Column, ("to", "bank", "role", "narrowed by", "expires"))]
        narrow = ("only", "without", "purposes", "recipients")
        words = ["; ".join(f"{n} {', '.join(r[n])}" for n in narrow if r.get(n)) for r in rows]
        cells = (
            [r["id"], r["to"], r["bank"], r["role"], w, r.get("expires", "")] for r, w in zip(rows, words, strict=True)
        )
        screen.table(columns, cells)

    return Answer({"grants": rows}, show)


@command(grants)
def take(call: Call, grant: Annotated[str, typer.Argument(metavar="GRANT", help="Id of a grant.")]) -> Answer:
    """Take a grant away."""
    with _owner(call) as memory:
        gone = memory.take(grant)
    return Answer({"taken": gone.to_json()}, lambda screen: screen.say(f"{gone.to} is no longer {gone.role} there."))


@command(policies, name="set")
def set_(
    call: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy in TOML or JSON; see the docs.")]
) -> Answer:
    """Keep a policy, for one bank with --bank, else for the whole store."""
    from mnemic.core.errors import BadInput
    from mnemic.governance.policies import Policy

    try:
        text = file.read_text("utf-8")
        data = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: is no policy ({error})") from None
    with _owner(call) as memory:
        kept = memory.set_policy(Policy.from_json(data), bank=call.bank_name)
    where = f"bank {call.bank_name!r}" if call.bank_name else "the whole store"
    said = f"Policy {kept.name!r} with {counted(len(kept.rules), 'rule')} holds for {where}."
    return Answer({"policy": kept.to_json()}, lambda screen: screen.say(said))


@command(policies, name="list")
def list_policies(call: Call) -> Answer:
    """List the policies of the store, or of one bank with --bank."""
    with _owner(call) as memory:
        rows = [policy.to_json() for policy in memory.policies(bank=call.bank_name)]

    def show(screen: Screen) -> None:
        lines = [
            [p["name"], rule["id"], ", ".join(rule["labels"]), rule["recipient"], rule["purpose"], rule["flow"]]
            for p in rows
            for rule in [
                *p["rules"],
                {"id": "default", "labels": [], "recipient": "", "purpose": "", "flow": p["default"]},
            ]
        ]
        screen.table(list(map(Column, ("policy", "rule", "labels", "recipient", "purpose", "flow"))), lines)

    return Answer({"policies": rows}, show)


@command(policies)
def drop(call: Call, name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a policy.")]) -> Answer:
    """Take a policy away, from one bank with --bank, else from the store."""
    with _owner(call) as memory:
        memory.drop_policy(name, bank=call.bank_name)
    return Answer({"dropped": name}, lambda screen: screen.say(f"Policy {name!r} holds no more."))


@command(audit, name="show")
def show_(
    call: Call,
    after: Annotated[int, typer.Option(metavar="N", help="Only entries behind this one.")] = 0,
    limit: Annotated[int, typer.Option(metavar="N", help="How many at most.")] = 100,
) -> Answer:
    """Show the audit of one bank with --bank, else that of the store."""
    with _owner(call) as memory:
        entries = memory.audit(call.bank_name, after=after, limit=limit)

    def show(screen: Screen) -> None:
        columns = [Column("n", right=True), *map(Column, ("at", "who", "verb", "outcome", "for", "purpose", "what"))]
        told = ("outcome", "recipient", "purpose")
        rest = (json.dumps({k: v for k, v in e.body.items() if k not in told}) for e in entries)
        rows = (
            [str(e.n), moment(e.at), e.who, e.verb, *(str(e.body.get(name, "")) for name in told), what]
            for e, what in zip(entries, rest, strict=True)
        )
        screen.table(columns, rows)

    return Answer({"entries": [entry.to_json() for entry in entries]}, show)


@command(audit)
def verify(
    call: Call,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An exported audit; the store is not opened.")
    ] = None,
    witness: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What a witness kept; the one of the setting audit_witness without it."),
    ] = None,
    public: Annotated[
        str, typer.Option(metavar="KEY", help="With --file: the public key that the witness must be signed with.")
    ] = "",
) -> Answer:
    """Check that no entry was changed or left out, nor its end cut off; ends with 1 when one was."""
    from mnemic.verifying import verify_file
    from mnemic.witness import read_witness

    if file is not None:
        found = verify_file(file, read_witness(witness, public=public) if witness is not None else None)
    else:
        with _owner(call) as memory:
            found = memory.verify_audit(witness=witness)
    return Answer(found.to_json(), lambda screen: _told(screen, found), exit_code=0 if found.holds else 1)


def _told(screen: Screen, found: Verified) -> None:
    for what in found.broken:
        screen.say(what)
    for bank, runs in found.past.items():
        stretches = ", ".join(f"{low} to {high}" for low, high in runs)
        screen.say(f"bank {bank!r}: what the log has at {stretches} was written past the doors")
    if found.torn:
        screen.say(f"the witness has {counted(found.torn, 'line')} that cannot be read")
    if found.witnessed is not None:
        signed = f", signed with the key {found.witness_key}" if found.witness_key else ""
        screen.say(f"{counted(found.witnessed, 'entry', 'entries')} were witnessed{signed}.")
    if found.exported is not None:
        since = f"; {counted(found.later, 'entry', 'entries')} were witnessed since" if found.later else ""
        screen.say(f"The export was made at {moment(found.exported)}{since}.")
    if found.holds:
        screen.say(f"Every chain holds: {counted(sum(found.entries.values()), 'entry', 'entries')}.")


@command(audit)
def export(call: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")]) -> Answer:
    """Write the whole audit to a file that can be checked without the store."""
    with _owner(call) as memory:
        count = memory.export_audit(file)
    said = f"{counted(count, 'entry', 'entries')} in {file}; check them with 'mnemic audit verify --file {file}'."
    return Answer({"file": str(file), "entries": count}, lambda screen: screen.say(said))
