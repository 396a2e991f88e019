"""Names of language models, recorded answers, and what is imported for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mnemic
from mnemic.config import Settings
from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.core.task import task_named
from mnemic.models.language.recorded import RecordedModel
from mnemic.models.language.registry import Limits, load_language_model
from mnemic.models.language.rules import RuleModel
from mnemic.models.scripted_model import ScriptedModel

NEED = task_named("need_memory")
QUESTION = {"question": "Where do I live?"}


def test_recorded_answers_are_replayed_whichever_model_gave_them(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    model = ScriptedModel({"need_memory": [{"need": False}]})
    recording = RecordedModel(path, model)
    assert recording.ask(NEED, QUESTION).usage.calls == 1
    assert recording.ask(NEED, QUESTION).usage.calls == 0
    again = RecordedModel(path, RuleModel())
    assert again.ask(NEED, QUESTION).answer == {"need": False}
    assert len(path.read_text().splitlines()) == 1
    with pytest.raises(ModelUnavailable, match="need_memory"):
        RecordedModel(path).ask(NEED, {"question": "Another?"})


def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    RecordedModel(path, RuleModel()).ask(NEED, QUESTION)
    with path.open("a") as file:
        file.write('{"key": "ab", "ans')
    assert RecordedModel(path).ask(NEED, QUESTION).answer == RuleModel().ask(NEED, QUESTION).answer
    path.write_text("nonsense\n" + path.read_text())
    with pytest.raises(BadInput, match="line 1"):
        RecordedModel(path).ask(NEED, QUESTION)


def test_answers_appended_behind_a_line_that_was_cut_off_are_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text('{"key": "ab", "ans')
    RecordedModel(path, RuleModel()).ask(NEED, QUESTION)
    assert RecordedModel(path).ask(NEED, QUESTION).answer == RuleModel().ask(NEED, QUESTION).answer


def test_names_lead_to_models(tmp_path: Path) -> None:
    limits = Limits(url="http://localhost:1/v1")
    assert load_language_model("none") is None
    named = load_language_model(f"recorded:{tmp_path}/a.jsonl@openai:gpt-5-mini", limits)
    assert isinstance(named, RecordedModel)
    assert named.inner is not None
    assert named.inner.name == "openai:gpt-5-mini@http://localhost:1/v1"
    plain = load_language_model(f"recorded:{tmp_path}/me@home.jsonl")
    assert isinstance(plain, RecordedModel)
    assert (plain.path, plain.inner) == (tmp_path / "me@home.jsonl", None)
    for wrong in ("gpt", "openai:", ":x", "", "recorded:"):
        with pytest.raises(BadInput, match="language_model"):
            load_language_model(wrong)


def test_a_users_own_prompt_is_used_and_its_answers_are_kept_apart(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    model = ScriptedModel({"need_memory": lambda inputs: {"need": True}})
    for text in ("", "Is memory needed? {question} {instruction}"):
        if text:
            (prompts / "need_memory.md").write_text(text)
        settings = Settings(embedder="hashing", reranker="overlap", prompts=str(prompts))
        with mnemic.open(tmp_path / "a.db", settings=settings, language_model=model) as memory:
            memory.bank("b")
            with memory.engine.view("b") as view:
                view.tools.ask("need_memory", QUESTION)
                view.tools.ask("need_memory", QUESTION)
    assert len(model.calls) == 2


@pytest.mark.parametrize("module", ["pydantic_ai", "openai", "xllamacpp", "httpx"])
def test_clients_are_imported_when_they_are_used(module: str) -> None:
    script = "import sys, mnemic.memory, mnemic.cli.doctor, mnemic.engine.engine, mnemic.models.language.endpoint\n"
    script += "import mnemic.models.language.smollm2, mnemic.models.language.provider\n"
    script += f"sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_every_task_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    from mnemic.cli.app import app
    from mnemic.core.task import tasks

    for name in tasks():
        with pytest.raises(SystemExit) as left:
            app(["tasks", "show", name, "--json"])
        assert not left.value.code
        shown = json.loads(capsys.readouterr().out)["task"]
        assert shown["output"]["properties"]
        assert set(shown["inputs"]) == set(tasks()[name].inputs.of)
