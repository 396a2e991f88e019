"""Arguments that several commands take, and how points of a log are written."""

from __future__ import annotations

from typing import Annotated

import typer

RecordId = Annotated[str, typer.Argument(metavar="RECORD", help="Id of a record.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the log.")]
Tokens = Annotated[int, typer.Option(metavar="N", help="Size of the context, in tokens.")]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="Another way of reading that the recipe offers.")]
RecipeName = Annotated[
    str | None, typer.Option("--recipe", metavar="NAME", help="Recipe, or a TOML file; kept with the bank.")
]
Limit = Annotated[int, typer.Option(metavar="N", help="How many at most.")]
AsOf = Annotated[
    str | None, typer.Option(metavar="POINT", help="Read the bank as it was: an instant, or a seq of its log.")
]


def point(text: str) -> str | int:
    """A point of a log as it is written on a command line: digits are a seq, all else is an instant.

    >>> point("12"), point("2026-06-02")
    (12, '2026-06-02')
    """
    return int(text) if text.isascii() and text.isdecimal() else text
