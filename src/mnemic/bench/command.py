"""One call from the name of a suite and of some recipes to a finished report."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import mnemic
from mnemic.bench.answering import answering
from mnemic.bench.cache import CachedEmbedder, CachedReranker, Charge
from mnemic.bench.facade import Memory, Opener
from mnemic.bench.report import Report
from mnemic.bench.runner import Progress, Runner, System
from mnemic.bench.selection import expand, names_model_free
from mnemic.bench.suite import load_suite
from mnemic.config import Settings
from mnemic.core.chance import Clock
from mnemic.core.errors import BadInput
from mnemic.core.evidence import canonical, sha
from mnemic.core.pipeline import Recipe
from mnemic.engine.tools import Models
from mnemic.models.language.registry import NONE, Limits
from mnemic.recipes import load_recipe

if TYPE_CHECKING:
    from mnemic.models.language.port import LanguageModel
    from mnemic.models.ports import Embedder, Reranker

#: Parts of the package that shape no result; a change there keeps finished work.
_WITHOUT_EFFECT = ("bench", "cli", "serve", "compat", "ingest")


def run_benchmark(
    suite: str | Path,
    recipes: Sequence[str | Recipe],
    *,
    out: Path,
    data: Path | None = None,
    profile: str | None = None,
    limit: int | None = None,
    embedder: str | Embedder | None = None,
    reranker: str | Reranker | None = None,
    language_model: str | None = None,
    conversations: int | None = None,
    patience: float | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> Report:
    """Measure recipes on a suite; write ``rows.json`` and ``report.html`` into ``out`` and give the report.

    Parameters
    ----------
    suite
        ``"locomo"``, ``"beam"``, ``"beam/<size>"``, ``"fact-consolidation"``, ``"lives"`` or a folder of one's own.
    recipes
        Names, each with ``@profile`` where wanted, paths of TOML files, or recipes; ``"all"`` stands for every
        recipe that is installed, ``"all-model-free"`` for those that need no model or run by the rules of their
        tasks (rules answer them unless ``language_model`` is given), ``":presets"`` behind either adds presets.
    out
        Folder of results; given again, an interrupted run goes on.
    data
        Where the named data sets lie; ``MNEMIC_DATA`` when not given.
    profile
        Profile of every recipe that does not name its own.
    limit
        How many questions to ask.
    embedder, reranker
        Models, or their names, in place of those of the configuration.
    language_model
        Who answers the tasks of recipes that ask one: ``"rules"``, ``"given"`` (facts and session summaries that
        the data set carries), or a model of the configuration.
    conversations
        How many conversations to take, the first ones; all when not given.
    patience
        Seconds after which a recipe is given up and reported as failed; a further run goes on with it.
    seed
        Seed of stores and of the bootstrap.
    on_progress
        Told of the questions done, the questions in all, and what is being worked on.

    Raises
    ------
    BadInput
        When the data are not there, a recipe has no such profile, the same system is named twice, or a recipe needs
        a language model and none is chosen.
    NotFound
        When there is no such recipe.
    """
    loaded = load_suite(suite, data, limit, conversations)
    if not loaded.probes:
        raise BadInput(f"suite: {loaded.name} has no question whose evidence is known; there is nothing to score")
    systems = [system_of(recipe, profile) for recipe in expand(recipes)]
    labels = [system.label for system in systems]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise BadInput(f"recipe: {twice[0]} is given twice; name each system once")
    chosen = language_model or ("rules" if names_model_free(recipes) else None)
    # A profile set in the configuration would be read with where a system names none.
    settings = replace(Settings.load(), profile="")
    answers = answering(chosen, loaded, limits_of(settings)) if chosen else None
    models = Models(embedder or settings.embedder, reranker or settings.reranker, threads=settings.threads)
    shared = Shared(models, out / "cache")
    systems = [_served(system, shared, chosen) for system in systems]
    runner = Runner(
        suite=loaded,
        out=out,
        open_memory=_opener(settings, models),
        count=models.counter().count,
        version=f"{mnemic.__version__} ({code_fingerprint()})",
        seed=seed,
        on_progress=on_progress,
        answers=answers,
        charged=shared.charge.take,
        patience=patience,
    )
    runs, failures = runner.run_all(systems)
    about = {
        "mnemic": mnemic.__version__,
        "Python": platform.python_version(),
        "machine": _machine(),
        "embedder": ", ".join(sorted({system.embedder for system in systems} - {""})) or "none needed",
        "reranker": ", ".join(sorted({system.reranker for system in systems} - {""})) or "none needed",
        "language model": ", ".join(sorted({system.language_model for system in systems} - {""})) or "none needed",
        "seed": str(seed),
    }
    report = Report(loaded, runs, about, seed, failures)
    report.write(out)
    return report


def system_of(recipe: str | Recipe, profile: str | None = None) -> System:
    """The system that a name such as ``"default"`` or ``"default@precise"``, or a TOML file, stands for.

    Raises
    ------
    NotFound
        When there is no such recipe.

    >>> system_of("no-such-recipe")
    Traceback (most recent call last):
    mnemic.core.errors.NotFound: recipe: there is none called 'no-such-recipe'; ...
    """
    if isinstance(recipe, Recipe):
        return System(recipe, profile)
    name, _, own = recipe.rpartition("@") if "@" in recipe else (recipe, "", "")
    return System(load_recipe(name), own or profile)


@cache
def code_fingerprint() -> str:
    """Hash of the package's code as far as results depend on it.

    >>> len(code_fingerprint())
    16
    """
    root = Path(mnemic.__file__).parent
    parts = sorted(path.relative_to(root) for path in root.rglob("*.py"))
    texts = [[str(path), (root / path).read_text("utf-8")] for path in parts if path.parts[0] not in _WITHOUT_EFFECT]
    return sha(canonical(texts))[:16]


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"


def limits_of(settings: Settings) -> Limits:
    """What asking a model may take, as configured."""
    return Limits(**{item.name: getattr(settings, f"language_model_{item.name}") for item in fields(Limits)})


def _opener(settings: Settings, models: Models) -> Opener:
    def open_memory(path: Path, *, clock: Clock, seed: int, language_model: LanguageModel | None) -> Memory:
        return mnemic.open(
            path,
            embedder=models.embedder,
            reranker=models.reranker,
            # A model of the configuration takes no part unless it is named.
            language_model=NONE if language_model is None else language_model,
            clock=clock,
            seed=seed,
            settings=settings,
        )

    return open_memory


@dataclass
class Shared:
    """Models that are loaded once and given to every store, with what they have computed already."""

    models: Models
    folder: Path
    charge: Charge = field(default_factory=Charge)

    def embedder(self) -> Embedder:
        """The embedder behind its cache."""
        if not isinstance(self.models.embedder, CachedEmbedder):
            self.models.embedder = CachedEmbedder(self.models.load_embedder(), self.folder, self.charge)
        return self.models.embedder

    def reranker(self) -> Reranker:
        """The reranker behind its cache."""
        if not isinstance(self.models.reranker, CachedReranker):
            self.models.reranker = CachedReranker(self.models.load_reranker(), self.folder, self.charge)
        return self.models.reranker


def _served(system: System, shared: Shared, language_model: str | None) -> System:
    """The system with the names of its models."""
    recipe = system.recipe
    needs = recipe.needs(system.profile)
    # A store is shared by all profiles, so it holds vectors when any of them needs some.
    if any("embedder" in recipe.needs(profile) for profile in (None, *recipe.profiles)):
        spec = shared.embedder().spec
        system = replace(system, embedder=f"{spec.name} ({spec.fingerprint[:12]})")
    if "reranker" in needs:
        system = replace(system, reranker=shared.reranker().name)
    if "language-model" in needs:
        if language_model is None:
            raise BadInput(
                f"recipe: {system.label} needs a language model; add --language-model rules, given (where the data "
                "set carries facts), or the name of a model"
            )
        system = replace(system, language_model=language_model)
    return system
