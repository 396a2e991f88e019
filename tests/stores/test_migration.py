"""All of a store arrives in another, whatever kind either is, also when the migration is killed again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mnemic.core.chain import broken
from mnemic.core.errors import BadInput
from mnemic.engine.copying import beside
from mnemic.memory import Memory
from mnemic.migration import MIGRATION, own_banks
from mnemic.store.notes import WHOLE_STORE

from .full import fill

Opened = Callable[..., Memory]


def same(one: Memory, other: Memory) -> None:
    """Both hold the same of everything."""
    ours, theirs = one.engine.store, other.engine.store
    rows = [[(r.name, r.recipe, r.created_at, r.seq, r.batch, r.origin) for r in own_banks(s)] for s in (ours, theirs)]
    assert rows[0] == rows[1]
    for row in own_banks(ours):
        with ours.snapshot(row.name) as a, theirs.snapshot(row.name) as b:
            assert a.fingerprint() == b.fingerprint()
        assert beside(ours, row.name) == beside(theirs, row.name)
        assert broken(theirs.audit(row.name)) == []
    assert beside(ours, WHOLE_STORE) == beside(theirs, WHOLE_STORE)
    assert [(j.kind, j.bank, j.body) for j in one.jobs()] == [(j.kind, j.bank, j.body) for j in other.jobs()]
    assert other.check() == []


def other_place(where: str, tmp_path: Path) -> str:
    """A store of the other kind."""
    return str(tmp_path / "moved") + "/" if where.endswith(".db") else str(tmp_path / "moved.db")


def test_everything_arrives(where: str, tmp_path: Path, opened: Opened) -> None:
    memory, target = opened(where), opened(other_place(where, tmp_path))
    fill(memory)
    done = memory.migrate_to(target)
    assert set(done.banks) == {"anna", "ben", "eve / 7", "what if"}
    assert done.jobs == 1
    same(memory, target)
    question = "Who drinks tea in town 3?"
    for bank in done.banks:
        assert [f.record.value for f in memory.bank(bank).search(question)] == [
            f.record.value for f in target.bank(bank).search(question)
        ]
    target.bank("anna").retain("It goes on.")
    assert target.engine.store.note(WHOLE_STORE, MIGRATION, "source") is None


def test_nothing_is_overwritten(where: str, tmp_path: Path, opened: Opened) -> None:
    memory, target, third = opened(where), opened(other_place(where, tmp_path)), opened(tmp_path / "third.db")
    memory.bank("anna").retain("tea")
    target.bank("anna").retain("coffee")
    with pytest.raises(BadInput, match="not new: it holds bank 'anna'"):
        memory.migrate_to(target)
    with pytest.raises(BadInput, match="not new"):
        memory.migrate_to(memory)
    assert [e.text for e in target.bank("anna").events()] == ["coffee"]
    memory.migrate_to(third)
    with pytest.raises(BadInput, match="not new"):
        memory.migrate_to(third)


class Stopped(Exception):
    """Stands for a kill."""


def test_broken_off_anywhere_it_goes_on(
    where: str, tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnemic.engine import copying

    monkeypatch.setattr(copying, "CHUNK", 32)
    memory, place = opened(where), other_place(where, tmp_path)
    fill(memory, turns=20)
    target = opened(place)
    store = target.engine.store
    left = 0
    real = {
        name: getattr(type(store), name)
        for name in ("transaction", "put_note", "put_audit", "put_receipt", "put_asked", "create_bank", "drop_note")
    }

    def stopping(name: str) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Stopped
            return real[name](*args, **options)

        return call

    for name in real:
        monkeypatch.setattr(type(store), name, stopping(name))
    parts = 0
    while True:
        left, parts = 7, parts + 1
        try:
            memory.migrate_to(target)
        except Stopped:
            # What was promised to be written soon is lost with the process.
            continue
        break
    assert parts > 5
    for name, function in real.items():
        monkeypatch.setattr(type(store), name, function)
    same(memory, target)


def test_another_migration_does_not_go_on_with_it(where: str, tmp_path: Path, opened: Opened) -> None:
    memory, other, target = opened(where), opened(tmp_path / "other.db"), opened(other_place(where, tmp_path))
    memory.bank("anna").retain("tea")
    target_note = target.engine.store
    from mnemic.migration import _begin

    _begin(memory.engine.store, target_note, memory.engine.clock, memory.settings.store)
    with pytest.raises(BadInput, match="another store"):
        other.migrate_to(target)
    memory.migrate_to(target)
    same(memory, target)
