"""The dashboard's menu shows what a visitor may open, and nothing else; forms of every page need their token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

pytest.importorskip("fastapi")

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

import mnemic
from mnemic.core.acting import Acting
from mnemic.serve.app import create_app
from mnemic.serve.dashboard import pages
from mnemic.serve.dashboard.menu import BANK_PAGES

PAGES = [name for _, pages in BANK_PAGES for name, _, _ in pages]
STORE = ("/ui/banks", "/ui/jobs", "/ui/reports", "/ui/keys", "/ui/audit", "/ui/erasures")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[mnemic.Memory]:
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap") as made:
        made.bank("anna").retain("Anna likes tea.", session="s1")
        yield made


def signed_in(memory: mnemic.Memory, role: str, banks: list[str], without: tuple[str, ...] = ()) -> TestClient:
    owner = memory.acting(Acting())
    key, text = owner.create_key(role)
    for bank in banks:
        owner.give(key.principal, bank, role, without=without)
    browser = TestClient(create_app(memory), base_url="http://team.example")
    browser.get("/ui/login")
    browser.post("/ui/login", data={"csrf": browser.cookies["mnemic_form"], "key": text})
    return browser


def menu_of(text: str) -> set[str]:
    side = text[text.index('<nav class="side"') : text.index("<main")]
    return {unescape(link) for link in re.findall(r'href="([^"]+)"', side)}


@pytest.mark.parametrize("role", ["reader", "teller", "writer", "editor", "keyholder", "eraser", "auditor", "governor"])
@pytest.mark.parametrize(("banks", "without"), [(["anna"], ()), (["*"], ()), (["anna"], ("health",))])
def test_the_menu_is_what_opens(memory: mnemic.Memory, role: str, banks: list[str], without: tuple[str, ...]) -> None:
    browser = signed_in(memory, role, banks, without)
    shown = menu_of(browser.get("/ui/banks").text)
    for path in STORE:
        assert (path in shown) == (browser.get(path).status_code == 200), path
    base = "/ui/banks/anna"
    opens = {}
    for name in PAGES:
        answer = browser.get(base if name == "overview" else f"{base}/{name}")
        opens[name] = answer.status_code == 200
        if opens[name]:
            shown = menu_of(answer.text)
    told = {name: (base if name == "overview" else f"{base}/{name}") in shown for name in PAGES}
    assert not any(opens.values()) or told == opens


def test_who_is_not_signed_in_is_shown_no_menu(memory: mnemic.Memory) -> None:
    memory.acting(Acting()).create_key("root", role="owner")
    browser = TestClient(create_app(memory), base_url="http://team.example")
    assert menu_of(browser.get("/ui/login").text) == set()


def test_every_form_of_every_page_needs_the_token(memory: mnemic.Memory) -> None:
    browser = TestClient(create_app(memory), base_url="http://localhost", follow_redirects=False)
    browser.get("/ui")
    before = memory.bank("anna").last_seq()
    posting = [
        "/ui" + route.path.format(bank="anna", record="r", receipt="c", name="n", event="e")
        for module in iter_modules(pages.__path__)
        for route in import_module(f"{pages.__name__}.{module.name}").router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    ]
    assert len(posting) > 12
    for path in posting:
        assert browser.post(path, data={"action": "bank", "typed": "anna"}).status_code == 403, path
        wrong = {"action": "bank", "typed": "anna", "csrf": "guessed"}
        assert browser.post(path, data=wrong).status_code == 403, path
    assert memory.bank("anna").last_seq() == before
