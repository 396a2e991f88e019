"""Erasing on the command line: what it tells of copies that it does not reach."""

from __future__ import annotations

from pathlib import Path

from .conftest import Command


def test_an_erasure_tells_of_backups_that_hold_what_it_erased(mnemic: Command, record: str) -> None:
    assert record
    assert mnemic("erase", "--event", "m3", "--yes", "--json").json["out_of_reach"] == []
    assert mnemic("backup", "copy.db").code == 0
    told = mnemic("erase", "--person", "Anna", "--yes", "--json").json
    assert told["verification"]["clean"]
    assert [(copy["kind"], copy["path"]) for copy in told["out_of_reach"]] == [
        ("backup", str(Path("copy.db").absolute()))
    ]
    assert mnemic("backup", "copy.db", "--restore", "--store", "again.db").code == 0
    assert len(mnemic("list", "--store", "again.db", "--json").json["records"]) == 2
