"""Erasure as verbs: of a part of a bank, of a whole bank, and the receipts of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from mnemic.core.acting import LOCAL
from mnemic.core.erasure import ErasurePlan, ErasureReceipt, Selection
from mnemic.core.errors import BadInput
from mnemic.core.pipeline import Recipe
from mnemic.core.times import Interval, instant
from mnemic.engine.engine import Engine
from mnemic.engine.erasing.erase import dry_run, erase
from mnemic.engine.erasing.reforming import tidy
from mnemic.engine.erasing.verifying import finish, holds, receipts

Moment = datetime | str | float
_FIRST, _LAST = "0001-01-01", "9999-12-31"


def selection_of(
    events: str | Sequence[str] | None,
    session: str | None,
    person: str | None,
    mentions: bool,
    during: tuple[Moment | None, Moment | None] | None,
    everything: bool,
) -> Selection:
    """What was asked to be erased; raises BadInput when nothing was, or what makes no sense."""
    chosen = (events,) if isinstance(events, str) else tuple(events or ())
    interval = None
    if during is not None:
        low, high = (
            instant(_FIRST if during[0] is None else during[0], "during"),
            instant(_LAST if during[1] is None else during[1], "during"),
        )
        if low >= high:
            raise BadInput("during: ends before it begins")
        interval = Interval(low, high)
    return Selection(
        events=chosen, session=session, person=person, mentions=mentions, during=interval, everything=everything
    )


class ErasingVerbs:
    """What governance may do to a bank: a part of :class:`mnemic.bank.Bank`."""

    __slots__ = ()

    name: str
    engine: Engine

    @property
    def recipe(self) -> Recipe:
        """What the bank is kept by now."""
        raise NotImplementedError

    def erase(
        self,
        events: str | Sequence[str] | None = None,
        *,
        session: str | None = None,
        person: str | None = None,
        mentions: bool = False,
        during: tuple[Moment | None, Moment | None] | None = None,
        everything: bool = False,
        branches: bool = False,
        reason: str = "",
        who: str = LOCAL,
        on_gone: Callable[[str], None] | None = None,
    ) -> ErasureReceipt:
        """Erase events and all that was made of them, search the store for traces, and give a signed receipt.

        What is given must all hold: ``events`` by id, of a ``session``, said by a ``person`` (with ``mentions`` also
        what names him), that happened ``during`` (from, to), or ``everything``. ``branches`` erases in banks that
        branched off too. ``on_gone`` is told the receipt's id when the rows are gone and files are still to be cleaned.
        Raises BadInput when nothing is chosen.
        """
        chosen = selection_of(events, session, person, mentions, during, everything)
        return erase(
            self.engine, self.name, chosen, self.recipe, who=who, reason=reason, branches=branches, on_gone=on_gone
        )

    def erase_plan(
        self,
        events: str | Sequence[str] | None = None,
        *,
        session: str | None = None,
        person: str | None = None,
        mentions: bool = False,
        during: tuple[Moment | None, Moment | None] | None = None,
        everything: bool = False,
    ) -> ErasurePlan:
        """What :meth:`erase` would do with the same choice; nothing is written."""
        chosen = selection_of(events, session, person, mentions, during, everything)
        return dry_run(self.engine, self.name, chosen, self.recipe)

    def erasures(self) -> list[ErasureReceipt]:
        """The receipts of what was erased from the bank, in order."""
        return receipts(self.engine, self.name)

    def finish_erasures(self) -> list[ErasureReceipt]:
        """Finish erasures that were interrupted, or had to wait for a reader, after their rows were gone."""
        tidy(self.engine)
        return [finish(self.engine, receipt) for receipt in self.erasures() if receipt.state != "done"]

    def erasure_holds(self, receipt: ErasureReceipt) -> bool:
        """Whether a receipt is just as this store signed it."""
        return holds(self.engine, receipt)


def receipt_holds(receipt: ErasureReceipt, public: str) -> bool:
    """Whether a receipt is as the owner of a public key signed it; needs no store."""
    return holds(None, receipt, public=public)
