"""Banks: which there are, one of them, and making one."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from mnemic.core.errors import BadInput, NotFound
from mnemic.serve import shapes
from mnemic.serve.parameters import BankName, Cursor, Limit, page_of
from mnemic.serve.queueing import Writing
from mnemic.serve.reply import Reply
from mnemic.serve.schemas.banks import BankIn, BankOut, Banks, RecipeIn, StatsOut
from mnemic.serve.who import Guarded

router = APIRouter(tags=["banks"])


@router.get("/banks", response_model=Banks)
def banks(memory: Guarded, limit: Limit = 100, cursor: Cursor = None) -> Reply:
    """The banks that the sender may see, by name."""
    rows, following = page_of(memory.banks(), lambda row: row.name, limit, cursor)
    return Reply({"banks": [shapes.bank(row) for row in rows], "next": following})


@router.get("/banks/{bank}", response_model=BankOut)
def bank(bank: BankName, memory: Guarded) -> Reply:
    """A bank."""
    memory.bank(bank)
    return Reply(next(shapes.bank(row) for row in memory.banks() if row.name == bank))


@router.put(
    "/banks/{bank}",
    response_model=BankOut,
    status_code=201,
    dependencies=[Writing],
    responses={200: {"description": "It was there already.", "model": BankOut}},
)
def make(bank: BankName, memory: Guarded, body: BankIn | None = None) -> Response:
    """Make a bank, unless it is there already; a recipe is chosen at making."""
    recipe = named_recipe(body.recipe if body else None)
    sealed = bool(body and body.sealed)
    try:
        memory.bank(bank, sealed=sealed)
        status = 200
    except NotFound:
        memory.bank(bank, recipe, create=True, sealed=sealed)
        status = 201
    return Reply(next(shapes.bank(row) for row in memory.banks() if row.name == bank), status)


@router.patch("/banks/{bank}", response_model=BankOut, dependencies=[Writing])
def choose_recipe(bank: BankName, body: RecipeIn, memory: Guarded) -> Reply:
    """Keep a bank by another recipe from now on, leaving what is remembered; to make that anew, switch."""
    memory.bank(bank)
    memory.bank(bank, named_recipe(body.recipe))
    return Reply(next(shapes.bank(row) for row in memory.banks() if row.name == bank))


@router.get("/banks/{bank}/stats", response_model=StatsOut)
def stats(bank: BankName, memory: Guarded) -> Reply:
    """What a bank holds, by which recipe and models, what waits, and what asking models has cost."""
    return Reply(memory.bank(bank).stats())


def named_recipe(given: str | None) -> str | None:
    """A recipe that a request names; raises BadInput where it would have a file of the server read."""
    if given is not None and "\n" not in given and given.endswith(".toml"):
        raise BadInput("recipe: is a path; send the name of a recipe, or the text of the file")
    return given
