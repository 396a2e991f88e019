"""The way in: what every event passes before it becomes evidence. Its secrets go to the vault; what must not be
believed is kept back.

    events ──► secrets sealed, placeholders left ──► admission: in, or kept back with reasons ──► the engine
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mnemic.core.acting import LOCAL
from mnemic.core.cipher import KeyService
from mnemic.core.evidence import Event, Part, Span
from mnemic.core.op import Op
from mnemic.core.record import Key, Record
from mnemic.engine.engine import Engine
from mnemic.engine.intake import Written
from mnemic.engine.store_view import StoreView
from mnemic.governance.admission import Admission, Rules
from mnemic.governance.labelling import Labeller, label
from mnemic.governance.secrets import data_without_secrets, may_hold, without_secrets
from mnemic.vaulting import Vault, id_of

#: The note that keeps a bank's rules of admission.
RULES = "admission"
NO_RULES = Rules()
#: How many of the newest receipts an echo is looked for in.
_RECEIPTS = 5
#: Characters of a text on each side of a secret that its record keeps.
_AROUND = 60
_NAMES = {
    "token": "key or token", "private-key": "private key", "pin": "PIN or code", "iban": "bank account",
    "ssn": "social security number", "connection": "password of an address", "card": "payment card",
    "document": "identity document",
}  # fmt: skip


@dataclass(slots=True)
class Masking:
    """Takes secrets out of texts of one bank, and remembers which, until they are sealed."""

    vault: Vault
    bank: str
    #: What is to be sealed, by placeholder.
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    unsealed: int = 0

    def text(self, text: str) -> str:
        """The text with placeholders in place of its secrets."""
        masked = without_secrets(text, self._stand_in)
        return masked if self.vault.keys is not None else text

    def data(self, data: Any) -> Any:
        """JSON with placeholders in place of its secrets; the very same object when there are none."""
        before = len(self.secrets)
        masked = data_without_secrets(data, self._stand_in)
        changed = len(self.secrets) > before or masked != data
        return masked if changed and self.vault.keys is not None else data

    def event(self, event: Event) -> Event:
        """The event with placeholders in place of its secrets; the very same object when there are none."""
        if not (
            any(may_hold(text) for part in event.parts for text in (part.text, part.uri) if text)
            or event.meta
            or any(part.meta for part in event.parts)
            or may_hold(event.actor)
            or may_hold(event.session)
        ):
            return event
        masked = replace(
            event,
            parts=tuple(self._part(part) for part in event.parts),
            meta=self.data(event.meta) if event.meta else event.meta,
            actor=self.text(event.actor),
            session=self.text(event.session),
        )
        return masked if masked != event else event

    def _part(self, part: Part) -> Part:
        meta = self.data(part.meta) if part.meta else part.meta
        return replace(part, text=self.text(part.text), uri=self.text(part.uri), meta=meta)

    def _stand_in(self, kind: str, value: str) -> str:
        placeholder = self.vault.placeholder(self.bank, kind, value)
        if self.vault.keys is None:
            self.unsealed += 1
        else:
            self.secrets[placeholder] = value
        return placeholder

    def seal(self) -> None:
        """Hand over to the vault what was taken out; it is there when this returns."""
        self.vault.keep(self.bank, self.secrets)


@dataclass(frozen=True, slots=True)
class Entered:
    """Events as they may become evidence, reasons by the ids of those to be kept back, and what the vault got."""

    events: Sequence[Event]
    quarantined: Mapping[str, Sequence[str]]
    sealed: tuple[str, ...] = ()
    unsealed: int = 0
    by: str = ""
    confirming: bool = False
    #: Hands the secrets to the vault once more, after the write: an erasure may have let them go meanwhile, together
    #: with the last event that had held them before.
    keep: Callable[[], None] = field(default=lambda: None, repr=False)

    def told(self, written: Written) -> Written:
        """What a write did, with what befell the events on their way in."""
        added = set(written.added)
        kept = tuple(i for i in self.quarantined if i in added)
        return replace(
            written, quarantined=kept, sealed=len(self.sealed) if added else 0, unsealed=self.unsealed if added else 0
        )


@dataclass(slots=True)
class Entrance:
    """The way into the banks of a store: which keys its vault has, and how it judges what enters."""

    keys: KeyService | None = None
    admission: Admission = field(default_factory=Admission)
    #: Gives events the labels of what they are about; None gives none.
    labeller: Labeller | None = None
    #: Whether a language model looks at the labels when a bank is consolidated.
    asks_model: bool = False
    #: Keys of banks that were opened, by how they are wrapped: in memory alone.
    _opened: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)

    def vault(self, engine: Engine) -> Vault:
        """The vault of a store."""
        return Vault(engine.store, engine.clock, self.keys, self._opened)

    def enter(self, engine: Engine, bank: str, events: Sequence[Event], principal: str) -> Entered:
        """Let events in. Their secrets are sealed when this returns, before the events are written."""
        if self.labeller is not None:
            events = label(events, self.labeller)
        masking = Masking(self.vault(engine), bank)
        masked: Sequence[Event] = [masking.event(event) for event in events]
        if masking.secrets:
            masked = _as_known(engine, bank, events, masked, masking)
            masking.seal()
        rules = rules_of(engine, bank)
        kept = self.admission.judge(
            bank,
            masked,
            rules=rules,
            principal=principal,
            now=engine.clock.now(),
            recalled=lambda: _recalled(engine, bank),
        )
        # Who owns the process says so of everything; only others are worth a word in the log.
        by = "" if principal == LOCAL else principal
        return Entered(masked, kept, tuple(masking.secrets), masking.unsealed, by, rules.confirming, masking.seal)

    def sealed(self, engine: Engine, bank: str, text: str) -> str:
        """A text that is to be kept, without its secrets, which are in the vault when this returns."""
        if not may_hold(text):
            return text
        masking = Masking(self.vault(engine), bank)
        masked = masking.text(text)
        masking.seal()
        return masked

    def masked(self, engine: Engine, bank: str, text: str) -> str:
        """A text that is only asked, without its secrets: a placeholder that is known finds what was told with it."""
        vault = self.vault(engine)
        if vault.keys is None or not isinstance(text, str) or not may_hold(text):
            return text
        return without_secrets(text, lambda kind, value: vault.placeholder(bank, kind, value, make=False))


def rules_of(engine: Engine, bank: str) -> Rules:
    """What the owner of a bank has decided about what enters."""
    note = engine.store.note(bank, RULES, RULES)
    return Rules.from_json(note.body) if note is not None else NO_RULES


def _recalled(engine: Engine, bank: str) -> list[str]:
    """The texts that the newest receipts have told."""
    told = [str(line["record"]) for receipt in engine.store.receipts(bank, _RECEIPTS) for line in receipt.lines]
    if not told:
        return []
    with engine.store.snapshot(bank) as snapshot:
        return [record.value for record in snapshot.records(told).values()]


def _as_known(
    engine: Engine, bank: str, given: Sequence[Event], masked: Sequence[Event], masking: Masking
) -> list[Event]:
    """The events, each as it is in evidence where that differs by its secrets alone.

    What came before there was a vault key holds its secrets as they were said.
    """
    changed = [new.id for old, new in zip(given, masked, strict=True) if new is not old]
    with engine.store.snapshot(bank) as snapshot:
        known = snapshot.events(changed)
    return [
        stored if (stored := known.get(event.id)) is not None and masking.event(stored).sha == event.sha else event
        for event in masked
    ]


def secret_records(engine: Engine, bank: str, events: Sequence[Event], sealed: Sequence[str]) -> Written:
    """Make a record of kind ``secret`` of each that has none yet: what it is and where it was told, never its words."""

    def propose(view: StoreView) -> list[Op]:
        wanted = {f"secret-{id_of(placeholder).replace(':', '-')}": placeholder for placeholder in sealed}
        there = view.snapshot.records(list(wanted))
        made = [_record(i, placeholder, events) for i, placeholder in wanted.items() if i not in there]
        return [Op.add(record, reason="found on the way in", actor="vault") for record in made if record is not None]

    return engine.commit(bank, propose)


def _record(record_id: str, placeholder: str, events: Sequence[Event]) -> Record | None:
    event = next((e for e in events if placeholder in e.text), None) or next(
        (e for e in events if placeholder in str(e.to_json())), None
    )
    if event is None:
        return None
    kind = id_of(placeholder).partition(":")[0]
    name = f"{_NAMES.get(kind, kind)} told by {event.speaker}"
    place = event.text.find(placeholder)
    spans: tuple[Span, ...] = ()
    around = ""
    if place >= 0:
        low, high = max(0, place - _AROUND), place + len(placeholder) + _AROUND
        around = " ".join(event.text[low:high].split())
        spans = (event.span(place, place + len(placeholder)),)
    return Record(
        id=record_id,
        kind="secret",
        value=f"{name}: {placeholder}",
        keys={"said": Key(name)},
        fields={"title": name, "kind": kind, "placeholder": placeholder, "context": around},
        labels=event.labels,
        sources=spans or (event.span(0, 0),),
        session=event.session,
        actor=event.actor,
        role=event.role,
    )
