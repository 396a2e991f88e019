"""Pictures and figures of every page of the dashboard, from a store that is filled once and used again.

``python benchmarks/dashboard_shots.py STORE --records 100000 --out DIR`` fills STORE with about so many records when
it is not there, serves it, and takes each page in light and dark, on a desk and on a telephone. It prints for each page
the server's milliseconds, first and then the median of three, and the bytes that it sends. ``--only`` names pages.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from filled_store import BANK, fill
from furnished_store import HOME, furnish, open_furnished
from playwright.sync_api import sync_playwright

from mnemic.bench.command import run_benchmark
from mnemic.memory import Memory
from mnemic.models.hashing_embedder import HashingEmbedder
from mnemic.serve.app import create_app
from mnemic.serve.dashboard import links

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
#: Pictures are cut off here: what is below looks like what is above.
TALLEST = 2600
RECIPES = ("bm25", "hybrid", "default")


@dataclass(frozen=True)
class Shot:
    """A page to look at; ``does`` is what is done in it before the picture is taken."""

    name: str
    path: str
    does: str = ""


def shots(memory: Memory) -> list[Shot]:
    """Every page, the heavy ones of the large bank and the varied ones of the small."""
    home, large = memory.bank(HOME), memory.bank(BANK)
    changed = home.list(limit=1).records[0].id
    hard = [record.id for record in home.matching("script flags", limit=5).records[:1]]
    pages = ("", "/playground", "/records", "/timeline", "/graph", "/graph?of=links", "/events", "/log", "/receipts",
             "/costs", "/jobs", "/access", "/quarantine", "/vault", "/erasure")  # fmt: skip
    out = [Shot(f"home{_file(page)}", f"{links.to('banks', HOME)}{page}") for page in pages]
    wide = pages[:10]
    out += [Shot(f"large{_file(page)}", f"{links.to('banks', BANK)}{page}") for page in wide]
    out += [
        Shot("banks", "/ui/banks"), Shot("jobs", "/ui/jobs"), Shot("reports", "/ui/reports"), Shot("keys", "/ui/keys"),
        Shot("audit", "/ui/audit"), Shot("erasures", "/ui/erasures"), Shot("login", "/ui/login"),
        Shot("audit-home", f"/ui/audit?of={HOME}"), Shot("missing", "/ui/nowhere"),
        Shot("report", links.to("reports", "of", "first")),
        Shot("reports-compared", links.to("reports", "compare", before="first", after="second")),
        Shot("record", links.to("banks", HOME, "records", changed)),
        Shot("receipt", links.to("banks", HOME, "receipts", home.receipts(1)[0].id)),
        Shot("event", links.to("banks", HOME, "events", home.events(limit=1)[0].id)),
        Shot("session", links.to("banks", HOME, "events", session="day-00003")),
        Shot("diff", links.to("banks", HOME, "diff", since=max(0, home.last_seq() - 60))),
        Shot("rollback", links.to("banks", HOME, "rollback", to_=max(0, home.last_seq() - 60))),
        Shot("erasure-receipt", links.to("banks", HOME, "erasure", home.erasures()[0].id)),
        Shot("empty-bank", links.to("banks", "nothing yet")),
        Shot("empty-graph", links.to("banks", "nothing yet", "graph")),
        Shot("empty-timeline", links.to("banks", "nothing yet", "timeline")),
        Shot("home-records-any", links.to("banks", HOME, "records", state="any", after=550)),
        Shot("large-records-far", links.to("banks", BANK, "records", after=50000)),
        Shot("large-timeline-within", links.to("banks", BANK, "timeline", from_="2024-05-01", to_="2024-05-08")),
        Shot("large-entity", links.to("banks", BANK, "graph", entity="Lena")),
        Shot("large-record", links.to("banks", BANK, "records", large.newest(1)[0].id)),
        Shot("asked", links.to("banks", HOME, "playground"), "ask"),
        Shot("asked-anew", links.to("banks", HOME, "playground"), "anew"),
        Shot("large-asked", links.to("banks", BANK, "playground"), "ask"),
        Shot("planned", links.to("banks", HOME, "erasure"), "plan"),
        Shot("revealed", links.to("banks", HOME, "vault"), "reveal"),
        Shot("found", links.to("banks", BANK, "records"), "find"),
        Shot("focus", links.to("banks", HOME, "records"), "focus"),
    ]  # fmt: skip
    return [*out, *(Shot("hard-record", links.to("banks", HOME, "records", id_)) for id_ in hard)]


def _file(page: str) -> str:
    return (page or "/overview").replace("/", "-").replace("?of=", "-")


def do(page: Any, what: str) -> None:
    """What a person does in a page."""
    if what in ("ask", "anew"):
        page.fill("[name=question]", "Where does Lena live now, and who has the kayak?")
        page.select_option("[name=other]", "recipe:bm25")
        if what == "anew":
            page.select_option("[name=on]", "anew")
        page.click("main form button.main")
        page.wait_for_selector(".answer")
        page.locator(".lines details").first.evaluate("part => { part.open = true; }")
    elif what == "plan":
        page.fill("[name=person]", "Marta")
        page.check("[name=mentions]")
        page.click("button[value=plan]")
    elif what == "reveal":
        page.locator("details").first.evaluate("part => { part.open = true; }")
        page.locator("[name=purpose]").first.fill("to pay the rent")
        page.locator("button[value=reveal]").first.click()
        page.wait_for_selector(".revealed")
    elif what == "find":
        page.fill("[name=text]", "kayak in Bergen")
        page.click("main form button.main")
    elif what == "focus":
        for _ in range(14):
            page.keyboard.press("Tab")


@contextmanager
def served(memory: Memory) -> Iterator[str]:
    """The address of a server over a memory, in this process."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(memory), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def measured(url: str) -> tuple[float, float, int]:
    """Milliseconds of a page asked for first, the median of three more, and its bytes."""
    took, size = [], 0
    for _ in range(4):
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(url) as answer:
                size = len(answer.read())
        except urllib.error.HTTPError as error:
            size = len(error.read())
        took.append(1000 * (time.perf_counter() - began))
    return took[0], statistics.median(took[1:]), size


def pictures(root: str, chosen: Sequence[Shot], out: Path) -> list[str]:
    """Take the pictures; gives what pages said on the console, and where one is wider than its window."""
    wrong: list[str] = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width, (across, down) in WIDTHS.items():
            for scheme in SCHEMES:
                context = browser.new_context(color_scheme=scheme, viewport={"width": across, "height": down})
                page = context.new_page()
                page.on("console", lambda said: wrong.append(f"console: {said.text}"))
                for shot in chosen:
                    page.set_viewport_size({"width": across, "height": down})
                    page.goto(root + shot.path)
                    do(page, shot.does)
                    tall = page.evaluate("document.documentElement.scrollHeight")
                    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
                        wrong.append(f"{shot.name}: wider than a {width}")
                    clip = {"x": 0, "y": 0, "width": across, "height": min(max(tall, down), TALLEST)}
                    page.screenshot(path=out / f"{shot.name}-{width}-{scheme}.png", full_page=True, clip=clip)
                context.close()
        browser.close()
    return wrong


def benchmarks(folder: Path) -> None:
    """Two small reports to be shown, when there are none."""
    for name, dim in (("first", 128), ("second", 1024)):
        if not (folder / name / "rows.json").exists():
            embedder = HashingEmbedder(dim)
            run_benchmark("lives", RECIPES, out=folder / name, limit=40, embedder=embedder, reranker="overlap")


def main() -> None:
    """See the module."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("store", type=Path)
    asked.add_argument("--records", type=int, default=1000)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--only", default="", help="names of pages, or beginnings of them, by commas")
    asked.add_argument("--no-pictures", action="store_true")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    reports = given.store.with_suffix(".reports")
    benchmarks(reports)
    with open_furnished(given.store) as memory:
        if not any(row.name == BANK for row in memory.banks()):
            fill(memory, given.records)
        furnish(memory)
        memory.settings = replace(memory.settings, reports=str(reports))
        names = [name for name in given.only.split(",") if name]
        chosen = [shot for shot in shots(memory) if not names or any(shot.name.startswith(name) for name in names)]
        with served(memory) as root:
            print(f"{'page':28} {'first ms':>9} {'ms':>8} {'kB':>8}")
            for shot in chosen:
                if not shot.does:
                    first, again, size = measured(root + shot.path)
                    print(f"{shot.name:28} {first:9.0f} {again:8.0f} {size / 1000:8.1f}", flush=True)
            if not given.no_pictures:
                for line in dict.fromkeys(pictures(root, chosen, given.out)):
                    print(line)


if __name__ == "__main__":
    main()
