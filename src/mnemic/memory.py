"""A memory: one store with its models and banks. ``mnemic.open`` gives you one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mnemic import migration
from mnemic.access import Access
from mnemic.auditing import Auditor
from mnemic.bank import Bank
from mnemic.config import Settings
from mnemic.core.acting import LOCAL, Acting
from mnemic.core.chance import Clock, SystemClock
from mnemic.core.cipher import KeyService
from mnemic.core.erasure import ErasureReceipt
from mnemic.core.errors import BadInput, NotFound, StoreError
from mnemic.core.pipeline import Recipe
from mnemic.engine import archive, branching, reembed, reform, switch_notes
from mnemic.engine.engine import Engine
from mnemic.engine.erasing.copies import note_export
from mnemic.engine.erasing.erase_bank import erase_bank
from mnemic.engine.erasing.verifying import holds, receipts
from mnemic.engine.tools import Models
from mnemic.entering import Entrance
from mnemic.governance.keyring import load_keys
from mnemic.governance.labelling import lexicon_of
from mnemic.guarded import GuardedMemory
from mnemic.jobs import asking
from mnemic.messages import check_name
from mnemic.models.extras import require
from mnemic.models.language.prompt import Wordings
from mnemic.models.language.registry import Limits
from mnemic.recipes import kept_recipe, load_recipe, recorded, with_model
from mnemic.store.notes import WHOLE_STORE, Job
from mnemic.store.protocol import BankRow, Store

if TYPE_CHECKING:
    from mnemic.models.language.port import LanguageModel
    from mnemic.models.ports import Embedder, Reranker
    from mnemic.moving import Moved

Progress = Callable[[int, int], None]


def open_store(path: str | Path, *, cache_mb: int = 512) -> Store:
    """The store at a path: a file, with a trailing ``/`` a folder of one file a bank, or a database's address.

    ``postgresql://user@host:5432/database`` is a PostgreSQL database; ``?schema=name`` names its schema. Raises
    StoreError.
    """
    text = str(path)
    if "://" in text:
        return _server_store(text, cache_mb)
    if text.endswith(("/", "\\")) or Path(text).is_dir():
        from mnemic.store.folder import FolderStore

        return FolderStore(Path(text), cache_bytes=cache_mb << 20)
    from mnemic.store.sqlite.store import SqliteStore

    return SqliteStore(Path(text), cache_bytes=cache_mb << 20)


def _server_store(address: str, cache_mb: int) -> Store:
    scheme = address.split("://", 1)[0]
    if scheme.startswith("directory+"):
        return _routed_store(address.removeprefix("directory+"), cache_mb)
    if scheme not in ("postgresql", "postgres"):
        raise StoreError(f"store: {scheme}:// is unknown; give postgresql://user@host/database, a file or a folder")
    require("psycopg_pool", "postgres")
    from mnemic.store.postgres.store import PostgresStore, parted

    dsn, schema = parted(address)
    return PostgresStore(dsn, schema=schema, cache_bytes=cache_mb << 20)


def _routed_store(address: str, cache_mb: int) -> Store:
    require("psycopg_pool", "postgres")
    from mnemic.store.directory import Directory
    from mnemic.store.postgres.store import PostgresStore
    from mnemic.store.routed import RoutedStore
    from mnemic.store.sqlite.store import SqliteStore

    path = address.removeprefix("sqlite:///") if address.startswith("sqlite:///") else address
    common = open_store(path, cache_mb=cache_mb)
    if not isinstance(common, SqliteStore | PostgresStore):
        raise StoreError("store: a directory is one database; give directory+postgresql://... or a file")
    return RoutedStore(Directory(common), lambda dsn: open_store(dsn, cache_mb=cache_mb))


@dataclass(slots=True)
class Memory:
    """Banks in one store, with the models that serve them. Use it as a context manager, or call ``close``."""

    engine: Engine
    settings: Settings
    entrance: Entrance = field(default_factory=Entrance)
    auditor: Auditor = field(init=False)

    def __post_init__(self) -> None:
        self.auditor = Auditor(self.engine.store, self.engine.clock)

    @property
    def access(self) -> Access:
        """Keys, grants and policies; who acts for others asks through :meth:`acting`."""
        return Access(self.engine.store, self.engine.clock, self.engine.ids, self.auditor)

    def bank(self, name: str | None = None, recipe: str | Recipe | None = None, *, create: bool = True) -> Bank:
        """A bank by name, made when it is not there and ``create`` holds.

        ``recipe`` (a name, a path to a TOML file, or a Recipe) is chosen at making. Given for a bank that exists it
        changes what is done from now on, and leaves what is remembered as the former recipe made it, where the new one
        may not find it: ``switch`` has it made anew.
        """
        name = check_name(self.settings.bank if name is None else name)
        row = self.engine.store.bank(name)
        if row is None and create:
            chosen = load_recipe(self._configured() if recipe is None else recipe)
            try:
                self.engine.store.create_bank(name, recorded(chosen, recipe), self.engine.clock.now())
            except BadInput:
                # Another thread or process may have made it meanwhile; then that one it is.
                row = self.engine.store.bank(name)
                if row is None:
                    raise
            else:
                return self._bank(name, chosen, recorded(chosen, recipe))
        if row is None:
            known = ", ".join(repr(bank.name) for bank in self.banks()[:5]) or "none yet"
            raise NotFound(f"bank: there is none called {name!r}; this store has {known}")
        if recipe is not None:
            chosen = load_recipe(recipe)
            kept_by = recorded(chosen, recipe)
            switch_notes.choose_recipe(self.engine, name, kept_by)
            return self._bank(name, chosen, kept_by)
        return self._bank(name, kept_recipe(row.recipe), row.recipe)

    def _configured(self) -> str:
        """The configured recipe, in the form that uses a language model where there is one of both."""
        given = self.settings.recipe
        return with_model(given) if self.engine.models.answers else given

    def _bank(self, name: str, recipe: Recipe, kept_by: str) -> Bank:
        return Bank(name, recipe, kept_by, self.engine, self.settings.profile, entrance=self.entrance)

    def banks(self) -> list[BankRow]:
        """All banks, by name."""
        return [row for row in self.engine.store.banks() if not row.hidden]

    def branch(self, bank: str, name: str, *, at: int | None = None, on_progress: Progress | None = None) -> Bank:
        """A new bank that is what ``bank`` was at seq ``at`` of its log, or is now; both go their own way."""
        branching.branch(self.engine, bank, check_name(name), at=at, on_progress=on_progress)
        return self.bank(name)

    def export(self, bank: str, path: str | Path, *, on_progress: Progress | None = None) -> dict[str, Any]:
        """Write a whole bank to a portable, checksummed archive; gives its manifest."""
        manifest = archive.export_bank(self.engine, bank, Path(path), on_progress=on_progress)
        # An erasure tells later which copies were made.
        note_export(self.engine, bank, str(path), int(manifest["entries"]), self.engine.clock.now())
        return manifest

    def import_bank(self, path: str | Path, *, name: str | None = None, on_progress: Progress | None = None) -> Bank:
        """Rebuild a bank from an archive, under its own or another name; all of it or nothing."""
        made = archive.import_bank(
            self.engine,
            Path(path),
            name=None if name is None else check_name(name),
            check_recipe=load_recipe,
            on_progress=on_progress,
        )
        return self.bank(made)

    def reembed(self, bank: str, *, on_progress: Progress | None = None) -> reembed.Reembedded:
        """Move a bank's vectors to the configured embedder; resumable, and search stays right meanwhile."""
        return reembed.reembed(self.engine, bank, on_progress=on_progress)

    def switch(self, bank: str, recipe: str | Recipe, *, on_progress: Progress | None = None) -> reform.Switched:
        """Make of all events of a bank what another recipe makes of them; see :meth:`mnemic.bank.Bank.switch`."""
        return self.bank(bank, create=False).switch(recipe, on_progress=on_progress)

    def switching(self, bank: str) -> switch_notes.Switching | None:
        """The switch that is under way in a bank, or None."""
        return switch_notes.under_way(self.engine, bank)

    def give_up_switch(self, bank: str) -> bool:
        """End the switch that is under way, leaving the bank as it is; False when there is none."""
        return switch_notes.give_up(self.engine, bank)

    def enqueue(
        self, kind: str, bank: str, options: Mapping[str, Any] | None = None, *, acting: Acting | None = None
    ) -> Job:
        """Ask for a job that a worker does: ``form``, ``consolidate``, ``reembed`` or ``switch`` of a bank."""
        return asking.enqueue(self.engine, kind, bank, options, acting=acting)

    def jobs(self, bank: str | None = None) -> list[Job]:
        """Jobs of a bank, or of all, with what came of them, how far they are, or why they failed."""
        return asking.jobs(self.engine, bank)

    def migrate_to(
        self, target: Memory, *, on_progress: Callable[[str, int, int], None] | None = None
    ) -> migration.Migrated:
        """Bring all of this store into that of ``target``, which must be new; broken off, it goes on where it was."""
        store, clock, name = self.engine.store, self.engine.clock, self.settings.store
        return migration.migrate(store, target.engine.store, clock, name=name, on_progress=on_progress)

    def move_bank(self, bank: str, to: str, *, on_progress: Progress | None = None) -> Moved:
        """Move a bank to another server while it is used; broken off, the same call goes on where it was."""
        from mnemic.moving import move

        return move(self.engine.store, bank, to, self.engine.clock, on_progress=on_progress)

    def acting(self, acting: Acting) -> GuardedMemory:
        """This memory as somebody may use it, behind the doors of governance; what he does is audited."""
        return GuardedMemory(self, acting)

    def erase_bank(self, name: str, *, who: str = LOCAL, reason: str = "") -> ErasureReceipt:
        """Erase a bank with all that belongs to it, search the store for traces, and give a signed receipt."""
        self.bank(name, create=False)
        return erase_bank(self.engine, name, who=who, reason=reason)

    def erasures(self) -> list[ErasureReceipt]:
        """The receipts of banks that were erased whole."""
        return receipts(self.engine, WHOLE_STORE)

    def erasure_holds(self, receipt: ErasureReceipt) -> bool:
        """Whether a receipt is just as this store signed it, of a bank that is gone too."""
        return holds(self.engine, receipt)

    def check(self) -> list[str]:
        """What is wrong with the store, in words; empty when log, rows and every index agree."""
        return self.engine.store.check()

    def flush(self) -> None:
        """Write what is waiting to be written behind: receipts, and entries of the audit."""
        self.auditor.flush()
        self.engine.store.flush()

    def close(self) -> None:
        """Write what waits and close the store."""
        try:
            self.auditor.close()
        finally:
            self.engine.store.close()

    def __enter__(self) -> Memory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_memory(
    path: str | Path | None = None,
    *,
    embedder: str | Embedder | None = None,
    reranker: str | Reranker | None = None,
    language_model: str | LanguageModel | None = None,
    clock: Clock | None = None,
    seed: int | None = None,
    settings: Settings | None = None,
    keys: KeyService | None = None,
) -> Memory:
    """Open a memory, making its store when there is none.

    ``path`` is a file, or with a trailing ``/`` a folder of one file a bank. What is not given comes from the
    configuration (see :class:`mnemic.config.Settings`). ``clock`` and ``seed`` fix time and chance. ``keys`` wraps the
    keys of the vault, such as a service that manages keys.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_memory(folder.name + "/agent.db", embedder="hashing") as memory:
    ...     memory.banks()
    []
    >>> folder.cleanup()
    """
    settings = settings or Settings.load()
    if path is not None and not str(path).strip():
        raise BadInput("path: is empty; give a file or a folder")
    if path is not None:
        settings = replace(settings, store=str(path))
    store = open_store(settings.store, cache_mb=settings.cache_mb)
    if keys is None:
        keys = load_keys(key=settings.vault_key, key_file=settings.vault_key_file, service=settings.vault_service)
    models = Models(
        embedder=embedder if embedder is not None else settings.embedder,
        reranker=reranker if reranker is not None else settings.reranker,
        language_model=language_model if language_model is not None else settings.language_model,
        threads=settings.threads,
        limits=limits_of(settings),
        wordings=Wordings(Path(settings.prompts).expanduser() if settings.prompts else None),
    )
    return Memory(
        Engine(store, models, clock or SystemClock(), seed),
        settings,
        Entrance(keys, lexicon=lexicon_of(settings.labelling)),
    )


def limits_of(settings: Settings) -> Limits:
    """Where the configured language model is and what asking it may take."""
    prefix = "language_model_"
    return Limits(**{item.name: getattr(settings, prefix + item.name) for item in fields(Limits)})
