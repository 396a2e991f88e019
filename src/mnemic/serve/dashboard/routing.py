"""The dashboard's routes: one file of ``pages`` for each subject, then what the pages load, then what is not there."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter, Response

from mnemic.core.errors import NotFound
from mnemic.serve.dashboard import assets, links, pages
from mnemic.serve.dashboard.page_route import PageRoute
from mnemic.serve.dashboard.session import Doors

router = APIRouter(route_class=PageRoute, include_in_schema=False)
for found in sorted(module.name for module in iter_modules(pages.__path__)):
    router.include_router(import_module(f"{pages.__name__}.{found}").router, prefix=links.ROOT)
router.include_router(assets.router, prefix=links.ROOT)


@router.get(links.ROOT + "/{rest:path}")
def missing(_: Doors) -> Response:
    """What no page answers to; the menu leads on."""
    raise NotFound("page: the dashboard has none at this address; go on from the list of banks")
