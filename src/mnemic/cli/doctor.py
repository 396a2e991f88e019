"""``doctor``: whether this installation, its configuration, its models and the store are sound."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Screen, counted, size

if TYPE_CHECKING:
    from mnemic.memory import Memory


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; ``code`` is the exit code it asks for when it failed."""

    name: str
    state: Literal["ok", "warning", "failed"]
    detail: str
    code: int = 0


def doctor(call: Call) -> Answer:
    """Check the installation, the configuration, the models and the store."""
    with progress("examining"):
        checks = [_installation(), _configuration(call), _full_text(), *_models(call), *_store(call)]
    failed = [check for check in checks if check.state == "failed"]

    def show(screen: Screen) -> None:
        for check in checks:
            screen.check(check.state, f"{check.name}: {check.detail}")
        screen.say("All is well." if not failed else f"{counted(len(failed), 'check')} failed.")

    data = [{name: value for name, value in asdict(check).items() if name != "code"} for check in checks]
    return Answer({"checks": data}, show, exit_code=failed[0].code if failed else 0)


def _installation() -> Check:
    import platform
    from importlib.metadata import version

    parts = (f"{package} {version(package)}" for package in ("mnemic", "numpy"))
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    return Check("installation", "ok", f"{', '.join(parts)}, {machine}")


def _configuration(call: Call) -> Check:
    from mnemic.config import FILE, PREFIX, without_password

    file = os.environ.get(f"{PREFIX}CONFIG") or (FILE if Path(FILE).is_file() else "no file")
    variables = sorted(name for name in os.environ if name.startswith(PREFIX))
    chosen = f"store {without_password(call.settings.store)}, bank {call.settings.bank}, recipe {call.settings.recipe}"
    return Check("configuration", "ok", f"{chosen}; from {', '.join([file, *variables])}")


def _full_text() -> Check:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    except sqlite3.OperationalError:
        return Check("SQLite", "failed", f"{sqlite3.sqlite_version} has no FTS5; use a Python that has it", 4)
    finally:
        connection.close()
    return Check("SQLite", "ok", f"{sqlite3.sqlite_version} with FTS5")


def _models(call: Call) -> Iterator[Check]:
    from mnemic.core.errors import MnemicError
    from mnemic.models.inventory import available_models
    from mnemic.models.registry import load_embedder, load_reranker
    from mnemic.recipes import load_recipe

    settings = call.settings
    try:
        recipe = load_recipe(settings.recipe)
    except MnemicError as error:
        yield Check("recipe", "failed", str(error), error.exit_code)
        return
    needs = recipe.needs(settings.profile if settings.profile in recipe.profiles else None)
    for role, name in (("embedder", settings.embedder), ("reranker", settings.reranker)):
        if name in ("", "none"):
            yield Check(role, "ok" if role not in needs else "failed", "none is configured", 5)
            continue
        started = time.perf_counter()
        try:
            if role == "embedder":
                load_embedder(name, threads=settings.threads).embed_query("Is all well?")
            else:
                load_reranker(name, threads=settings.threads).score("Is all well?", ["It is."])
        except MnemicError as error:
            unneeded = "" if role in needs else f" (recipe {settings.recipe!r} does without)"
            yield Check(role, "failed" if role in needs else "warning", f"{error}{unneeded}", error.exit_code)
        else:
            yield Check(role, "ok", f"{name} loaded and run in {1000 * (time.perf_counter() - started):.0f} ms")
    yield _language_model(call, needed="language-model" in needs)
    wrong = [model.name for model in available_models() if model.verified is False and model.path is not None]
    if wrong:
        yield Check("weights", "failed", f"not the files of the catalog: {', '.join(wrong)}; install them again", 5)


def _language_model(call: Call, *, needed: bool) -> Check:
    """Put one tiny question to the language model, past every cache and budget."""
    from mnemic.core.errors import MnemicError
    from mnemic.core.task import task_named
    from mnemic.engine.tools import REMEDY
    from mnemic.memory import limits_of
    from mnemic.models.language.registry import load_language_model

    name, started = call.settings.language_model, time.perf_counter()
    try:
        model = load_language_model(name, limits_of(call.settings))
        if model is None:
            said = f"none is configured; {REMEDY}" if needed else "none is configured"
            return Check("language model", "failed" if needed else "ok", said, 5)
        task = task_named("need_memory")
        given = task.given({"question": "Where do I live?"})
        reply = model.ask(task, given)
        task.answered(reply.answer, given)
    except MnemicError as error:
        return Check("language model", "failed" if needed else "warning", str(error), error.exit_code)
    took = f"{1000 * (time.perf_counter() - started):.0f} ms, {reply.usage.tokens:,} tokens"
    return Check("language model", "ok", f"{name} answered in {took}")


def _store(call: Call) -> Iterator[Check]:
    from mnemic.config import without_password
    from mnemic.core.errors import MnemicError

    path = call.settings.store
    if "://" not in path and not Path(path).exists():
        yield Check("store", "ok", f"{path} does not exist yet; 'mnemic retain' makes it")
        return
    try:
        with call.memory() as memory:
            rows = memory.banks()
            held = f"{without_password(path)}: {counted(len(rows), 'bank')}, {size(memory.engine.store.size())}"
            findings = memory.check()
            yield Check("store", "failed" if findings else "ok", "; ".join([held, *findings]), 4)
            yield from _embedders(call, memory)
    except MnemicError as error:
        yield Check("store", "failed", str(error), error.exit_code)


def _embedders(call: Call, memory: Memory) -> Iterator[Check]:
    """Banks whose vectors come from another embedder than the one configured."""
    from mnemic.core.errors import MnemicError
    from mnemic.models.registry import load_embedder

    try:
        fingerprint = load_embedder(call.settings.embedder, threads=call.settings.threads).spec.fingerprint
    except MnemicError:
        return
    for row in memory.banks():
        space = None if row.space is None else memory.engine.store.space_by_id(row.name, row.space)
        if space is not None and space.fingerprint != fingerprint:
            advice = f"configure {space.name}, or run: mnemic reembed --bank {row.name!r}"
            yield Check("vectors", "warning", f"bank {row.name!r} is in {space.name}; {advice}")
