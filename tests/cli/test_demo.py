"""The demo: works without a network, says where the evidence is, and ends in commands that work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnemic.demo.trial import conversation, questions

from .conftest import Command

#: Runs the command line in a process where nothing can open a connection.
OFFLINE = """
import socket, sys
def refused(*_, **__):
    raise OSError("the network is not to be used")
class Refused(socket.socket):
    __init__ = connect = refused
socket.socket, socket.create_connection, socket.getaddrinfo = Refused, refused, refused
from mnemic.cli.app import main
main()
"""


def test_offline_it_answers_ten_questions_and_leaves_nothing_behind(process: Command, tmp_path: Path) -> None:
    ran = process("demo", "--json", python=("-c", OFFLINE))
    assert ran.code == 0, ran.err
    data = ran.json
    asked = {question.id: question for question in questions()}
    assert [one["id"] for one in data["questions"]] == list(asked)
    for one in data["questions"]:
        cited = {event for line in one["lines"] for event in line["events"]}
        assert set(one["found"]) == cited & set(asked[one["id"]].evidence)
        assert one["complete"] == (set(asked[one["id"]].evidence) <= cited)
        ranks = [line["rank"] for line in one["lines"] if set(line["events"]) & set(one["evidence"])]
        assert one["best_rank"] == min(ranks, default=None)
        assert 0 < one["cost"]["tokens"] <= 1500
    summary = data["summary"]
    assert summary["complete"] == sum(one["complete"] for one in data["questions"])
    assert summary["events"] == summary["added"] == len(conversation())
    assert summary["tokens_mean"] < summary["tokens_full"] / 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
@pytest.mark.parametrize("options", [[], ["--store", "my store.db", "--bank", "o'hara"]])
def test_what_it_says_to_type_next_works(options: list[str], mnemic: Command, tmp_path: Path) -> None:
    ran = mnemic("demo", "--recipe", "bm25", *options, "--json")
    assert ran.code == 0, ran.err
    script = tmp_path / "mnemic"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mnemic.cli "$@"\n', "utf-8")
    script.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    for line in ran.json["next"]:
        done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout.strip()


def test_it_shows_question_lines_source_cost_and_place(mnemic: Command) -> None:
    out = mnemic("demo", "--recipe", "bm25", "--top", "2").out
    for question in questions():
        assert question.question in out
        assert question.answer in out
    assert "(demo-s05-09)  ✓" in out
    assert out.count("lines recalled · ") == 10
    assert "evidence: all of it in the context for " in out
    assert out.index("Summary") < out.index("What to type next") < out.index("mnemic recall ")


def test_few_tokens_say_what_is_not_among_the_lines(mnemic: Command) -> None:
    ran = mnemic("demo", "--recipe", "bm25", "--tokens", "40")
    assert ran.code == 0
    assert "is not among the " in ran.out


def test_a_second_demo_in_one_store_adds_nothing(mnemic: Command) -> None:
    first = mnemic("demo", "--recipe", "bm25", "--store", "demo.db", "--json").json["summary"]
    second = mnemic("demo", "--recipe", "bm25", "--store", "demo.db", "--json").json["summary"]
    assert (first["added"], second["added"]) == (first["events"], 0)
    assert second["complete"] == first["complete"]
