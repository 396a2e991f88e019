"""Keys and grants in the store: who may act at all, and what is open to him.

A grant on one bank is kept with that bank and goes when it goes; keys, and grants on patterns of banks, belong to the
store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mnemic.auditing import Auditor
from mnemic.core.acting import Acting
from mnemic.core.chance import Clock, IdSource
from mnemic.core.errors import BadInput, NotFound, Unauthenticated
from mnemic.core.norms import Norms
from mnemic.core.scope import EVERYTHING, Scope
from mnemic.governance.grants import GROUP, Grant, wall_of
from mnemic.governance.keys import ApiKey, id_of, matches, mint
from mnemic.governance.patterns import fits
from mnemic.governance.policies import Policy
from mnemic.governance.roles import Right
from mnemic.messages import check_text
from mnemic.store.notes import WHOLE_STORE, Note
from mnemic.store.protocol import Store

KEY, GRANT, POLICY = "key", "grant/", "policy"
#: A key in steady use has its last use noted no more often than this.
_USE_NOTED = timedelta(hours=1)
_UNKNOWN = "the key or token is unknown, spent or forged; ask whoever runs this store for another"


@dataclass(frozen=True, slots=True)
class Access:
    """Keys, grants and policies of one store."""

    store: Store
    clock: Clock
    ids: IdSource
    auditor: Auditor

    # Keys.

    def create_key(self, name: str, *, expires: datetime | None = None, by: str = "") -> tuple[ApiKey, str]:
        """A new key and its text, which nobody can be shown again; it opens nothing before a grant is given to it."""
        check_text(name, "name", limit=200)
        if not name.strip():
            raise BadInput("name: is empty; say whose key it is, or what for")
        now = self.clock.now()
        if expires is not None and expires <= now:
            raise BadInput(f"expires: {expires.isoformat()} has passed; give a later instant")
        key, text = mint(name, now, expires=expires, by=by)
        self.store.put_note(Note(bank=WHOLE_STORE, kind="doors", id=KEY, at=now, body={}))
        self._keep(key)
        return key, text

    def _keep(self, key: ApiKey) -> None:
        self.store.put_note(Note(bank=WHOLE_STORE, kind=KEY, id=key.id, at=key.created, body=key.to_json()))

    def keys(self) -> list[ApiKey]:
        """All keys, by id."""
        return [ApiKey.from_json(note.body) for note in self.store.notes(WHOLE_STORE, KEY)]

    def revoke_key(self, key_id: str) -> ApiKey:
        """Take a key back, with all that was granted to it; raises NotFound."""
        note = self.store.note(WHOLE_STORE, KEY, key_id)
        if note is None:
            raise NotFound(f"key: there is none with id {key_id!r}; 'mnemic keys list' lists them")
        key = ApiKey.from_json(note.body)
        self.store.drop_note(WHOLE_STORE, KEY, key_id)
        for grant in self.grants(to=key.principal):
            self.take(grant.id)
        return key

    def holder(self, text: str) -> ApiKey:
        """The key that a text is; raises Unauthenticated, with the same words whatever is wrong."""
        now = self.clock.now()
        key_id = id_of(text)
        note = self.store.note(WHOLE_STORE, KEY, key_id or "")
        key = ApiKey.from_json(note.body) if note is not None else None
        if not matches(key, text, now) or key is None:
            raise Unauthenticated(_UNKNOWN)
        if key.last_used is None or now - key.last_used >= _USE_NOTED:
            used = replace(key, last_used=now)
            self.auditor.keep(Note(bank=WHOLE_STORE, kind=KEY, id=key.id, at=key.created, body=used.to_json()))
        return key

    @property
    def in_use(self) -> bool:
        """Whether any key was ever made: before that, whoever reaches the process is its owner.

        A store whose last key was revoked stays closed.
        """
        return self.store.note(WHOLE_STORE, "doors", KEY) is not None

    # Grants.

    def give(self, grant: Grant) -> Grant:
        """Keep a grant, under an id of its own if it has none; raises BadInput, or NotFound when the bank is none."""
        now = self.clock.now()
        grant = replace(grant.checked(), id=grant.id or self.ids.new(now))
        if not grant.holds(now):
            raise BadInput("expires: has passed; give a later instant")
        if grant.to.startswith("key:") and self.store.note(WHOLE_STORE, KEY, grant.to.removeprefix("key:")) is None:
            raise NotFound(f"to: there is no key {grant.to!r}; 'mnemic keys list' lists them")
        bank = WHOLE_STORE if grant.wide else grant.bank
        if bank and self.store.bank(bank) is None:
            raise NotFound(f"bank: there is none called {bank!r}; make it first, or grant a pattern such as {bank}*")
        self.store.put_note(Note(bank=bank, kind=GRANT + grant.to, id=grant.id, at=now, body=grant.to_json()))
        return grant

    def grants(self, *, to: str | None = None, bank: str | None = None) -> list[Grant]:
        """Grants to somebody, or that hold for a bank, or all; expired ones too."""
        banks = [row.name for row in self.store.banks() if not row.hidden] if bank is None else [bank]
        found = [grant for place in (WHOLE_STORE, *banks) for grant in self._kept(place)]
        return [g for g in found if (to is None or g.to == to) and (bank is None or fits(g.bank, bank))]

    def _kept(self, place: str) -> list[Grant]:
        return [Grant.from_json(note.body) for note in self.store.notes(place, GRANT, begins=True)]

    def grant(self, grant_id: str) -> Grant:
        """A grant by id; raises NotFound."""
        for grant in self.grants():
            if grant.id == grant_id:
                return grant
        raise NotFound(f"grant: there is none with id {grant_id!r}; 'mnemic grants list' lists them")

    def take(self, grant_id: str) -> Grant:
        """Take a grant away; raises NotFound."""
        grant = self.grant(grant_id)
        self.store.drop_note(WHOLE_STORE if grant.wide else grant.bank, GRANT + grant.to, grant_id)
        return grant

    def _given(self, acting: Acting, bank: str | None) -> list[Grant]:
        place = WHOLE_STORE if bank is None else bank
        named = (acting.principal, *(GROUP + group for group in acting.groups))
        found = [Grant.from_json(note.body) for to in named for note in self.store.notes(place, GRANT + to)]
        return [grant for grant in found if grant.is_to(acting)]

    def granted(self, acting: Acting, bank: str) -> list[Grant]:
        """The grants to somebody that name a bank, whatever for; only those that have not expired."""
        found = self._given(acting, None)
        if self.store.bank(bank) is not None:
            found += self._given(acting, bank)
        now = self.clock.now()
        return [grant for grant in found if grant.holds(now) and fits(grant.bank, bank)]

    def open_banks(self, acting: Acting, names: Sequence[str]) -> list[str]:
        """Those of the banks in which somebody has any grant."""
        if acting.is_local:
            return list(names)
        now = self.clock.now()
        wide = [grant.bank for grant in self._given(acting, None) if grant.holds(now)]

        def is_open(name: str) -> bool:
            return any(fits(p, name) for p in wide) or any(g.holds(now) for g in self._given(acting, name))

        return [name for name in names if is_open(name)]

    def wall(self, acting: Acting, bank: str, right: Right) -> Scope | None:
        """What is open to somebody of a bank for a right; None when nothing is."""
        if acting.is_local:
            return EVERYTHING
        return wall_of(self.granted(acting, bank), acting, bank, right, self.clock.now())

    def countable(self, acting: Acting, bank: str, right: Right) -> Scope | None:
        """The part of a bank that is open to somebody whomever he says he reads for; None when there is none.

        How much of it policies withhold may be told to him. A grant that is bound to recipients or purposes opens
        nothing else, so that a count would tell him of matters that he can never be shown.
        """
        if acting.is_local:
            return EVERYTHING
        free = [grant for grant in self.granted(acting, bank) if not (grant.recipients or grant.purposes)]
        return wall_of(free, acting, bank, right, self.clock.now())

    def holds(self, acting: Acting, pattern: str, right: Right) -> bool:
        """Whether somebody has a right on all banks of a pattern, to its full extent."""
        if acting.is_local:
            return True
        from mnemic.governance.patterns import within

        found = self._given(acting, None)
        if "*" not in pattern and self.store.bank(pattern) is not None:
            found += self._given(acting, pattern)
        now = self.clock.now()
        fitting = [replace(grant, bank="*") for grant in found if within(pattern, grant.bank)]
        wall = wall_of(fitting, acting, pattern, right, now)
        return wall is not None and not wall.walled

    # Policies.

    def set_policy(self, policy: Policy, bank: str = WHOLE_STORE) -> Policy:
        """Keep a policy for a bank or for the whole store, in place of one of its name."""
        now = self.clock.now()
        self.store.put_note(Note(bank=bank, kind=POLICY, id=policy.name, at=now, body=policy.to_json()))
        return policy

    def policies(self, bank: str = WHOLE_STORE) -> list[Policy]:
        """The policies of a bank, or of the whole store, by name."""
        return [Policy.from_json(note.body) for note in self.store.notes(bank, POLICY)]

    def drop_policy(self, name: str, bank: str = WHOLE_STORE) -> None:
        """Take a policy away; raises NotFound."""
        if not self.store.drop_note(bank, POLICY, name):
            raise NotFound(f"policy: there is none called {name!r}; 'mnemic policies list' lists them")

    def norms(self, acting: Acting, bank: str) -> tuple[Norms, ...]:
        """What the policies of the store and of a bank come to for a request.

        They bind everybody; the owner of the process only where he says for whom or what for he reads.
        """
        if acting.is_local and not (acting.recipient or acting.purpose):
            return ()
        found = [*self.policies(), *self.policies(bank)]
        return tuple(policy.norms(acting.recipient, acting.purpose) for policy in found)
