"""``recipes``: which architectures are installed, what each is made of, how two differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnemic.cli.command import Answer, Call, as_command, command
from mnemic.cli.screen import Column, Screen

if TYPE_CHECKING:
    from mnemic.core.pipeline import Recipe
    from mnemic.core.stage import Stage

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


def overview(
    call: Call,
    context: typer.Context,
    stages: Annotated[bool, typer.Option("--stages", help="List the stages that recipes are made of.")] = False,
) -> Answer | None:
    """List the recipes that are installed, or their stages; show one, or compare two."""
    if context.invoked_subcommand is not None:
        return None
    return _stages() if stages else _recipes(call.settings.recipe)


def _recipes(chosen: str) -> Answer:
    from mnemic.cli.recipe_table import HEADINGS, briefs, cells

    rows = briefs()

    def show(screen: Screen) -> None:
        screen.table([Column(name) for name in HEADINGS], map(cells, rows))
        screen.note("write, idle, read: calls of a language model. A preset is NAME:PRESET, a profile NAME@PROFILE.")
        screen.note(f"New banks get {chosen!r}. 'mnemic recipes show NAME' prints a pipeline.")

    return Answer({"recipes": rows}, show)


def _stages() -> Answer:
    from mnemic.core.plugins import load_stages
    from mnemic.core.stage import registered

    load_stages()
    rows = [_stage(stage) for _, stage in sorted(registered().items(), key=lambda item: (item[1].role, item[0]))]

    def show(screen: Screen) -> None:
        columns = [Column("role"), Column("stage"), Column("what it does"), Column("parameters")]
        parameters = (", ".join(f"{n}={v}" if v else n for n, v in row["parameters"].items()) for row in rows)
        screen.table(columns, ([r["role"], r["name"], r["summary"], p] for r, p in zip(rows, parameters, strict=True)))

    return Answer({"stages": rows}, show)


def _stage(stage: type[Stage]) -> dict[str, Any]:
    import dataclasses

    parameters = {
        item.name: "" if item.default is dataclasses.MISSING else str(item.default)
        for item in dataclasses.fields(stage)
    }
    summary = (stage.__doc__ or "").strip().split("\n\n")[0]
    return {
        "name": stage.name,
        "role": stage.role,
        "summary": " ".join(summary.split()),
        "needs": list(stage.needs),
        "parameters": parameters,
    }


@command(app)
def show(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A recipe, NAME:PRESET, or a TOML file; the bank's without it."),
    ] = None,
    toml: Annotated[
        bool, typer.Option("--toml", help="As TOML: save it, change it, and give the file as a recipe.")
    ] = False,
) -> Answer:
    """Print the pipeline of a recipe."""
    import tomllib

    from mnemic.cli.recipe_table import brief
    from mnemic.recipes import presets_of

    recipe = _named(call, name)
    short = brief(recipe, presets_of(recipe.name.partition(":")[0]))
    data = {**short, **tomllib.loads(recipe.to_toml()), "profiles": list(recipe.profiles)}
    data["toml"], data["pipeline"] = recipe.to_toml(), str(recipe)

    def shown(screen: Screen) -> None:
        if toml:
            screen.code(recipe.to_toml(), "toml")
            return
        screen.title(recipe.name, recipe.summary)
        parts = [("formation", str(recipe.formation)), *(("evolution", str(rule)) for rule in recipe.evolution)]
        parts += [("retrieval", str(recipe.retrieval))]
        parts += [(f"profile {name}", str(chain)) for name, chain in recipe.profiles.items()]
        calls = "; ".join(f"{when} {words}" for when, words in short["calls"].items())
        parts += [
            ("needs", ", ".join(short["needs"]) or "nothing"),
            ("asks", ", ".join(short["tasks"])),
            ("model calls", calls),
            ("runs without a language model", short["without_model"]),
            ("presets", ", ".join(short["presets"])),
            ("cites", recipe.cites),
        ]
        screen.fields((part, text.replace(" >> ", "\n>> ")) for part, text in parts if text)

    return Answer({"recipe": data}, shown)


def _named(call: Call, name: str | None) -> Recipe:
    from mnemic.recipes import load_recipe

    if name is not None:
        return load_recipe(name)
    with call.bank() as bank:
        return bank.recipe


@command(app)
def diff(
    call: Call,
    a: Annotated[str, typer.Argument(metavar="A", help="A recipe, or a TOML file.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another.")],
) -> Answer:
    """Show in which stages two recipes differ."""
    lines = _named(call, a).diff(_named(call, b))

    def shown(screen: Screen) -> None:
        if lines:
            screen.code("\n".join(lines), "diff")
        else:
            screen.say("They are the same.")

    return Answer({"lines": lines}, shown)


app.callback()(as_command(overview))
