"""The dashboard in a real browser: pages open cleanly, can be read and used by everyone, and keep text as text."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
playwright = pytest.importorskip("playwright.sync_api")

import uvicorn  # noqa: E402

import mnemic  # noqa: E402
from mnemic.serve.app import create_app  # noqa: E402

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: no such program on this machine")
HOSTILE = '<script>document.title="taken"</script><img src=x onerror="document.title=1"> \u202egnp.exe\u202c'
PAGES = ("", "/records", "/timeline", "/graph", "/graph?of=links", "/events", "/log", "/diff", "/receipts", "/costs",
         "/playground", "/rollback?to=1")  # fmt: skip
STORE_PAGES = ("/ui/banks", "/ui/keys", "/ui/audit", "/ui/login")
RULES = Path(__file__).with_name("accessibility.js").read_text("utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, mnemic.Memory]]:
    """The address of a server over a memory whose records hold what no page may run."""
    memory = mnemic.open(tmp_path_factory.mktemp("board") / "a.db", embedder="hashing", reranker="overlap")
    bank = memory.bank("a/b <i>")
    fact = {"subject": "Anna", "attribute": "home", "value": "Lisbon", "text": "Anna lives in Lisbon"}
    said = {"role": "user", "actor": HOSTILE, "content": HOSTILE, "session": HOSTILE, "meta": {"facts": [fact]}}
    bank.retain([said, {"role": "user", "content": "Anna and Rui met in Lisbon.", "session": "s1"}])
    bank.retain("x" * 100_000, session="long")
    bank.recall("Where does Anna live?")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(memory), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", memory
    server.should_exit = True
    thread.join(10)
    memory.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


BANK = "/ui/banks/a%2Fb%20%3Ci%3E"


def addresses(memory: mnemic.Memory) -> list[str]:
    bank = memory.bank("a/b <i>")
    records = [f"/records/{record.id}" for record in bank.list(limit=5).records]
    more = [*records, f"/receipts/{bank.receipts(1)[0].id}", f"/events/{bank.events(limit=1)[0].id}"]
    return [*STORE_PAGES, *(BANK + page for page in (*PAGES, *more))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_opens_cleanly_and_can_be_read_by_everyone(
    served: tuple[str, mnemic.Memory], browser: Any, scheme: str
) -> None:
    root, memory = served
    page = browser.new_context(color_scheme=scheme).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    found = {}
    for address in addresses(memory):
        assert page.goto(root + address).status == 200, address
        assert page.title().endswith("mnemic"), address
        if wrong := page.evaluate(RULES):
            found[address] = wrong
    page.context.close()
    assert said == []
    assert found == {}


def test_the_keyboard_alone_is_enough(served: tuple[str, mnemic.Memory], browser: Any) -> None:
    root, _ = served
    page = browser.new_page()
    page.goto(f"{root}{BANK}/playground")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    page.keyboard.type("Where does Anna live?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer")
    assert "Lisbon" in page.inner_text(".context")
    assert page.evaluate("document.getElementById('live').textContent") != ""
    page.close()


def test_the_main_paths_work_without_a_script(served: tuple[str, mnemic.Memory], browser: Any) -> None:
    root, memory = served
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{root}{BANK}/playground")
    page.fill("[name=question]", "Where does Anna live?")
    page.select_option("[name=other]", "profile:fast")
    page.click("main form button.main")
    assert page.locator(".answer").count() == 2
    record = memory.bank("a/b <i>").retain("Ben likes tea.", session="s9").records[0]
    page.goto(f"{root}{BANK}/records/{record}")
    page.fill("[name=value]", "Ben likes coffee.")
    page.click("button[value=update]")
    assert memory.bank("a/b <i>").get(record).value == "Ben likes coffee."
    page.click("button[value=delete]")
    assert memory.bank("a/b <i>").get(record).state == "archived"
    page.click("button[name=theme][value=dark]")
    assert page.get_attribute("html", "data-theme") == "dark"
    context.close()
