"""``bench``: recipes measured on a data set; only the rows go to standard output."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.arguments import Profile
from mnemic.cli.command import Answer, Call
from mnemic.cli.progress import progress
from mnemic.cli.screen import Screen
from mnemic.core.errors import BadInput

if TYPE_CHECKING:
    from mnemic.bench.runner import System
    from mnemic.config import Settings

#: Data sets on which a part of memories is measured, not a recipe; each is a module of ``mnemic.bench``.
PARTS = ("segmentation", "halumem", "cimemories")


def bench(
    call: Call,
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET",
            help="locomo, beam[/SIZE], multihop[/NAME], lives, fact-consolidation, segmentation, halumem, cimemories,"
            " or a folder.",
        ),
    ],
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the named data sets lie; else MNEMIC_DATA.")
    ] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(metavar="A,B", help="Recipes, also NAME@PROFILE; all, all-model-free, all:presets."),
    ] = None,
    profile: Profile = None,
    language_model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who answers tasks: rules, given (facts of the data set), or a model."),
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many questions to ask.")] = None,
    conversations: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How many conversations to take, the first ones.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of results; given again, an interrupted run goes on.")
    ] = Path("mnemic-bench"),
    patience: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=1, help="When to give a recipe up, until the next run.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the table as a page of Markdown with drawings, too.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of stores and of the bootstrap.")] = 0,
) -> Answer:
    """Measure how much of the evidence recipes find, at what cost; writes rows.json and report.html."""
    from mnemic.bench.command import run_benchmark, system_of
    from mnemic.bench.results_page import REASONS, write_page
    from mnemic.bench.selection import expand

    if dataset in PARTS:
        unused = {
            "--recipe": recipe,
            "--profile": profile,
            "--language-model": language_model,
            "--conversations": conversations,
            "--patience": patience,
        }
        if named := [option for option, value in unused.items() if value]:
            raise BadInput(f"{named[0]}: {dataset} measures every part there is and takes no such option; leave it out")
        return _part(dataset, data, out, limit, page)
    given = recipe or [call.settings.recipe]
    names = [name for many in given for part in many.split(",") if (name := part.strip())]
    with progress("measuring") as bar:
        embedder, reranker = _models(call.settings, [system_of(name, profile) for name in expand(names)])
        report = run_benchmark(
            dataset,
            names,
            out=out,
            data=data,
            profile=profile,
            limit=limit,
            embedder=embedder,
            reranker=reranker,
            language_model=language_model,
            conversations=conversations,
            patience=patience,
            seed=seed,
            on_progress=bar,
        )
    owed = write_page(page, report.to_json(), " ".join(_again(sys.argv))) if page else []

    def table(stderr: bool) -> None:
        from rich.console import Console

        from mnemic.bench.table import print_report

        print_report(report, Console(stderr=stderr, highlight=False))

    def show(screen: Screen) -> None:
        table(stderr=False)
        screen.say(f"Written: {out / 'rows.json'} and {out / 'report.html'}")
        if owed:
            screen.note(f"Below bm25 and not explained in {page.with_name(REASONS) if page else ''}: {', '.join(owed)}")

    if call.as_json and sys.stderr.isatty():
        table(stderr=True)
    failures = [{"recipe": failure.label, "error": failure.error} for failure in report.failures]
    return Answer({"rows": report.rows, "failures": failures}, show, exit_code=1 if failures or owed else 0)


def _part(name: str, data: Path | None, out: Path, limit: int | None, page: Path | None) -> Answer:
    """Measure a part of memories on a data set of its own."""
    from importlib import import_module

    from mnemic.bench.journal import write_whole
    from mnemic.bench.part import PartReport
    from mnemic.bench.suite import data_folder

    with progress("measuring"):
        measure = import_module(f"mnemic.bench.{name}").measure_part
        report: PartReport = measure(data_folder(data, name), out, limit)
    written = report.write(out)
    if page:
        write_whole(page, report.markdown(" ".join(_again(sys.argv))))

    def show(screen: Screen) -> None:
        from rich.console import Console

        Console(highlight=False).print(report.table())
        for note in report.notes:
            screen.say(f"- {note}")
        screen.say(f"Written: {written}")

    return Answer(report.to_json(), show)


def _models(settings: Settings, systems: list[System]) -> tuple[Any, Any]:
    """The configured models, loaded if any system reads or writes with them."""
    from mnemic.models.registry import load_embedder, load_reranker

    needs = {need for system in systems for need in system.recipe.needs(system.profile)}
    embedder = load_embedder(settings.embedder, threads=settings.threads) if "embedder" in needs else None
    reranker = load_reranker(settings.reranker, threads=settings.threads) if "reranker" in needs else None
    return embedder, reranker


def _again(arguments: list[str]) -> list[str]:
    """The command as somebody else would type it: without the paths of this machine."""
    out = ["mnemic"]
    for before, argument in pairwise(arguments):
        if argument in ("--json", "--data") or before == "--data":
            continue
        out.append("results" if before == "--out" else argument)
    return out
