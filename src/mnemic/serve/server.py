"""The process that listens: binds, warms the models behind the first answers, drains when it is told to stop."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mnemic.core.errors import BadInput, MnemicError
from mnemic.identifying import doorkeeper_of
from mnemic.memory import Memory
from mnemic.recipes import load_recipe
from mnemic.serve.app import create_app
from mnemic.serve.collector import trace_as_told
from mnemic.serve.logging import log_lines
from mnemic.serve.origins import LOCAL_NAMES
from mnemic.serve.who import Identification

_LOG = logging.getLogger("mnemic.serve")
#: Seconds that requests under way get to end, once the process is told to stop.
DRAIN_S = 20
#: Connections that may wait to be accepted.
QUEUE = 2048


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_reach(host: str, *, has_keys: bool, open_to_all: bool) -> None:
    """Raise BadInput where everyone on a network could use a store without a key."""
    if not is_loopback(host) and not has_keys and not open_to_all:
        raise BadInput(
            f"host: {host} can be reached by others, and this store has no keys: everyone there could read and change "
            "all of it; make a key with 'mnemic keys create', listen on 127.0.0.1, or give --open-to-all"
        )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises BadInput when the address is taken or is none."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise BadInput(f"host: {host!r} is no address of this machine ({error}); give one such as 127.0.0.1") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(QUEUE)
    except OSError as error:
        listening.close()
        raise BadInput(f"port: {host}:{port} cannot be listened on ({error.strerror}); give another --port") from None
    return listening


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop: say so on /ready before anything else, so that no new request is sent here."""
        self._app.state.draining = True
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; asyncio has made the queue of who waits as short as what it accepts at once."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(QUEUE)


def serve(
    memory: Memory,
    listening: socket.socket,
    *,
    identification: Identification | None = None,
    beside_others: bool = False,
    on_start: Callable[[str], None],
) -> None:
    """Serve a memory on a socket until the process is told to stop; what is under way ends first.

    ``beside_others`` says that further processes accept from this socket, so that none may take all who wait.
    """
    no_keys = identification is None and not doorkeeper_of(memory).closed and is_loopback(listening.getsockname()[0])
    app = create_app(memory, identification=identification, names=LOCAL_NAMES if no_keys else None)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=DRAIN_S,
        timeout_keep_alive=30,
        backlog=1 if beside_others else QUEUE,
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
    )
    log_lines()
    trace_as_told()
    threading.Thread(target=warm, args=(memory,), name="mnemic-warm", daemon=True).start()
    on_start(address_of(listening))
    with _told_to_stop():
        _Server(config, app).run(sockets=[listening])
    memory.flush()


@contextmanager
def _told_to_stop() -> Iterator[None]:
    # uvicorn drains, and then raises the signal anew: the process would end before the store is closed.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def address_of(listening: socket.socket) -> str:
    """The address of a listening socket as a browser takes it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def warm(memory: Memory) -> None:
    """Load recipe and models, so that the first question need not wait; what is not there is told when it is asked."""
    models = memory.engine.models
    for load in (partial(load_recipe, memory.settings.recipe), models.load_embedder, models.load_reranker):
        try:
            load()
        except MnemicError as error:
            _LOG.info("not warmed", extra={"fields": {"code": type(error).__name__}})
