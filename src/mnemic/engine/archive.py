"""Archives: a whole bank as one portable, checksummed file.

A ZIP with ``manifest.json`` (format, bank, recipe, embedder with calibration, counts, SHA-256 of every member),
``log.jsonl`` (every entry of the log, which holds all events and ops), and, where the bank has vectors,
``units.jsonl`` (key name, mode and text hash of each) and ``vectors.f32`` (little-endian float32, in that order).
Importing replays the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mnemic.core.errors import BadInput, MnemicError
from mnemic.core.op import LogEntry
from mnemic.engine.engine import Engine
from mnemic.engine.replay import UnitKey, replay
from mnemic.messages import check_name
from mnemic.store.protocol import Snapshot, Unit

FORMAT = "mnemic-bank"
VERSION = 1
_MEMBERS = ("manifest.json", "log.jsonl", "units.jsonl", "vectors.f32")
_MANIFEST = {"version": int, "bank": str, "recipe": str, "entries": int, "sha256": dict}
_MAX_MANIFEST = 1 << 20
_MAX_DIM = 1 << 16
_MAX_LINE = 64 << 20
Progress = Callable[[int, int], None]
#: What reading a file that was damaged, or made by hand, can raise.
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
    LookupError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip


def export_bank(engine: Engine, bank: str, path: Path, *, on_progress: Progress | None = None) -> dict[str, Any]:
    """Write a bank to ``path``; the file appears only when it is whole. Gives the manifest."""
    if path.is_dir():
        raise BadInput(f"path: {path} is a folder; give the name of a file")
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with engine.store.snapshot(bank) as snapshot, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _write(engine, snapshot, archive, on_progress)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise BadInput(f"path: {path} cannot be written ({error.strerror})") from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return manifest


def _write(
    engine: Engine, snapshot: Snapshot, archive: zipfile.ZipFile, on_progress: Progress | None
) -> dict[str, Any]:
    row = snapshot.row
    space = engine.store.space_by_id(row.name, row.space) if row.space is not None else None
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "bank": row.name,
        "recipe": row.recipe,
        "created_at": row.created_at.isoformat(),
        "origin": row.origin,
        "entries": snapshot.seq,
        "sha256": {},
    }

    def lines() -> Iterator[bytes]:
        for entry in snapshot.log(0, None):
            if on_progress is not None and entry.seq % 256 == 0:
                on_progress(entry.seq, snapshot.seq)
            yield json.dumps(entry.to_json(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    manifest["sha256"]["log.jsonl"] = _member(archive, "log.jsonl", lines())
    if space is not None:
        units = snapshot.dense_units()
        manifest["embedder"] = {
            "name": space.name,
            "fingerprint": space.fingerprint,
            "dim": space.dim,
            "calibration": dict(space.calibration),
        }
        identities = (json.dumps([name, mode, sha.hex()]).encode() + b"\n" for name, mode, sha in units)
        manifest["sha256"]["units.jsonl"] = _member(archive, "units.jsonl", identities)
        blobs = snapshot.vectors(None)
        vectors = (blobs[number] for number in units.values() if number in blobs)
        manifest["sha256"]["vectors.f32"] = _member(archive, "vectors.f32", vectors)
    archive.writestr("manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False))
    return manifest


def _member(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:
        for chunk in chunks:
            digest.update(chunk)
            member.write(chunk)
    return digest.hexdigest()


def import_bank(
    engine: Engine,
    path: Path,
    *,
    name: str | None,
    check_recipe: Callable[[str], object],
    on_progress: Progress | None = None,
) -> str:
    """Rebuild a bank from an archive; whole or not at all. Gives its name.

    ``check_recipe`` raises when this installation lacks the recipe of the bank. Raises BadInput, with nothing
    written, when the file is no archive, is damaged, or holds what it should not.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            opened = _opened(archive, path)
            check_recipe(opened.manifest["recipe"])
            return _replayed(engine, opened, path, name, on_progress)
    except FileNotFoundError:
        raise BadInput(f"path: there is no file {path}") from None
    except _DAMAGES as error:
        raise BadInput(f"path: {path} is no archive of mnemic, or is damaged ({error})") from None


@dataclass(frozen=True, slots=True)
class _Opened:
    archive: zipfile.ZipFile
    manifest: Mapping[str, Any]


def _opened(archive: zipfile.ZipFile, path: Path) -> _Opened:
    names = archive.namelist()
    if strange := [name for name in names if name not in _MEMBERS]:
        raise BadInput(f"path: {path} holds {strange[0]!r}, which has no place in an archive of mnemic")
    if len(set(names)) != len(names) or not {"manifest.json", "log.jsonl"} <= set(names):
        raise BadInput(f"path: {path} is no archive of mnemic; it lacks manifest.json or log.jsonl")
    if archive.getinfo("manifest.json").file_size > _MAX_MANIFEST:
        raise BadInput(f"path: {path}: manifest.json is too large")
    try:
        manifest = json.loads(archive.read("manifest.json"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"path: {path}: manifest.json is not valid ({error})") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadInput(f"path: {path} is no archive of mnemic")
    if strange := [field for field, kind in _MANIFEST.items() if not isinstance(manifest.get(field), kind)]:
        raise BadInput(f"path: {path}: manifest.json has no valid {strange[0]!r}")
    if manifest["version"] != VERSION:
        raise BadInput(f"path: {path} is of format version {manifest['version']}; this mnemic reads {VERSION}")
    for member in _MEMBERS[1:]:
        expected = manifest.get("sha256", {}).get(member)
        if (expected is None) != (member not in names):
            raise BadInput(f"path: {path}: {member} and the manifest do not agree")
        if expected is not None and _sha256(archive.open(member)) != expected:
            raise BadInput(f"path: {path} is damaged: {member} has another checksum than the manifest says")
    return _Opened(archive, manifest)


def _sha256(member: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with member:
        while chunk := member.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _replayed(engine: Engine, opened: _Opened, path: Path, name: str | None, on_progress: Progress | None) -> str:
    manifest = opened.manifest
    target = name or check_name(manifest["bank"])
    total = manifest["entries"]
    if engine.store.bank(target) is not None:
        raise BadInput(f"bank: {target!r} exists already; import under another name with --as")
    # Read through once before anything is made, so that what is not valid leaves nothing behind.
    done = sum(1 for _ in _entries(opened.archive, path))
    if done != total:
        raise BadInput(f"path: {path} is damaged: it holds {done} of {total} log entries")
    space, vectors = _vectors(engine, target, opened)
    with engine.store.creating(target, manifest["recipe"], engine.clock.now(), f"archive {path.name}") as transaction:
        replay(
            _entries(opened.archive, path),
            transaction,
            vectors,
            space=space,
            on_progress=(lambda n: on_progress(n, total)) if on_progress else None,
        )
    return target


def _entries(archive: zipfile.ZipFile, path: Path) -> Iterator[LogEntry]:
    with archive.open("log.jsonl") as lines:
        expected = 0
        while line := lines.readline(_MAX_LINE):
            expected += 1
            try:
                entry = LogEntry.from_json(json.loads(line))
            except MnemicError as error:
                raise BadInput(f"path: {path}: log.jsonl, line {expected}: {error}") from None
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise BadInput(f"path: {path}: log.jsonl, line {expected} is not valid ({error})") from None
            if entry.seq != expected:
                raise BadInput(f"path: {path}: log.jsonl, line {expected}: seq {entry.seq} is out of order")
            yield entry


def _vectors(
    engine: Engine, bank: str, opened: _Opened
) -> tuple[int | None, Callable[[Sequence[Unit]], Mapping[UnitKey, bytes]]]:
    embedder = opened.manifest.get("embedder")
    if embedder is None:
        return None, lambda _: {}
    name, mark, dim = str(embedder["name"]), str(embedder["fingerprint"]), int(embedder["dim"])
    if not 0 < dim <= _MAX_DIM:
        raise BadInput(f"archive: vectors of {dim} dimensions cannot be taken")
    found: dict[UnitKey, bytes] = {}
    with opened.archive.open("units.jsonl") as units, opened.archive.open("vectors.f32") as blobs:
        for line in units:
            key, mode, sha = json.loads(line)
            found[key, mode, bytes.fromhex(sha)] = blobs.read(4 * dim)
    known = engine.store.space(bank, mark)
    space = known or engine.store.add_space(bank, mark, name, dim, dict(embedder["calibration"]))
    if space.dim != dim:
        raise BadInput(f"archive: vectors of {name!r} have {dim} dimensions here and {space.dim} in this store")

    def find(units: Sequence[Unit]) -> Mapping[UnitKey, bytes]:
        keys = [(unit.name, unit.mode, unit.sha) for unit in units]
        if missing := [key for key in keys if len(found.get(key, b"")) != 4 * dim]:
            raise BadInput(f"archive: vectors.f32 lacks the vector of a text under key {missing[0][0]!r}")
        return {key: found[key] for key in keys}

    return space.space, find
