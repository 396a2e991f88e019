"""Stages: small protocols, pure functions of what they are shown, that compose as values.

A stage is a frozen dataclass; its fields are its parameters. That is enough for it to print itself,
go to TOML and back, and be compared with another.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event, Segment
from mnemic.core.op import Op
from mnemic.core.reading import Context, Hit, Query, Ranked, ReaderAnswer, Sub
from mnemic.core.record import Record
from mnemic.core.view import View

if TYPE_CHECKING:
    from mnemic.core.pipeline import Chain, Fan

_REGISTRY: dict[str, type[Stage]] = {}


@dataclass(frozen=True)
class Stage:
    """Base of all stages. ``a >> b`` runs one after the other, ``a | b`` runs both on the same input.

    A subclass sets ``name`` (how recipes and TOML call it); ``needs`` lists what it cannot work without:
    ``"embedder"``, ``"reranker"``, ``"language-model"``. ``sight`` says how far a stage that writes looks beside the
    event at hand: ``"event"`` not at all (but for facts of the same slot), ``"session"`` or ``"bank"``; what is not
    said is taken for the farthest that its role allows.
    """

    name: ClassVar[str] = ""
    role: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    sight: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A protocol class declares a role but no name of its own; only named stages can be called for.
        if "name" in cls.__dict__ and cls.name:
            known = _REGISTRY.get(cls.name)
            if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
                raise BadInput(
                    f"stage name {cls.name!r} is taken by {known.__module__}.{known.__qualname__}; choose another"
                )
            _REGISTRY[cls.name] = cls

    def __rshift__(self, other: Stage | Chain | Fan) -> Chain:
        from mnemic.core.pipeline import Chain

        return Chain.of(self) >> other

    def __or__(self, other: Stage | Chain | Fan) -> Fan:
        from mnemic.core.pipeline import Fan

        return Fan.of(self) | other

    @property
    def parameters(self) -> dict[str, Any]:
        """The fields whose value differs from the default."""
        out = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            default = item.default if item.default is not dataclasses.MISSING else None
            if item.default_factory is not dataclasses.MISSING:
                default = item.default_factory()
            if value != default:
                out[item.name] = value
        return out

    @property
    def asks(self) -> tuple[str, ...]:
        """The tasks that it puts to a language model: the values of its fields ``task`` and ``..._task``."""
        if "language-model" not in self.needs:
            return ()
        names = (item.name for item in dataclasses.fields(self))
        return tuple(getattr(self, name) for name in names if name == "task" or name.endswith("_task"))

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={_brief(value)}" for name, value in self.parameters.items())
        return f"{self.name}({inside})"


def _brief(value: Any) -> str:
    from mnemic.core.pipeline import Chain

    return str(value) if isinstance(value, (Stage, Chain)) else repr(value)


def registered() -> dict[str, type[Stage]]:
    """Every stage that has been imported, by name."""
    return dict(_REGISTRY)


class Segmenter(Stage):
    """Cuts events of one session into segments: an exact cover, in order, without overlap.

    ``unit`` is what a segment is, in a word: what follows it in formation runs once for each.
    """

    role = "segmenter"
    unit: ClassVar[str] = "segment"

    @abstractmethod
    def split(self, events: Sequence[Event], view: View, *, closed: bool) -> Iterable[Segment]:
        """Segments of ``events``; the last may be ``open`` unless the session is ``closed``."""


class Compressor(Stage):
    """Shortens a segment's text, one line an event, and keeps its spans."""

    role = "compressor"

    @abstractmethod
    def compress(self, segment: Segment, view: View) -> Segment:
        """The segment with its ``compressed`` text set."""


class Router(Stage):
    """Says which kinds of record a segment should become."""

    role = "router"

    @abstractmethod
    def route(self, segment: Segment, view: View) -> tuple[str, ...]:
        """Kinds; extractors of other kinds skip the segment."""


class Extractor(Stage):
    """Makes draft records of a segment; each cites spans of it. The engine gives ids."""

    role = "extractor"

    @abstractmethod
    def extract(self, segment: Segment, view: View) -> Iterable[Record]:
        """Drafts with empty ids and sources set."""


class Annotator(Stage):
    """Adds to a draft what can be read off its text: times, entities, labels, keys."""

    role = "annotator"

    @abstractmethod
    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with more known about it; its value is left as it is."""


class Resolver(Stage):
    """Decides what new drafts mean for what is already known."""

    role = "resolver"

    @abstractmethod
    def resolve(self, drafts: Sequence[Record], view: View) -> Iterable[Op]:
        """Ops that take in, merge, or set aside the drafts; targets only records that ``view`` gave out."""


class Linker(Stage):
    """Relates new records to others and to one another."""

    role = "linker"

    @abstractmethod
    def link(self, new: Sequence[Record], view: View) -> Iterable[Op]:
        """Ops around the records of one segment, which ``view`` does not hold yet: LINK, RETAG, ADD, UPDATE."""


class Fold(Stage):
    """Folds new records into a running text: the one primitive behind summaries, profiles, tree parents."""

    role = "fold"

    @abstractmethod
    def fold(self, state: Record | None, new: Sequence[Record], budget: int, view: View) -> Record:
        """A record of at most ``budget`` tokens whose ``derived_from`` names what it was made of."""


class Consolidator(Stage):
    """Works over the bank when its trigger fires."""

    role = "consolidator"

    @abstractmethod
    def run(self, view: View, since: int) -> Iterable[Op]:
        """Ops; ``since`` is the log's seq at the last run."""


class Strength(Stage):
    """Says how strongly records are remembered, computed anew from raw counters, times and fields (law 13).

    A parameter of what forgets, promotes or ranks by it.
    """

    role = "strength"

    @abstractmethod
    def weigh(self, records: Sequence[Record], now: datetime, view: View) -> list[float]:
        """One number a record, in their order; higher is stronger."""


class Forgetter(Stage):
    """Selects what to set aside; it demotes, never destroys (law 3)."""

    role = "forgetter"

    @abstractmethod
    def sweep(self, view: View, now: datetime) -> Iterable[Op]:
        """DEMOTE ops."""


@dataclass(frozen=True)
class Progress:
    """What has happened in a bank since a rule last ran: what triggers look at."""

    events: int = 0
    tokens: int = 0
    sessions_ended: int = 0
    feedbacks: int = 0
    tasks_ended: int = 0
    idle: bool = False
    last_run: datetime | None = None
    now: datetime | None = None


class Trigger(Stage):
    """Says when a rule of evolution is due."""

    role = "trigger"

    @property
    def each(self) -> str:
        """What it waits for, in words: a rule behind it runs once for each."""
        return self.name

    @abstractmethod
    def due(self, progress: Progress) -> bool:
        """Whether to run now."""


class Planner(Stage):
    """Turns a question into searches."""

    role = "planner"

    @abstractmethod
    def plan(self, query: Query, view: View) -> list[Sub]:
        """One or more sub-queries."""


class Channel(Stage):
    """One way of finding records."""

    role = "channel"

    @abstractmethod
    def search(self, sub: Sub, query: Query, view: View) -> list[Hit]:
        """Hits from best to worst."""


class Combiner(Stage):
    """Makes one ranking of many.

    ``completes``: it compares scores rather than ranks, so each channel is asked again for what only another
    one found; what it then still does not find has no score there.
    """

    role = "combiner"
    completes: ClassVar[bool] = False

    @abstractmethod
    def combine(self, lists: Sequence[Ranked], query: Query, view: View) -> list[Hit]:
        """Hits from best to worst, each once, with the parts of its score."""


class Scorer(Stage):
    """Gives hits other scores."""

    role = "scorer"

    @abstractmethod
    def score(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits from best to worst by the new scores."""


class Expander(Stage):
    """Adds hits that the found ones lead to."""

    role = "expander"

    @abstractmethod
    def expand(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """The hits and more, each with the path by which it was reached."""


class Filter(Stage):
    """Leaves hits out, or puts them in another order."""

    role = "filter"

    @abstractmethod
    def filter(self, hits: list[Hit], query: Query, view: View) -> list[Hit]:
        """A subset of the hits."""


class Assembler(Stage):
    """Writes the context from hits, within the budget."""

    role = "assembler"

    @abstractmethod
    def build(self, hits: list[Hit], query: Query, view: View) -> Context:
        """A context of at most ``query.tokens`` tokens in which every line is cited."""


class Reader(Stage):
    """A reading loop, behind the assembler: asks for more, or answers. ``rounds`` is how often it may ask for more."""

    role = "reader"
    rounds: int

    @abstractmethod
    def next(
        self, context: Context, query: Query, view: View, *, left: int, wishes: str | None = None
    ) -> list[Sub] | ReaderAnswer | None:
        """Further searches, of which it may ask ``left`` times more; else the answer.

        Without ``wishes`` no answer is asked for, only what is still to be searched: None ends it then.
        """


class Gate(Stage):
    """Lets an op or a query through, or not."""

    role = "gate"

    @abstractmethod
    def admit(self, subject: Op | Query, view: View) -> str | None:
        """None to admit, else the reason to refuse."""


class Policy(Stage):
    """A learned stand-in for another stage."""

    role = "policy"

    @abstractmethod
    def act(self, state: Any, view: View) -> Any:
        """The action in this state."""
