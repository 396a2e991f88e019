"""What is done to banks as a whole: branches, archives, other embedders, other recipes; the long ones tell progress."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from mnemic.core.errors import BadInput
from mnemic.messages import check_name
from mnemic.serve import shapes
from mnemic.serve.files import sent
from mnemic.serve.parameters import BankName
from mnemic.serve.reply import Reply
from mnemic.serve.routes.banks import named_recipe
from mnemic.serve.schemas.banks import BankOut, BranchIn, ReembeddedOut, SwitchedOut, SwitchIn, SwitchingOut, TunedOut
from mnemic.serve.streaming import Progress, streamed, told_as
from mnemic.serve.who import Guarded

router = APIRouter(tags=["whole banks"])
ARCHIVE = "application/octet-stream"


@router.post("/banks/{bank}/branch", response_class=Response, responses=told_as(BankOut))
async def branch(request: Request, bank: BankName, body: BranchIn, memory: Guarded) -> Response:
    """Make a new bank that is what this one was at a seq of its log, or is now. The result is the new bank."""

    def work(progress: Progress) -> dict[str, Any]:
        made = memory.branch(bank, body.name, at=body.at, on_progress=progress)
        return next(shapes.bank(row) for row in memory.banks() if row.name == made.name)

    return await streamed(request, work)


@router.get(
    "/banks/{bank}/export",
    response_class=Response,
    responses={
        200: {"description": "The archive.", "content": {ARCHIVE: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def export(
    bank: BankName,
    memory: Guarded,
    clear: Annotated[bool, Query(description="Also of a sealed bank: an archive lies in clear.")] = False,
) -> Response:
    """A whole bank as a portable, checksummed archive."""
    folder = tempfile.TemporaryDirectory(prefix="mnemic-export-")
    path = Path(folder.name) / "bank.mnemic"
    try:
        told = f"over HTTP to {memory.acting.principal}"
        await run_in_threadpool(functools.partial(memory.export, bank, path, clear=clear, to=told))
    except BaseException:
        folder.cleanup()
        raise
    return sent(path, folder, ARCHIVE)


@router.post(
    "/import",
    response_class=Response,
    responses=told_as(BankOut),
    openapi_extra={
        "requestBody": {"required": True, "content": {ARCHIVE: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def import_(
    request: Request,
    memory: Guarded,
    name: Annotated[str | None, Query(min_length=1, max_length=200, description="Another name for the bank.")] = None,
) -> Response:
    """Rebuild a bank from an archive, which is the body; all of it or nothing. The result is the bank."""
    if name is not None:
        check_name(name, "name")
    folder = tempfile.TemporaryDirectory(prefix="mnemic-import-")
    path = Path(folder.name) / "bank.mnemic"
    try:
        with path.open("wb") as file:
            async for piece in request.stream():
                file.write(piece)
        if not path.stat().st_size:
            raise BadInput("body: is empty; send an archive that an export gave")
    except BaseException:
        folder.cleanup()
        raise

    def work(progress: Progress) -> dict[str, Any]:
        with folder:
            made = memory.import_bank(path, name=name, on_progress=progress)
        return next(shapes.bank(row) for row in memory.banks() if row.name == made.name)

    return await streamed(request, work)


@router.post("/banks/{bank}/reembed", response_class=Response, responses=told_as(ReembeddedOut))
async def reembed(request: Request, bank: BankName, memory: Guarded) -> Response:
    """Move a bank's vectors to the configured embedder. Broken off, the next request goes on where it was."""
    return await streamed(request, lambda progress: asdict(memory.reembed(bank, on_progress=progress)))


@router.post("/banks/{bank}/tune", response_class=Response, responses=told_as(TunedOut))
async def tune(request: Request, bank: BankName, memory: Guarded) -> Response:
    """Make what a large bank is searched faster by, where its store has such a thing; a worker does it by itself."""
    return await streamed(request, lambda _: {"made": memory.tune(bank)})


@router.post("/banks/{bank}/switch", response_class=Response, responses=told_as(SwitchedOut))
async def switch(request: Request, bank: BankName, body: SwitchIn, memory: Guarded) -> Response:
    """Make of all events what another recipe makes of them. Broken off, the next request goes on where it was."""
    recipe = named_recipe(body.recipe)

    def work(progress: Progress) -> dict[str, Any]:
        return shapes.switched(memory.bank(bank).switch(recipe, on_progress=progress))

    return await streamed(request, work)


@router.get("/banks/{bank}/switch", response_model=SwitchingOut)
def switching(bank: BankName, memory: Guarded) -> Reply:
    """The switch that is under way, if one is."""
    memory.bank(bank)
    found = memory.switching(bank)
    if found is None:
        return Reply({"under_way": False, "recipe": "", "done": 0, "total": 0})
    return Reply({"under_way": True, "recipe": found.name, "done": found.done, "total": found.total})


@router.delete("/banks/{bank}/switch", response_model=SwitchingOut)
def give_up_switch(bank: BankName, memory: Guarded) -> Reply:
    """End the switch that is under way, leaving the bank as it is."""
    memory.bank(bank)
    memory.give_up_switch(bank)
    return Reply({"under_way": False, "recipe": "", "done": 0, "total": 0})
