"""What can be asked of and done to what a bank keeps back and keeps sealed: a part of :class:`mnemic.bank.Bank`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mnemic.auditing import DONE, MAX_WORDS
from mnemic.browse_verbs import BrowseVerbs
from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, Denied, NotFound
from mnemic.core.norms import ALLOW
from mnemic.core.pipeline import Recipe
from mnemic.core.record import Record
from mnemic.engine.erasing.verifying import PATIENCE
from mnemic.engine.intake import Written
from mnemic.engine.quarantining import Quarantined, in_quarantine, reject_ops, release_ops
from mnemic.entering import RULES, Entered, rules_of, secret_records
from mnemic.governance.admission import Rules
from mnemic.messages import check_text
from mnemic.store.notes import Note
from mnemic.vaulting import Entry, id_of

MAX_REASON = 2000
_CONFIRMED = re.compile(
    r"\W*(?:yes|yep|yeah|correct|right|exactly|confirmed|i confirm|that'?s (?:right|true|correct)|(?:please )?"
    r"(?:remember|keep|save) (?:that|this|it))\b",
    re.IGNORECASE,
)


class CustodyVerbs(BrowseVerbs):
    """Quarantine and vault of a bank: what is in them, and what becomes of it."""

    __slots__ = ()

    acting: Acting

    @property
    def recipe(self) -> Recipe:
        """What the bank is kept by."""
        raise NotImplementedError

    def _entered(self, entered: Entered, written: Written) -> Written:
        """What becomes of the vault's part of a write, and what a user has confirmed by it."""
        if entered.sealed:
            written += secret_records(self.engine, self.name, entered.events, entered.sealed)
        if entered.confirming:
            written += self._confirmed(entered, written)
        return entered.told(written) if entered.quarantined or entered.sealed or entered.unsealed else written

    def _confirmed(self, entered: Entered, written: Written) -> Written:
        by_user = [e for e in entered.events if e.role == "user" and e.id in written.added]
        sessions = {event.session for event in by_user if _CONFIRMED.match(event.text)}
        if not sessions:
            return Written()
        kept = [q.event.id for q in self.quarantine() if q.event.session in sessions]
        before = [i for i in kept if i not in written.added]
        return self.release(before, reason="confirmed by the user") if before else Written()

    # Quarantine.

    def quarantine(self) -> Sequence[Quarantined]:
        """The events that are kept back: what was said, by whom, when, why it is kept back, and who brought it in."""
        with self.engine.store.snapshot(self.name) as snapshot:
            return in_quarantine(snapshot)

    def release(self, ids: Sequence[str], *, reason: str = "") -> Written:
        """Let events out of quarantine and form them now; raises NotFound when one is not kept back."""
        ids, said = self._named(ids), self._reason(reason)
        with self.engine.store.snapshot(self.name) as snapshot:
            sessions = dict.fromkeys(event.session for event in snapshot.events(ids).values())
        by = self.acting.principal
        written = self.engine.commit(self.name, lambda view: release_ops(view.snapshot, ids, said, by))
        written += self.engine.form_sessions(self.name, self.recipe, sessions, closed=True)
        return written + self.engine.run_due(self.name, self.recipe)

    def reject(self, ids: Sequence[str], *, reason: str = "") -> Written:
        """Decide that events are never formed; they stay in evidence. Raises NotFound when one is not kept back."""
        ids, said, by = self._named(ids), self._reason(reason), self.acting.principal
        return self.engine.commit(self.name, lambda view: reject_ops(view.snapshot, ids, said, by))

    def admission(self) -> Rules:
        """The rules by which the bank judges what enters."""
        return rules_of(self.engine, self.name)

    def admit_by(self, rules: Rules | Mapping[str, Any]) -> Rules:
        """Judge what enters by other rules from now on; raises BadInput naming the field."""
        checked = Rules.from_json(rules.to_json() if isinstance(rules, Rules) else rules)
        now = self.engine.clock.now()
        self.engine.store.put_note(Note(bank=self.name, kind=RULES, id=RULES, at=now, body=checked.to_json()))
        return checked

    # Vault.

    def secrets(self) -> Sequence[Entry]:
        """The secrets that the vault keeps of this bank: their placeholders, never their words."""
        return self.entrance.vault(self.engine).entries(self.name)

    def reveal(self, secret: str | Record, *, purpose: str, reason: str = "") -> str:
        """The words of a secret, named by its placeholder or record, for a purpose; written into the audit.

        Raises Denied where it is not open, NotFound when the bank keeps none of that name, StoreError when the vault's
        key is missing.
        """
        purpose, reason = check_text(purpose, "purpose", limit=MAX_REASON).strip(), self._reason(reason)
        if not purpose:
            raise BadInput("purpose: is empty; say what the secret is needed for")
        named = str(secret.fields.get("placeholder", "")) if isinstance(secret, Record) else secret
        check_text(named, "secret", limit=MAX_REASON)
        if named.startswith("secret-"):
            named = str(self.get(named).fields.get("placeholder", ""))
        placeholder = f"[secret:{id_of(named)}]"
        self._check_open(placeholder)
        value = self.entrance.vault(self.engine).reveal(self.name, placeholder)
        # Nothing is given out that the audit does not know of: the entry is committed before the value is returned.
        body = {"outcome": DONE, "secret": placeholder, "purpose": self._sealed(purpose), "reason": reason}
        if self.acting.recipient:
            body["recipient"] = self.acting.recipient[:MAX_WORDS]
        self.engine.store.put_audit(self.name, self.engine.clock.now(), self.acting.principal, "reveal", body)
        return value

    def forget_secrets(self, secrets: Sequence[str]) -> int:
        """Destroy sealed secrets, named by their placeholders; gives how many. Their placeholders stay in the texts.

        Raises NotFound when the vault keeps none of one's name; nothing is destroyed then.
        """
        named = [secrets] if isinstance(secrets, str) else list(secrets)
        if not named:
            raise BadInput("secrets: name one placeholder or more")
        vault = self.entrance.vault(self.engine)
        wanted = dict.fromkeys(f"[secret:{id_of(check_text(one, 'secrets', limit=MAX_REASON))}]" for one in named)
        there = {entry.placeholder for entry in vault.entries(self.name)}
        for placeholder in wanted:
            if placeholder not in there:
                raise NotFound(f"secrets: bank {self.name!r} keeps none called {placeholder}; 'secrets' lists them")
        count = vault.forget(self.name, wanted)
        # What was deleted leaves the write-ahead log and the free pages too.
        self.engine.store.purge(self.name, thorough=False, patience=PATIENCE)
        return count

    def _check_open(self, placeholder: str) -> None:
        # To know a placeholder is no right: the record must be seen, and whole. One refusal for all that is not.
        refused = Denied(f"reveal: no secret called {placeholder} is open here; ask whoever governs bank {self.name!r}")
        if not self.scope.secrets:
            raise refused
        if self.scope.narrow:
            try:
                record = self.get(f"secret-{id_of(placeholder).replace(':', '-')}")
            except NotFound:
                raise refused from None
            if self.scope.flow(record.labels) != ALLOW:
                raise refused

    def _named(self, ids: Sequence[str]) -> list[str]:
        named = [ids] if isinstance(ids, str) else list(dict.fromkeys(ids))
        if not named:
            raise BadInput("ids: name one event or more")
        return named

    def _reason(self, reason: str) -> str:
        return self._sealed(check_text(reason, "reason", limit=MAX_REASON))
