"""One call from the name of a suite and of some recipes to a finished report."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mnemic
from mnemic.bench.facade import Memory, Opener, RecipeLike
from mnemic.bench.report import Report
from mnemic.bench.runner import Progress, Runner, System
from mnemic.bench.suite import load_suite
from mnemic.core.chance import Clock
from mnemic.core.errors import BadInput, NotFound
from mnemic.core.evidence import canonical, sha
from mnemic.core.pipeline import Recipe
from mnemic.core.plugins import recipe_points

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
    embedder: Any = None,
    reranker: Any = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> Report:
    """Measure recipes on a suite; write ``rows.json`` and ``report.html`` into ``out`` and give the report.

    Parameters
    ----------
    suite
        ``"locomo"``, ``"beam"``, ``"beam/<size>"`` or a folder of one's own.
    recipes
        Names, each with ``@profile`` where wanted, paths of TOML files, or recipes.
    out
        Folder of results; given again, an interrupted run goes on.
    data
        Where the named data sets lie; ``MNEMIC_DATA`` when not given.
    profile
        Profile of every recipe that does not name its own.
    limit
        How many questions to ask.
    embedder, reranker
        Models in place of the defaults.
    seed
        Seed of stores and of the bootstrap.
    on_progress
        Told of the questions done, the questions in all, and what is being worked on.

    Raises
    ------
    BadInput
        When the data are not there, a recipe has no such profile, or the same system is named twice.
    NotFound
        When there is no such recipe.
    """
    loaded = load_suite(suite, data, limit)
    if not loaded.probes:
        raise BadInput(f"suite: {loaded.name} has no question whose evidence is known; there is nothing to score")
    systems = [system_of(recipe, profile) for recipe in recipes]
    labels = [system.label for system in systems]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise BadInput(f"recipe: {twice[0]} is given twice; name each system once")
    models = _models(systems, embedder, reranker)
    runner = Runner(
        suite=loaded,
        out=out,
        open_memory=_opener(embedder, reranker),
        count=_token_counter(),
        version=sha(canonical([version("mnemic"), code_fingerprint(), models])),
        seed=seed,
        on_progress=on_progress,
    )
    about = {
        "mnemic": version("mnemic"),
        "Python": platform.python_version(),
        "machine": _machine(),
        **models,
    }
    report = Report(loaded, runner.run(systems), about | {"seed": str(seed)}, seed)
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
    mnemic.core.errors.NotFound: recipe: there is no 'no-such-recipe'; there are ...
    """
    if isinstance(recipe, Recipe):
        return System(recipe, profile)
    name, _, own = recipe.rpartition("@") if "@" in recipe else (recipe, "", "")
    return System(_recipe(name), own or profile)


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


def _recipe(name: str) -> RecipeLike:
    if name.endswith(".toml"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise NotFound(f"recipe: there is no file {path}")
        return Recipe.from_toml(path.read_text(encoding="utf-8"))
    points = recipe_points()
    if name not in points:
        raise NotFound(f"recipe: there is no {name!r}; there are {', '.join(points)}")
    recipe: Recipe = points[name].load()
    return recipe


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"


def _token_counter() -> Callable[[str], int]:
    from mnemic.models.token_counter import EstimatedTokens

    return EstimatedTokens().count


def _opener(embedder: Any, reranker: Any) -> Opener:
    def open_memory(path: Path, *, clock: Clock, seed: int) -> Memory:
        memory: Memory = mnemic.open(path, embedder=embedder, reranker=reranker, clock=clock, seed=seed)
        return memory

    return open_memory


def _models(systems: Sequence[System], embedder: Any, reranker: Any) -> dict[str, str]:
    """What the systems read with: the models given, else the defaults where a recipe needs one."""
    from mnemic.models.registry import load_embedder, load_reranker

    needs = {need for system in systems for need in system.recipe.needs(system.profile)}
    if "embedder" in needs:
        embedder = embedder or load_embedder()
    if "reranker" in needs:
        reranker = reranker or load_reranker()
    spec = embedder.spec if embedder else None
    return {
        "embedder": f"{spec.name} ({spec.fingerprint[:12]})" if spec else "none",
        "reranker": reranker.name if reranker else "none",
    }
