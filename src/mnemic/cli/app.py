"""The command ``mnemic``: which commands there are, in what order, and how it starts and ends.

Only typer is imported before a command is chosen, so that ``--help`` and completion answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from mnemic.cli import (
    banks,
    benchmark,
    changing,
    custody,
    demonstration,
    doctor,
    erasing,
    governing,
    hook,
    mcp,
    points,
    recalling,
    recipes,
    records,
    retaining,
    servers,
    serving,
    switching,
    tasks,
    whole_stores,
    working,
)
from mnemic.cli.command import command
from mnemic.cli.failures import reported, wants_json

START, REMEMBER, LOOK, CHANGE, TIME, CARE, SERVE = (
    "Start here", "Remember", "Look", "Change", "Go back in time", "Take care", "Serve",
)  # fmt: skip
_TABLE = (
    (START, "demo", demonstration.demo),
    (START, "doctor", doctor.doctor),
    (REMEMBER, "retain", retaining.retain),
    (REMEMBER, "recall", recalling.recall),
    (REMEMBER, "answer", recalling.answer),
    (REMEMBER, "why", recalling.why),
    (REMEMBER, "consolidate", retaining.consolidate),
    (REMEMBER, "reflect", switching.reflect),
    (LOOK, "list", records.list_),
    (LOOK, "show", records.show),
    (LOOK, "history", records.history),
    (LOOK, "stats", banks.stats),
    (LOOK, "receipts", recalling.receipts),
    (CHANGE, "update", changing.update),
    (CHANGE, "delete", changing.delete),
    (CHANGE, "restore", changing.restore),
    (CHANGE, "feedback", changing.feedback),
    (TIME, "log", points.log),
    (TIME, "diff", points.diff),
    (TIME, "branch", points.branch),
    (TIME, "rollback", points.rollback),
    (CARE, "erase", erasing.erase),
    (CARE, "export", banks.export),
    (CARE, "import", banks.import_),
    (CARE, "reembed", banks.reembed),
    (CARE, "switch", switching.switch),
    (CARE, "backup", whole_stores.backup),
    (CARE, "migrate", whole_stores.migrate),
    (CARE, "worker", working.worker),
    (CARE, "jobs", working.jobs),
    (CARE, "serve", serving.serve),
    (CARE, "bench", benchmark.bench),
    (SERVE, "hook", hook.hook),
)


class Commands(TyperGroup):
    """All commands; lists them by heading, and ends with one line and a code when something fails."""

    def main(self, args: Sequence[str] | None = None, *_: Any, standalone_mode: bool = True, **extra: Any) -> NoReturn:
        """Run one command and leave the process."""
        given = list(sys.argv[1:] if args is None else args) or ["--help"]
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        as_json = wants_json(given)
        with reported(as_json):
            code = super().main(
                given, prog_name="mnemic", complete_var=extra.get("complete_var"), standalone_mode=False
            )
            if code == 130:
                # typer turns Ctrl-C into this code before anyone else hears of it.
                raise KeyboardInterrupt
        sys.exit(code or 0)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands under their headings."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            found = self.get_command(ctx, name)
            if found is not None and not found.hidden:
                heading = getattr(found, "rich_help_panel", None) or "Commands"
                sections.setdefault(str(heading), []).append((name, found.get_short_help_str(100)))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


app = typer.Typer(
    name="mnemic",
    cls=Commands,
    help="The memory of AI agents, in one file, without a key or a server.",
    epilog="Every command takes --store, --bank and --json. Settings come from mnemic.toml and MNEMIC_ variables.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _heading, _name, _function in _TABLE:
    command(app, _heading, _name)(_function)
app.add_typer(mcp.app, name="mcp", rich_help_panel=SERVE)
app.add_typer(governing.keys, name="keys", rich_help_panel=CARE)
app.add_typer(governing.grants, name="grants", rich_help_panel=CARE)
app.add_typer(governing.policies, name="policies", rich_help_panel=CARE)
app.add_typer(governing.audit, name="audit", rich_help_panel=CARE)
app.add_typer(recipes.app, name="recipes", rich_help_panel=CARE)
app.add_typer(custody.vault, name="vault", rich_help_panel=CARE)
app.add_typer(custody.quarantine, name="quarantine", rich_help_panel=CARE)
app.add_typer(erasing.app, name="erasures", rich_help_panel=CARE)
app.add_typer(servers.banks, name="banks", rich_help_panel=LOOK)
app.add_typer(servers.servers, name="servers", rich_help_panel=CARE)
app.add_typer(tasks.app, name="tasks", rich_help_panel=CARE)


def _version(wanted: bool) -> None:
    if wanted:
        from mnemic import __version__

        print(f"mnemic {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The memory of AI agents, in one file, without a key or a server."""


def main() -> None:
    """Run the command line."""
    app()
