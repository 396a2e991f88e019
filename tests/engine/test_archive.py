"""Archives: what is damaged, foreign or forged is refused with one clear message, and nothing is written."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnemic.core.errors import BadInput, MnemicError, NotFound
from mnemic.memory import Memory


@pytest.fixture
def archive(memory: Memory, tmp_path: Path) -> Path:
    """An archive of a bank with vectors."""
    bank = memory.bank("origin")
    bank.retain([f"turn {i} about tea {i % 3}" for i in range(20)], session="s1")
    bank.update(bank.list().records[0].id, "coffee it was")
    path = tmp_path / "origin.zip"
    memory.export("origin", path)
    return path


def forged(archive: Path, path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """The archive with members changed, and checksums that fit unless they were changed too."""
    with zipfile.ZipFile(archive) as source:
        members = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    if isinstance(manifest.get("sha256"), dict):
        for name in manifest["sha256"]:
            if name in members and manifest["sha256"][name] != "wrong":
                manifest["sha256"][name] = hashlib.sha256(members[name]).hexdigest()
    with zipfile.ZipFile(path, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
        made.writestr("manifest.json", json.dumps(manifest))
    return path


def lines(change: Callable[[list[Any]], None]) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    """A change of the log's entries."""

    def do(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        entries = [json.loads(line) for line in members["log.jsonl"].splitlines()]
        change(entries)
        members["log.jsonl"] = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)

    return do


FORGERIES: dict[str, Callable[[dict[str, Any], dict[str, bytes]], None]] = {
    "wrong checksum": lambda manifest, members: manifest["sha256"].update({"log.jsonl": "wrong"}),
    "a path that leads out": lambda manifest, members: members.update({"../../etc/passwd": b"x"}),
    "an absolute path": lambda manifest, members: members.update({"/etc/passwd": b"x"}),
    "another file": lambda manifest, members: members.update({"notes.txt": b"x"}),
    "a newer format": lambda manifest, members: manifest.update(version=2),
    "another format": lambda manifest, members: manifest.update(format="other"),
    "no log": lambda manifest, members: members.update({"log.jsonl": b""}),
    "no checksum": lambda manifest, members: manifest["sha256"].pop("vectors.f32") and None,
    "checksums that are a list": lambda manifest, members: manifest.update(sha256=[]),
    "no recipe": lambda manifest, members: manifest.pop("recipe") and None,
    "a recipe that is not installed": lambda manifest, members: manifest.update(recipe="no-such-recipe"),
    "a bank without a name": lambda manifest, members: manifest.update(bank=""),
    "a bank whose name is a number": lambda manifest, members: manifest.update(bank=7),
    "fewer entries than said": lines(lambda entries: entries.pop()),
    "entries out of order": lines(lambda entries: entries.reverse()),
    "an entry that is a list": lines(lambda entries: entries.__setitem__(3, [])),
    "an op of no kind": lines(lambda entries: entries[2]["op"].update(kind="EXPLODE")),
    "an erasure": lines(lambda entries: entries[-1]["op"].update(kind="ERASE")),
    "an update of nothing": lines(lambda entries: entries[-1]["op"].update(targets=[])),
    "an update of a stranger": lines(lambda entries: entries[-1]["op"].update(targets=["stranger"])),
    "an update of other content": lines(
        lambda entries: entries[-1]["op"].update(before_sha={entries[-1]["op"]["targets"][0]: "0"})
    ),
    "a record twice": lines(
        lambda entries: entries[-1].update(op=next(e["op"] for e in entries if e["op"]["kind"] == "ADD"))
    ),
    "an event formed twice": lines(
        lambda entries: entries[-1].update(op=next(e["op"] for e in entries if e["op"]["kind"] == "NOOP"))
    ),
    "an event twice": lines(lambda entries: entries[1].update(op=entries[0]["op"])),
    "no time": lines(lambda entries: entries[0].update(at="yesterday")),
    "a lone surrogate": lines(lambda entries: entries[0]["op"]["event"].update(id="\ud800")),
    "vectors cut short": lambda manifest, members: members.update({"vectors.f32": members["vectors.f32"][:-7]}),
    "no dimensions": lambda manifest, members: manifest["embedder"].pop("dim") and None,
    "minus one dimension": lambda manifest, members: manifest["embedder"].update(dim=-1),
    "units that are no JSON": lambda manifest, members: members.update({"units.jsonl": b"{"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_refused_and_nothing_is_written(name: str, memory: Memory, archive: Path, tmp_path: Path) -> None:
    path = forged(archive, tmp_path / "forged.zip", FORGERIES[name])
    with pytest.raises(MnemicError) as caught:
        memory.import_bank(path, name=None if "bank" in name else "made")
    assert [row.name for row in memory.banks()] == ["origin"]
    with pytest.raises(NotFound):
        memory.bank("made", create=False)
    assert "\n" not in str(caught.value)
    assert memory.check() == []


def test_files_that_are_no_archives(memory: Memory, archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for number, data in enumerate([b"", b"PK", whole[: len(whole) // 2], whole[:-30], b"x" * 1000, whole[200:]]):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(data)
        with pytest.raises(BadInput, match="path"):
            memory.import_bank(path)
    for strange in (tmp_path, tmp_path / "missing.zip"):
        with pytest.raises(BadInput, match="path"):
            memory.import_bank(strange)
    assert [row.name for row in memory.banks()] == ["origin"]


def test_bytes_changed_by_chance_are_found(opened: Callable[..., Memory], tmp_path: Path) -> None:
    memory = opened(tmp_path / "agent.db")
    memory.bank("origin").retain([f"turn {i} about tea" for i in range(5)])
    memory.export("origin", tmp_path / "origin.zip")
    whole = (tmp_path / "origin.zip").read_bytes()
    with memory.engine.store.snapshot("origin") as snapshot:
        expected = snapshot.fingerprint()
    rng = random.Random(3)
    path = tmp_path / "changed.zip"
    for number in range(150):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            made = memory.import_bank(path, name=f"made {number}")
        except MnemicError:
            assert memory.engine.store.bank(f"made {number}") is None
        else:
            with memory.engine.store.snapshot(made.name) as snapshot:
                assert snapshot.fingerprint() == expected


def test_an_archive_comes_in_once_under_a_name(memory: Memory, archive: Path) -> None:
    with pytest.raises(BadInput, match="exists already"):
        memory.import_bank(archive)
    made = memory.import_bank(archive, name="second")
    before = made.stats()
    with pytest.raises(BadInput, match="exists already"):
        memory.import_bank(archive, name="second")
    assert made.stats() == before
    assert "tea" in made.recall("tea").text


def test_an_export_replaces_its_file_whole_or_leaves_it(memory: Memory, archive: Path, tmp_path: Path) -> None:
    former = archive.read_bytes()
    with pytest.raises(NotFound):
        memory.export("nobody", archive)
    assert archive.read_bytes() == former
    with pytest.raises(BadInput, match="folder"):
        memory.export("origin", tmp_path)
    with pytest.raises(BadInput, match="cannot be written"):
        memory.export("origin", archive / "below.zip")
    memory.bank("origin").retain("one more")
    memory.export("origin", archive)
    assert list(tmp_path.glob("*.partial")) == []
    assert memory.import_bank(archive, name="again").stats()["events"] == 21


@pytest.mark.parametrize("layout", ["agent.db", "banks/"])
def test_an_archive_moves_between_layouts(
    archive: Path, layout: str, opened: Callable[..., Memory], tmp_path: Path
) -> None:
    other = opened(str(tmp_path / "other") + "/" + layout, embedder="hashing")
    made = other.import_bank(archive)
    assert made.name == "origin"
    assert "coffee" in made.recall("coffee").text
    assert made.stats()["embedder"] == "hashing"
    assert other.check() == []
