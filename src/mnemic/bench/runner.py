"""Runs recipes over a suite: fills a store for each conversation, asks every question, keeps the figures.

A conversation is retained session by session on a clock that follows the events; each question is one
retrieval from which a ranking and three contexts are made. Finished work is found again by fingerprint.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from mnemic.bench.answering import Answering, Asked, CountedModel
from mnemic.bench.answers import answer_in
from mnemic.bench.facade import Bank, Opener, RecipeLike
from mnemic.bench.journal import Journal, file_name, fingerprint, write_whole
from mnemic.bench.metrics import BUDGETS, CONDENSED, cited_events, context_tokens, event_ranking, held_shares
from mnemic.bench.outcome import Failure, Reading, Run, Writing
from mnemic.bench.suite import Conversation, Probe, Suite
from mnemic.core.chance import ManualClock
from mnemic.core.errors import MnemicError
from mnemic.core.evidence import sha
from mnemic.core.reading import Context

#: Records that a search is asked for; MRR looks no further.
DEPTH = 50
_BANK = "bench"
_WARM_UP = "What has been said so far?"
_STEP = timedelta(milliseconds=1)

#: Called with the questions done, the questions in all, and what is being worked on.
Progress = Callable[[int, int, str], None]


class TooSlow(MnemicError):
    """A system took longer than it was allowed to."""


class Unformed(MnemicError):
    """A recipe has left events without records, as its language model gave no usable answer."""


@dataclass(frozen=True)
class System:
    """A recipe, read with one of its profiles (``None``: its main retrieval chain).

    ``embedder``, ``reranker`` and ``language_model`` say which models serve it: stores depend on the first and the
    last, readings on all.
    """

    recipe: RecipeLike
    profile: str | None = None
    embedder: str = ""
    reranker: str = ""
    language_model: str = ""

    @property
    def label(self) -> str:
        """The recipe's name, with ``@profile`` when there is one."""
        return f"{self.recipe.name}@{self.profile}" if self.profile else self.recipe.name


@dataclass
class Runner:
    """Measures systems on a suite.

    Parameters
    ----------
    suite
        Conversations and probes.
    out
        Folder for journals (``journal/``) and stores (``stores/``); run again with the same folder to go on.
    open_memory
        Opens a store file.
    count
        The token counter that contexts are checked with: the same as the memory's.
    version
        What results depend on besides events, recipe and models: the code.
    seed
        Seed of every store.
    on_progress
        Told after every session written and every question asked.
    answers
        Gives the language model for a conversation, to systems that name one.
    charged
        Milliseconds to add to what was measured since the last call: work that a cache saved.
    patience
        Seconds after which a system is given up, until the next run; none when not given.
    timer
        A clock in seconds for the latencies of writes; reads tell their own.
    """

    suite: Suite
    out: Path
    open_memory: Opener
    count: Callable[[str], int]
    version: str
    seed: int = 0
    on_progress: Progress | None = None
    answers: Answering | None = None
    charged: Callable[[], float] = float
    patience: float | None = None
    timer: Callable[[], float] = time.perf_counter

    def run(self, systems: Sequence[System]) -> list[Run]:
        """Every system over every conversation; safe to interrupt, and to call again.

        Raises
        ------
        BadInput
            When a recipe has no such profile.
        BudgetError
            When a context is larger than was asked for.
        """
        for system in systems:
            system.recipe.read(system.profile)
        self._done, self._total = 0, len(self.suite.probes) * len(systems)
        return [self._run_system(system) for system in systems]

    def run_all(self, systems: Sequence[System]) -> tuple[list[Run], list[Failure]]:
        """As :meth:`run`, but a system that fails does not stop the others.

        Raises
        ------
        BadInput
            When a recipe has no such profile.
        Exception
            What the first system failed with, when every one failed.
        """
        for system in systems:
            system.recipe.read(system.profile)
        self._done, self._total = 0, len(self.suite.probes) * len(systems)
        runs: list[Run] = []
        failures: list[Failure] = []
        first: Exception | None = None
        for place, system in enumerate(systems, 1):
            try:
                runs.append(self._run_system(system))
            except Exception as error:
                first = first or error
                text = f"{type(error).__name__}: {error}"
                failures.append(Failure(system.recipe.name, system.profile or "", text))
                self._done = place * len(self.suite.probes)
        if first is not None and not runs:
            raise first
        return runs, failures

    def _run_system(self, system: System) -> Run:
        self._since = self.timer()
        writings = []
        readings: dict[str, Reading] = {}
        for conversation in self.suite.conversations:
            writing, found = self._run_conversation(system, conversation)
            writings.append(writing)
            readings.update(found)
        return Run(system.recipe.name, system.profile or "", readings, tuple(writings), system.language_model)

    def _run_conversation(self, system: System, conversation: Conversation) -> tuple[Writing, dict[str, Reading]]:
        parts = {
            "conversation": conversation.sha,
            "recipe": sha(system.recipe.to_toml()),
            "embedder": system.embedder,
            "version": self.version,
            "seed": self.seed,
        }
        if system.language_model:
            parts["language_model"] = system.language_model
        if system.language_model == "given":
            parts["extractions"] = conversation.extractions.sha
        folder = self._folder("stores", system.recipe.name) / file_name(f"{conversation.id}-{fingerprint(parts)}")
        parts |= {"profile": system.profile, "reranker": system.reranker, "depth": DEPTH}
        parts |= {"budgets": list(BUDGETS), "condensed": CONDENSED}
        name = file_name(f"{conversation.id}-{fingerprint(parts)}.jsonl")
        journal = Journal(self._folder("journal", system.label) / name, parts)
        writing = self._written(system, conversation, folder)
        missing = [probe for probe in conversation.probes if probe.sha not in journal.finished]
        self._tell(len(conversation.probes) - len(missing), f"{system.label} · {conversation.id}")
        if missing:
            self._read(system, conversation, folder, missing, journal)
        return writing, {probe.id: journal.finished[probe.sha] for probe in conversation.probes}

    def _folder(self, kind: str, system: str) -> Path:
        return self.out / kind / file_name(self.suite.name) / file_name(system)

    def _tell(self, done: int, label: str) -> None:
        self._done += done
        if self.on_progress:
            self.on_progress(self._done, self._total, label)
        if self.patience is not None and self.timer() - self._since > self.patience:
            raise TooSlow(f"bench: not done after {self.patience:g} s ({label}); run it again to go on, or with more")

    def _written(self, system: System, conversation: Conversation, folder: Path) -> Writing:
        summary, store = folder / "writing.json", folder / "memory.db"
        if summary.exists() and store.exists():
            return Writing.from_json(json.loads(summary.read_text(encoding="utf-8")))
        # A store without its summary was being written when a run ended: latencies need a whole write.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        writing = self._write(system, conversation, store)
        writing = replace(writing, bytes=sum(path.stat().st_size for path in folder.iterdir()))
        write_whole(summary, json.dumps(writing.to_json()))
        return writing

    def _model(self, system: System, conversation: Conversation) -> CountedModel | None:
        if not system.language_model or self.answers is None:
            return None
        return CountedModel(self.answers(conversation), self.count)

    def _write(self, system: System, conversation: Conversation, store: Path) -> Writing:
        clock = ManualClock(conversation.events[0].occurred_at, _STEP)
        timed, idle, left = [], 0.0, None
        model, written = self._model(system, conversation), Asked()
        sessions = conversation.sessions()
        self.charged()
        with closing(self.open_memory(store, clock=clock, seed=self.seed, language_model=model)) as memory:
            bank = memory.bank(_BANK, recipe=system.recipe)
            for number, (_, events) in enumerate(sessions, 1):
                clock.at = max(clock.at, max(event.occurred_at for event in events))
                before = model.asked if model else Asked()
                started = self.timer()
                bank.retain(events, close=True)
                ms = (self.timer() - started) * 1000 + self.charged()
                timed.append((len(events), round(ms, 3)))
                written += (model.asked if model else Asked()) - before
                started = self.timer()
                left = bank.consolidate()
                idle += (self.timer() - started) * 1000 + self.charged()
                self._tell(0, f"{system.label} · {conversation.id}: session {number} of {len(sessions)} retained")
        # What waits for a model that gives no usable answer is safe in a bank, and missing from what is measured here.
        if waiting := getattr(left, "pending", 0):
            reason = getattr(left, "pending_reason", "")
            raise Unformed(f"bench: {waiting} events could not be formed: {reason}")
        return Writing(
            conversation=conversation.id,
            sessions=tuple(timed),
            idle_ms=round(idle, 3),
            bytes=0,
            write=written,
            idle=(model.asked if model else Asked()) - written,
        )

    def _read(
        self, system: System, conversation: Conversation, folder: Path, probes: Sequence[Probe], journal: Journal
    ) -> None:
        clock = ManualClock(probes[0].asked_at, _STEP)
        self._sizes = {event.id: self.count(event.text) for event in conversation.events}
        model = self._model(system, conversation)
        store = folder / "memory.db"
        with closing(self.open_memory(store, clock=clock, seed=self.seed, language_model=model)) as memory:
            bank = memory.bank(_BANK, recipe=system.recipe)
            # The first read of a process loads models, which no later read pays for.
            self._ask(bank, replace(probes[0], question=_WARM_UP), system.profile, model)
            for probe in probes:
                clock.at = max(clock.at, probe.asked_at)
                journal.append(self._ask(bank, probe, system.profile, model))
                self._tell(1, f"{system.label} · {conversation.id}")

    def _ask(self, bank: Bank, probe: Probe, profile: str | None, model: CountedModel | None) -> Reading:
        asked: dict[str, Any] = {"k": DEPTH, "profile": profile, "asked_at": probe.asked_at}
        before = model.asked if model else Asked()
        self.charged()
        found, contexts = bank.recall_many(probe.question, tokens=BUDGETS, **asked)
        saved, spent = self.charged(), (model.asked if model else Asked()) - before
        by_budget = dict(zip(BUDGETS, contexts, strict=True))
        return Reading(
            probe=probe.id,
            sha=probe.sha,
            ranking=tuple(event_ranking(found)),
            cited={budget: cited_events(context) for budget, context in by_budget.items()},
            tokens={budget: context_tokens(context, budget, self.count) for budget, context in by_budget.items()},
            # One retrieval serves three contexts here; the cost of one of them is that of one recall.
            calls=by_budget[1500].cost.calls,
            ms=round(by_budget[1500].cost.ms + saved, 3),
            asked=spent.tokens,
            shares={budget: self._partly(context, probe) for budget, context in by_budget.items()},
            answer=answer_in(found, by_budget, probe.check),
        )

    def _partly(self, context: Context, probe: Probe) -> dict[str, float]:
        shares = held_shares(context, self._sizes, self.count)
        return {event: round(shares[event], 4) for event in probe.evidence if shares.get(event, 1.0) < 1.0}
