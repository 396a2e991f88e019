"""The routes of the HTTP interface, one resource a file. A file is found by being here.

To add one, write ``serve/routes/NAME.py`` with an ``APIRouter`` called ``router``::

    router = APIRouter(tags=["jobs"])

    @router.get("/banks/{bank}/jobs", response_model=Jobs)
    def jobs(bank: BankName, memory: Guarded) -> Reply:
        '''The jobs of a bank.'''
        return Reply({"jobs": [...]})

Its paths are put behind ``/v1``. Functions are plain (``def``): they run in a thread. ``memory: Guarded`` is the memory
as the sender may use it; errors of :mod:`mnemic.core.errors` become problem+json. A route that writes to the bank of
its path says ``dependencies=[Writing]``, so that it waits for its turn without holding a thread, and a POST that must
not be done twice wraps its work in ``once(...)`` of :mod:`mnemic.serve.once`. Long work that reports progress answers
with :func:`mnemic.serve.streaming.streamed`. Shapes go to ``serve/schemas/NAME.py``; ``response_model`` is for OpenAPI,
and is not checked against what a ``Reply`` holds. A file whose routes are not behind ``/v1`` sets ``PREFIX = ""``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter

#: Routes are looked through in their order: what is asked all the time comes first.
_FIRST = "reading"


def routers() -> Iterator[tuple[str, APIRouter]]:
    """The routers of this folder, each with the prefix of its paths: the busiest, then by the names of files.

    >>> sorted({prefix for prefix, _ in routers()})
    ['', '/v1']
    """
    names = sorted(found.name for found in iter_modules(__path__))
    for name in sorted(names, key=lambda name: name != _FIRST):
        module = import_module(f"{__name__}.{name}")
        yield getattr(module, "PREFIX", "/v1"), module.router
