"""The verbs end to end: what is taken in is found, shown, changed, undone and carried elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Command

SUITE = Path(__file__).parents[1] / "bench" / "suites" / "diary"


def test_retain_counts_what_is_new_known_and_bad(mnemic: Command, chat: Path) -> None:
    with chat.open("a", encoding="utf-8") as file:
        file.write('{"role": "user"}\n')
    assert mnemic("retain", str(chat)).code == 2
    assert not Path("mnemic.db").exists()
    data = mnemic("retain", str(chat), "--skip-bad", "--json").json
    assert (data["added"], data["known"], data["records"]) == (3, 0, 3)
    assert data["files"][0]["bad"] == [
        {
            "number": 4,
            "unit": "line",
            "reason": "content: is missing or empty; give text, or parts with something in them",
        }
    ]
    again = mnemic("retain", str(chat), "--skip-bad", "--json").json
    assert (again["added"], again["known"]) == (0, 3)


def test_a_bad_file_keeps_the_good_ones_out_too(mnemic: Command, chat: Path) -> None:
    ran = mnemic("retain", str(chat), "missing.jsonl")
    assert ran.code == 2
    assert "missing.jsonl" in ran.err
    assert mnemic("list").code == 4


def test_standard_input_with_session_and_time(mnemic: Command) -> None:
    said = "Rosa: The plumber comes.\nAnna: When?\n"
    ran = mnemic("retain", "-", "--session", "kitchen", "--at", "2026-03-01", input=said)
    assert ran.code == 0, ran.err
    record = mnemic("list", "--session", "kitchen", "--json").json["records"][0]
    assert record["actor"] == "Rosa"
    assert record["times"]["event"][0].startswith("2026-03-01")


def test_the_same_input_twice_adds_nothing(mnemic: Command) -> None:
    assert mnemic("retain", "-", "--json", input="I like tea.\n").json["added"] == 1
    assert mnemic("retain", "-", "--json", input="I like tea.\n").json["known"] == 1
    ran = mnemic("retain", "-", input="")
    assert (ran.code, ran.err.startswith("mnemic: standard input: is empty")) == (2, True)


def test_recall_shows_date_speaker_source_and_cost(mnemic: Command, record: str) -> None:
    out = mnemic("recall", "Where did we move?").out
    assert "[1] 1 Jun 2026, Anna: We moved to Lisbon in May.  (m1)\n" in out
    assert " tokens · " in out
    data = mnemic("recall", "Where did we move?", "--json").json
    assert data["citations"][0]["record"] == record
    assert data["receipt"] in mnemic("receipts").out


def test_why_explains_the_last_recall_or_another(mnemic: Command, record: str) -> None:
    first = mnemic("recall", "Where did we move?", "--json").json
    mnemic("recall", "What does she drink?")
    assert mnemic("why", "--json").json["query"] == "What does she drink?"
    data = mnemic("why", "1", "--receipt", first["receipt"], "--json").json
    assert [line["record"] for line in data["lines"]] == [record]
    assert "found by: " in mnemic("why", "1").out


def test_why_without_a_recall_is_not_found(mnemic: Command, record: str) -> None:
    ran = mnemic("why")
    assert ran.code == 3
    assert "recall something first" in ran.err


def test_show_takes_records_and_events(mnemic: Command, record: str) -> None:
    data = mnemic("show", record, "--json").json
    assert data["record"]["id"] == record
    assert [event["id"] for event in data["events"]] == ["m1"]
    data = mnemic("show", "m2", "--json").json
    assert data["record"] is None
    assert data["events"][0]["role"] == "assistant"


def test_list_filters_and_pages(mnemic: Command, record: str) -> None:
    assert len(mnemic("list", "--json").json["records"]) == 3
    assert len(mnemic("list", "--speaker", "Anna", "--json").json["records"]) == 2
    page = mnemic("list", "--limit", "2")
    assert "--after 2" in page.out
    assert len(mnemic("list", "--limit", "2", "--after", "2", "--json").json["records"]) == 1
    rows = mnemic("list").out.splitlines()
    assert all(row.count("\t") == 4 for row in rows)


def test_update_delete_restore_and_their_history(mnemic: Command, record: str) -> None:
    mnemic("update", record, "They moved to Porto.", "--reason", "misheard")
    mnemic("delete", record)
    assert record not in mnemic("list").out
    assert record in mnemic("list", "--state", "archived").out
    assert mnemic("restore", record, "--json").json["record"]["state"] == "active"
    versions = mnemic("history", record, "--json").json["versions"]
    assert [version["op"] for version in versions] == ["ADD", "UPDATE", "DEMOTE", "RESTORE"]
    assert versions[1]["reason"] == "misheard"
    assert "They moved to Porto." in mnemic("history", record).out


def test_feedback_counts(mnemic: Command, record: str) -> None:
    assert mnemic("feedback", "correct", record).code == 0
    assert mnemic("feedback", "label", record, "--text", "home").code == 0
    found = mnemic("show", record, "--json").json["record"]
    assert found["stats"]["successes"] == 1
    assert "home" in found["labels"]


def test_diff_branch_and_rollback(mnemic: Command, record: str) -> None:
    seq = mnemic("stats", "--json").json["ops"]
    mnemic("update", record, "They moved to Porto.")
    changed = mnemic("diff", str(seq), "--json").json["changed"]
    assert [pair["after"]["value"] for pair in changed] == ["They moved to Porto."]
    branch = mnemic("branch", "before", "--at", str(seq), "--json").json
    assert (branch["origin"], branch["seq"]) == (f"default@{seq}", seq)
    assert "Porto" not in mnemic("list", "--bank", "before").out
    assert "Porto" not in mnemic("list", "--as-of", str(seq)).out
    assert mnemic("rollback", str(seq), "--json").json["ops"] == 1
    assert "Porto" not in mnemic("list").out
    assert mnemic("diff", str(seq)).out == "Nothing changed.\n"
    assert "rollback" in mnemic("log", "--after", str(seq)).out


def test_an_archive_comes_back_under_another_name_and_store(mnemic: Command, record: str) -> None:
    manifest = mnemic("export", "anna.mnemic", "--json").json["manifest"]
    data = mnemic("import", "anna.mnemic", "--as", "anna", "--store", "other.db", "--json").json
    assert data["bank"] == "anna"
    assert data["ops"] == manifest["entries"]
    assert record in mnemic("list", "--bank", "anna", "--store", "other.db").out


def test_reembed_moves_a_bank_once(mnemic: Command, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from mnemic.models.hashing_embedder import HashingEmbedder

    assert mnemic("reembed", "--json").json["already"] is True
    monkeypatch.setattr(HashingEmbedder, "spec", replace(HashingEmbedder().spec, name="other", fingerprint="f" * 64))
    doctor = mnemic("doctor", "--json").json["checks"]
    assert [check["state"] for check in doctor if check["name"] == "vectors"] == ["warning"]
    data = mnemic("reembed", "--json").json
    assert (data["embedder"], data["already"]) == ("other", False)
    assert data["embedded"] > 0
    assert mnemic("recall", "Where did we move?", "--json").json["citations"]


def test_a_bank_keeps_the_recipe_it_was_made_with(mnemic: Command, chat: Path) -> None:
    Path("mine.toml").write_text(mnemic("recipes", "show", "bm25", "--toml").out.replace('"bm25"', '"mine"'), "utf-8")
    assert mnemic("retain", str(chat), "--recipe", "mine.toml").code == 0
    assert mnemic("recipes", "show", "--json").json["recipe"]["name"] == "mine"
    assert mnemic("banks", "--json").json["banks"][0]["recipe"] == "mine"
    assert mnemic("recipes", "diff", "mine.toml", "bm25").out == "They are the same.\n"


def test_stages_tell_their_role_and_parameters(mnemic: Command) -> None:
    stages = {stage["name"]: stage for stage in mnemic("recipes", "--stages", "--json").json["stages"]}
    assert stages["lexical"]["role"] == "channel"
    assert stages["lexical"]["parameters"]["b"] == "0.75"
    assert all(stage["summary"] for stage in stages.values())


def test_bench_prints_only_the_rows(process: Command, tmp_path: Path) -> None:
    arguments = ["bench", str(SUITE), "--recipe", "bm25,full-context", "--limit", "3", "--out", "results"]
    ran = process(*arguments, "--json")
    assert ran.code == 0, ran.err
    assert set(ran.json) == {"rows", "failures"}
    assert {row["recipe"] for row in ran.json["rows"]} == {"bm25", "full-context"}
    assert (tmp_path / "results" / "report.html").exists()
    assert "evidence found" in process(*arguments).out


def test_doctor_says_what_is_wrong_with_a_store(mnemic: Command, record: str) -> None:
    ran = mnemic("doctor")
    assert ran.code == 0
    assert "All is well." in ran.out
    statements = "DELETE FROM log WHERE pk = (SELECT MAX(pk) FROM log)"
    script = f"import sqlite3; c = sqlite3.connect('mnemic.db'); c.execute({statements!r}); c.commit()"
    subprocess.run([sys.executable, "-c", script], check=True)
    ran = mnemic("doctor", "--json")
    assert ran.code == 4
    assert [check["name"] for check in json.loads(ran.out)["checks"] if check["state"] == "failed"] == ["store"]


def test_doctor_says_that_a_recipe_is_not_there_and_takes_any_profile(mnemic: Command) -> None:
    ran = mnemic("doctor", "--json", env={"MNEMIC_RECIPE": "nothing"})
    assert ran.code == 3
    assert [check["name"] for check in ran.json["checks"] if check["state"] == "failed"] == ["recipe"]
    assert mnemic("doctor", env={"MNEMIC_PROFILE": "of another recipe"}).code == 0


def test_an_erasure_can_be_left_to_a_worker(mnemic: Command, record: str) -> None:
    choice = ("--person", "Anna", "--since", "2026-06-02", "--reason", "r-17")
    assert mnemic("erase", *choice, "--later", "--json").code == 2, "it is as final as at once"
    ran = mnemic("erase", *choice, "--later", "--yes", "--json")
    assert ran.code == 0, ran.err
    job = ran.json["job"]
    assert (job["kind"], job["state"]) == ("erase", "waiting")
    assert job["options"] == {"person": "Anna", "during": ["2026-06-02", None], "reason": "r-17"}
    assert mnemic("erase", *choice, "--later", "--yes", "--json").json["job"]["id"] == job["id"]
    assert mnemic("erasures", "list", "--json").json["erasures"] == []
    assert mnemic("worker", "--once", "--json").json["done"] == 1
    (receipt,) = mnemic("erasures", "list", "--json").json["erasures"]
    assert (receipt["events"], receipt["reason"], receipt["who"]) == (1, "r-17", "local")
    (told,) = mnemic("jobs", "--json").json["jobs"]
    assert (told["state"], told["options"], told["result"]["erasure"]) == ("done", {}, receipt["id"])
