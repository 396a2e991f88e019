"""The dashboard's jobs, benchmarks, a bank's access, and recipes compared on what each of them forms anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

import mnemic
from mnemic.core.acting import Acting
from mnemic.jobs.worker import Worker
from mnemic.serve.app import create_app

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[mnemic.Memory]:
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as made:
        made.bank("anna").retain(
            [{"role": "user", "content": f"Anna has {n} cats in Lisbon.", "session": f"s{n}"} for n in range(12)]
        )
        yield made


@pytest.fixture
def browser(memory: mnemic.Memory) -> TestClient:
    made = TestClient(create_app(memory), base_url="http://localhost", follow_redirects=False)
    made.get("/ui")
    return made


def post(browser: TestClient, path: str, **fields: str) -> Any:
    return browser.post(path, data={"csrf": browser.cookies["mnemic_form"], **fields})


# Jobs.


def test_a_job_is_asked_for_done_and_told(memory: mnemic.Memory, browser: TestClient) -> None:
    page = "/ui/banks/anna/jobs"
    assert "No job was asked for" in browser.get(page).text
    assert post(browser, page, kind="consolidate").headers["location"] == f"{page}?done=asked"
    assert "waiting" in browser.get(page).text
    assert 'data-poll="' in browser.get(page).text
    assert post(browser, page, kind="switch", recipe="mem0").status_code == 303
    Worker(memory).run(once=True)
    text = browser.get(page).text
    assert ">done<" in text
    # mem0 writes with a language model, and none is there.
    assert "needs a language model" in browser.get(f"{page}?state=failed").text + text
    assert "/ui/banks/anna/jobs" in browser.get("/ui/jobs").text
    for kind in ("reboot", "erase"):
        assert post(browser, page, kind=kind).status_code == 400
    assert post(browser, page, kind="switch", recipe=HOSTILE).status_code == 400


# Benchmarks.


def row(recipe: str, coverage: float, category: str = "all") -> dict[str, Any]:
    figures = ("recall_at_5", "recall_at_10", "mrr", "coverage_500", "coverage_1500", "coverage_4000")
    costs = ("read_ms_p50", "read_ms_p95", "write_ms_p50", "write_ms_p95", "tokens", "calls", "bytes")
    return {
        "recipe": recipe, "profile": "", "category": category, "category_name": category, "n": 9, "language_model": "",
        **dict.fromkeys(figures, coverage), **dict.fromkeys(costs, 2.0),
    }  # fmt: skip


def report(folder: Path, name: str, rows: list[dict[str, Any]], suite: str = "lives") -> None:
    difference = {"metric": "mrr", "a": "bm25", "b": "default", "mean": 0.1, "low": 0.05, "high": 0.2, "p_holm": 0.001}
    data = {
        "suite": suite, "questions": 9, "rows": rows, "headline": "all", "differences": [difference], "failures": [],
        "notes": [HOSTILE], "about": {},
    }  # fmt: skip
    (folder / name).mkdir(parents=True)
    (folder / name / "rows.json").write_text(json.dumps(data), "utf-8")


@pytest.fixture
def measured(memory: mnemic.Memory, tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    report(folder, "june", [row("bm25", 0.4), row("default", 0.6), row("bm25", 0.3, "facts")])
    report(folder, "later/july", [row("bm25", 0.4), row("default", 0.55), row(HOSTILE, 0.1)])
    report(folder, "other", [row("bm25", 0.9)], suite="locomo")
    (folder / "broken").mkdir()
    (folder / "broken" / "rows.json").write_text("{", "utf-8")
    (tmp_path / "rows.json").write_text("{}", "utf-8")
    memory.settings = replace(memory.settings, reports=str(folder))
    return folder


def test_a_report_on_a_part_is_shown_as_the_table_that_it_is(measured: Path, browser: TestClient) -> None:
    rows = [{"stage": "per_turn", "f1": 0.25, "asked": None}, {"stage": HOSTILE, "f1": 1.0, "asked": 12345}]
    (measured / "june" / "segmentation.json").write_text(json.dumps({"part": "s", "rows": rows, "notes": [HOSTILE]}))
    (measured / "june" / "other.json").write_text("{}")
    assert "june/segmentation" in browser.get("/ui/reports").text
    shown = browser.get("/ui/reports/part/june%2Fsegmentation").text
    assert [word in shown for word in ("0.250", "12,345", "per_turn", "<script>alert")] == [True, True, True, False]
    assert browser.get("/ui/reports/part/june%2Fother").status_code == 404


def test_rows_of_another_version_are_told_and_break_nothing(measured: Path, browser: TestClient) -> None:
    report(measured, "old", [{"recipe": "bm25", "profile": "", "category": "all"}])
    assert "of another version" in browser.get("/ui/reports").text
    assert browser.get("/ui/reports/of/old").status_code == 400


@pytest.mark.usefixtures("measured")
def test_reports_are_listed_shown_and_compared(browser: TestClient) -> None:
    listed = browser.get("/ui/reports").text
    assert [name in listed for name in ("june", "later/july", "broken")] == [True] * 3
    one = browser.get("/ui/reports/of/later%2Fjuly").text
    assert "<script>alert" not in one
    assert "0.550" in one
    assert one.count("<svg") > 2
    both = browser.get("/ui/reports/compare", params={"before": "june", "after": "later/july"}).text
    assert "-0.050" in both
    assert "same" in both
    unlike = browser.get("/ui/reports/compare", params={"before": "june", "after": "other"})
    assert (unlike.status_code, "same questions" in unlike.text) == (400, True)
    for name in ("..", "june/..", "/etc", "broken"):
        assert browser.get(f"/ui/reports/of/{name.replace('/', '%2F').replace('..', '%252E%252E')}").status_code >= 400


def test_without_a_folder_of_reports_the_page_says_which_setting_names_one(browser: TestClient) -> None:
    assert "MNEMIC_REPORTS" in browser.get("/ui/reports").text


# Access of a bank.


def test_grants_policies_and_admission_of_a_bank_are_set_by_hand(memory: mnemic.Memory, browser: TestClient) -> None:
    page = "/ui/banks/anna/access"
    assert (
        post(browser, page, action="give", to="group:team", role="reader", without="health, money").status_code == 303
    )
    (grant,) = memory.acting(Acting()).grants(bank="anna")
    assert (grant.bank, grant.without) == ("anna", ("health", "money"))
    policy = '{"name": "home", "rules": [{"id": "rent", "labels": ["health"], "recipient": "*landlord*"}]}'
    assert post(browser, page, action="policy", policy=policy).status_code == 303
    tried = post(browser, page, action="try", labels="health", recipient="my landlord").text
    assert "<code>rent</code>" in tried
    assert post(browser, page, action="policy", policy="name = ").status_code == 400
    told = {"trusted": "calendar\n", "threshold echo": "0.5", "confirming": "1"}
    assert post(browser, page, action="admission", **told).status_code == 303
    rules = memory.bank("anna").admission()
    assert (rules.trusted, dict(rules.thresholds), rules.confirming) == (("calendar",), {"echo": 0.5}, True)
    assert post(browser, page, action="drop", name="home").status_code == 303
    assert post(browser, page, action="take", id=grant.id).status_code == 303
    assert not memory.acting(Acting()).grants(bank="anna")


# Recipes side by side.


def test_recipes_are_compared_on_what_each_forms_and_nothing_of_it_is_kept(
    memory: mnemic.Memory, browser: TestClient
) -> None:
    page = "/ui/banks/anna/playground"
    asked = {"question": "How many cats are there?", "way": "own:", "other": "recipe:bm25"}
    seq = memory.bank("anna").last_seq()
    plain = post(browser, page, **asked).text
    assert "cannot be compared" in plain
    assert 'name="on" value="anew"' in plain
    anew = post(browser, page, **asked, on="anew", last="5").text
    assert anew.count("last 5 events") == 2
    assert anew.count("cats in Lisbon") > 5
    assert memory.bank("anna").last_seq() == seq
    assert not [bank.name for bank in memory.engine.store.banks() if "trial" in bank.name]
    assert "mem0 (needs a language model)" in browser.get(page).text


def test_who_only_reads_makes_no_trial(memory: mnemic.Memory) -> None:
    _, key = memory.acting(Acting()).create_key("r", role="reader", banks=["anna"])
    browser = TestClient(create_app(memory), base_url="http://team.example", follow_redirects=False)
    browser.get("/ui/login")
    post(browser, "/ui/login", key=key)
    page = "/ui/banks/anna/playground"
    assert 'value="anew"' not in browser.get(page).text
    asked = {"question": "How many?", "way": "own:", "other": "none", "on": "anew"}
    assert "no grant to do this" in post(browser, page, **asked).text
