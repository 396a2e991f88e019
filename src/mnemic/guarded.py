"""Memories and banks behind a door: each verb asks for the right to it, and is written into the audit.

What a reader may not see is kept out before any search (law 9): a bank is handed out with the scope that grants and
policies leave of it. A verb that is in no table here is nobody's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from mnemic.audited import facts_of, names_of
from mnemic.auditing import FAILED
from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, Denied, NotFound
from mnemic.core.observing import span
from mnemic.core.scope import EVERYTHING, Scope
from mnemic.governance.roles import Right
from mnemic.governing import GoverningVerbs
from mnemic.messages import check_name
from mnemic.store.notes import WHOLE_STORE
from mnemic.tending import TendingVerbs

if TYPE_CHECKING:
    from mnemic.bank import Bank
    from mnemic.memory import Memory
    from mnemic.store.protocol import BankRow

__all__ = ["BANK_VERBS", "MEMORY_VERBS", "READING", "SCOPED", "GuardedBank", "GuardedMemory", "Right"]

#: The right that each verb of a bank asks for. What is not named here is nobody's.
BANK_VERBS: Mapping[str, Right] = MappingProxyType(
    {
        "search": Right.READ, "recall": Right.READ, "recall_many": Right.READ, "answer": Right.READ, "get": Right.READ,
        "list": Right.READ, "event": Right.READ, "events": Right.READ, "history": Right.READ, "receipt": Right.READ,
        "receipts": Right.READ, "why": Right.READ, "stats": Right.READ, "tally": Right.READ, "matching": Right.READ,
        "sessions": Right.READ, "words": Right.READ, "links": Right.READ, "recalled": Right.READ, "spent": Right.READ,
        "newest": Right.READ, "last_written": Right.READ, "timeline": Right.READ, "together": Right.READ,
        "records": Right.READ, "last_seq": Right.READ,
        "retain": Right.WRITE, "close_sessions": Right.WRITE, "form": Right.WRITE, "consolidate": Right.WRITE,
        "reflect": Right.WRITE, "feedback": Right.WRITE,
        "update": Right.CHANGE, "delete": Right.CHANGE, "restore": Right.CHANGE, "rollback": Right.CHANGE,
        "log": Right.CHANGE, "diff": Right.CHANGE, "relabel": Right.CHANGE, "unlabel": Right.UNLABEL,
        "switch": Right.GOVERN, "quarantine": Right.GOVERN, "release": Right.GOVERN, "reject": Right.GOVERN,
        "admission": Right.GOVERN, "admit_by": Right.GOVERN, "reveal": Right.REVEAL, "secrets": Right.REVEAL,
        "forget_secrets": Right.ERASE, "rotate_vault": Right.GOVERN,
        "erase": Right.ERASE, "erase_plan": Right.ERASE, "erasures": Right.ERASE, "finish_erasures": Right.ERASE,
        "erasure_holds": Right.ERASE, "trial": Right.WRITE,
    }
)  # fmt: skip
#: The right that each verb of a memory asks for, on the bank that it is given first.
MEMORY_VERBS: Mapping[str, Right] = MappingProxyType(
    {
        "branch": Right.EXPORT, "export": Right.EXPORT, "import_bank": Right.CREATE, "reembed": Right.GOVERN,
        "switch": Right.GOVERN, "switching": Right.READ, "give_up_switch": Right.GOVERN, "check": Right.GOVERN,
        "tune": Right.GOVERN, "seal": Right.GOVERN, "unseal": Right.GOVERN,
    }
)  # fmt: skip
#: Verbs that a second right opens as well.
BESIDES: Mapping[str, Right] = MappingProxyType(
    {"secrets": Right.GOVERN, "erasures": Right.GOVERN, "erasure_holds": Right.GOVERN}
)
#: Verbs that leave their own entry, before they give anything out.
SELF_NOTED = frozenset({"reveal"})
#: Verbs by which what is remembered is written and put right every day; all others that do something govern.
EVERYDAY = frozenset(verb for verb, right in BANK_VERBS.items() if right in (Right.WRITE, Right.CHANGE))
#: Verbs that only look: their entries in the audit are written behind.
READING = frozenset(
    {"search", "recall", "recall_many", "answer", "get", "list", "event", "events", "history", "receipt", "receipts",
     "why", "stats", "tally", "matching", "sessions", "words", "links", "recalled", "spent", "newest", "last_written",
     "timeline", "together", "records", "last_seq", "log", "diff", "switching", "check", "quarantine", "admission",
     "secrets", "erase_plan", "erasures", "erasure_holds"}
)  # fmt: skip
#: Verbs that keep to a scope. All others take the whole bank, and are closed to whoever may see only a part of it.
SCOPED = frozenset(
    {"search", "recall", "recall_many", "answer", "get", "list", "event", "events", "history", "receipt", "receipts",
     "why", "stats", "tally", "matching", "sessions", "words", "links", "recalled", "newest", "log", "diff", "records",
     "timeline", "together",
     "retain", "feedback", "update", "delete", "restore", "relabel"}
)  # fmt: skip


def _denied(bank: str, verb: str) -> Denied:
    # The same words whether the bank is there or not, and whatever is missing.
    return Denied(f"{verb}: there is no grant to do this in bank {bank!r}; ask whoever governs it")


@dataclass(frozen=True, slots=True)
class GuardedBank:
    """A bank as somebody may use it: the verbs of :class:`mnemic.bank.Bank`; raises Denied where there is no grant."""

    open: Bank = field(repr=False)
    memory: GuardedMemory

    @property
    def name(self) -> str:
        """The bank's name."""
        return self.open.name

    @property
    def acting(self) -> Acting:
        """Who uses it, for whom and what for."""
        return self.memory.acting

    def scope(self, verb: str) -> Scope:
        """What is open for a verb; raises Denied."""
        return self.memory.opened(self.name, verb, self.memory.right_of(self.name, verb))

    def may(self, verb: str) -> bool:
        """Whether a verb is open, without using it: nothing is noted."""
        return self.memory.may(self.name, verb)

    def __getattr__(self, verb: str) -> Any:
        if verb not in BANK_VERBS or not hasattr(self.open, verb):
            raise AttributeError(verb)
        return functools.partial(self._do, verb)

    def _do(self, verb: str, *given: Any, **named: Any) -> Any:
        scope = self.scope(verb)
        bank = replace(self.open, scope=scope, acting=self.acting)
        if verb == "erase" and not self.acting.is_local:
            # A receipt names who truly asked; and banks that branched off are other banks.
            named["who"] = self.acting.principal
            if named.get("branches"):
                self.memory.opened_store(verb, Right.ERASE)
        return self.memory.noted(verb, self.name, functools.partial(getattr(bank, verb), *given, **named), given)


@dataclass(frozen=True, slots=True)
class GuardedMemory(GoverningVerbs, TendingVerbs):
    """A memory as somebody may use it: the verbs of :class:`mnemic.memory.Memory` on the banks granted to him."""

    open: Memory = field(repr=False)
    acting: Acting

    def bank(
        self, name: str | None = None, recipe: str | None = None, *, create: bool = False, sealed: bool = False
    ) -> GuardedBank:
        """A bank that is granted; raises Denied, also where there is none of that name and none may be made.

        To make one asks for a right of its own; whoever made it owns it. ``recipe`` changes what a bank is kept by,
        which its governors may.
        """
        name = check_name(self.open.settings.bank if name is None else name)
        access = self.open.access
        there = self.open.engine.store.bank(name) is not None
        if not there and create and access.holds(self.acting, name, Right.CREATE):
            made = self.noted("create", name, lambda: self.open.bank(name, recipe, sealed=sealed))
            if not self.acting.is_local:
                self._own(name)
            return GuardedBank(made, self)
        if not self.acting.is_local and not access.granted(self.acting, name):
            self.refuse(name, "open")
        if not there:
            raise NotFound(f"bank: there is none called {name!r}")
        if sealed:
            self.open.bank(name, create=False, sealed=True)
        if recipe is not None:
            self.opened(name, "switch", Right.GOVERN)
            return GuardedBank(self.noted("recipe", name, lambda: self.open.bank(name, recipe)), self)
        return GuardedBank(self.open.bank(name, create=False), self)

    def banks(self) -> list[BankRow]:
        """The banks that are granted, by name."""
        rows = {row.name: row for row in self.open.banks()}
        return [rows[name] for name in self.open.access.open_banks(self.acting, list(rows))]

    def opened(self, bank: str, verb: str, right: Right) -> Scope:
        """What is open of a bank for a verb; raises Denied, and notes that somebody tried."""
        scope = self.scope_of(bank, verb, right)
        if scope is None:
            self.refuse(bank, verb)
        return scope

    def scope_of(self, bank: str, verb: str, right: Right) -> Scope | None:
        """What is open of a bank for a verb, or None; nothing is noted."""
        access = self.open.access
        there = bool(bank) and self.open.engine.store.bank(bank) is not None
        wall = access.wall(self.acting, bank, right)
        if wall is None:
            return None
        norms = access.norms(self.acting, bank) if there else ()
        countable = access.countable(self.acting, bank, right) if norms else None
        scope = replace(wall, norms=norms, countable=countable)
        return None if verb not in SCOPED and scope.narrow else scope

    def right_of(self, bank: str, verb: str) -> Right:
        """The right that a verb of a bank asks for: of two that open it the one that is held whole."""
        right, other = BANK_VERBS[verb], BESIDES.get(verb)
        if other is not None:
            wall = self.open.access.wall(self.acting, bank, right)
            right = other if wall is None or wall.narrow else right
        return right

    def may(self, bank: str, verb: str) -> bool:
        """Whether a verb of a bank is open, without using it: nothing is noted."""
        return self.scope_of(bank, verb, self.right_of(bank, verb)) is not None

    def holds(self, right: Right) -> bool:
        """Whether a right is held on every bank; nothing is noted."""
        return self.open.access.holds(self.acting, "*", right)

    def opened_store(self, verb: str, right: Right) -> None:
        """Pass when a right is held on every bank; raises Denied."""
        if not self.open.access.holds(self.acting, "*", right):
            self.refuse(WHOLE_STORE, verb)

    def refuse(self, bank: str, verb: str) -> NoReturn:
        """Note a refusal, and raise Denied."""
        there = bool(bank) and self.open.engine.store.bank(bank) is not None
        # The name of a bank that is not there is only what somebody typed.
        self.open.auditor.refused(bank if there else WHOLE_STORE, self.acting, verb, {})
        raise _denied(bank, verb) if bank else Denied(f"{verb}: there is no grant to do this in this store")

    def noted(self, verb: str, bank: str, do: Callable[[], Any], given: tuple[Any, ...] = ()) -> Any:
        """Do something that is open, and leave its entry in the audit of the bank, however it ends."""
        auditor, store = self.open.auditor, self.open.engine.store
        at_once = verb not in READING
        governs = at_once and verb not in EVERYDAY
        if governs:
            auditor.begins(bank if bank and store.bank(bank) is not None else WHOLE_STORE)
        row = store.bank(bank) if at_once and bank else None
        before = row.seq if row is not None else 0
        if verb in SELF_NOTED:
            auditor.flush()
        try:
            with span("verb", verb):
                result = do()
        except BaseException as error:
            facts = {"error": type(error).__name__, **self._written(bank, before, at_once)}
            there = bool(bank) and store.bank(bank) is not None
            auditor.note(bank if there else WHOLE_STORE, self.acting, verb, facts, FAILED, at_once=at_once)
            if governs:
                auditor.ended(bank)
            raise
        if verb in SELF_NOTED:
            auditor.ended(bank)
            return result
        facts = {**names_of(verb, given), **facts_of(result), **self._written(bank, before, at_once)}
        place = bank if bank and store.bank(bank) is not None else WHOLE_STORE
        if place != bank:
            facts["bank"] = bank
        auditor.note(place, self.acting, verb, facts, at_once=at_once)
        if governs:
            auditor.ended(bank)
        return result

    def _written(self, bank: str, before: int, wrote: bool) -> dict[str, Any]:
        row = self.open.engine.store.bank(bank) if wrote and bank else None
        return {"seqs": [before + 1, row.seq]} if row is not None and row.seq > before else {}

    def __getattr__(self, verb: str) -> Any:
        if verb not in MEMORY_VERBS or not hasattr(self.open, verb):
            raise AttributeError(verb)
        return functools.partial(self._do, verb)

    def _do(self, verb: str, *given: Any, **named: Any) -> Any:
        from mnemic.bank import Bank

        right = MEMORY_VERBS[verb]
        if verb == "check":
            self.opened_store(verb, right)
            return self.noted(verb, WHOLE_STORE, functools.partial(self.open.check))
        if verb == "import_bank":
            name = named.get("name")
            if name is None and not self.acting.is_local:
                raise BadInput("name: is needed; say under what name the bank is imported")
            if name is not None and not self.open.access.holds(self.acting, check_name(name), right):
                self.refuse(name, verb)
            given_bank = name or WHOLE_STORE
        else:
            if not given and "bank" not in named:
                raise BadInput("bank: is needed; say which")
            given_bank = check_name(given[0] if given else named["bank"])
            if self.opened(given_bank, verb, right) is not EVERYTHING:
                self._check_target(verb, given, named)
        result = self.noted(verb, given_bank, functools.partial(getattr(self.open, verb), *given, **named), given[:1])
        if isinstance(result, Bank):
            if not self.acting.is_local:
                self._own(result.name)
            return GuardedBank(result, self)
        return result

    def _check_target(self, verb: str, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        if verb == "branch":
            target = check_name(given[1] if len(given) > 1 else named["name"])
            if not self.open.access.holds(self.acting, target, Right.CREATE):
                self.refuse(target, verb)
