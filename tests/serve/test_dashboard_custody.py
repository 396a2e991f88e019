"""The dashboard's pages of custody: the vault, erasure and its receipts; what is done there, and by whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("cryptography")

from fastapi.testclient import TestClient

import mnemic
from mnemic.core.acting import Acting
from mnemic.core.erasure import ErasureReceipt
from mnemic.erasing_verbs import receipt_holds
from mnemic.governance.keyring import load_keys, write_key_file
from mnemic.serve.app import create_app
from mnemic.store.notes import Note

CARD = "4111 1111 1111 1111"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[mnemic.Memory]:
    write_key_file(tmp_path / "v.key")
    keys = load_keys(key_file=str(tmp_path / "v.key"))
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap", keys=keys) as made:
        anna = made.bank("anna")
        anna.retain([{"role": "user", "actor": "Anna", "content": f"My card is {CARD}.", "session": "s1"}])
        anna.retain([{"role": "user", "actor": "Ben", "content": "Anna and Ben like tea.", "session": "s2"}])
        yield made


def client(memory: mnemic.Memory, role: str = "") -> TestClient:
    """A browser on the machine itself, or one that signed in with a key of a role on the bank."""
    if not role:
        return TestClient(create_app(memory), base_url="http://localhost", follow_redirects=False)
    _, key = memory.acting(Acting()).create_key(role, role=role, banks=["anna"])
    made = TestClient(create_app(memory), base_url="http://team.example", follow_redirects=False)
    made.get("/ui/login")
    entered = made.post("/ui/login", data={"csrf": made.cookies["mnemic_form"], "key": key})
    assert entered.status_code == 303
    return made


def post(browser: TestClient, path: str, **fields: str) -> tuple[int, str]:
    browser.get("/ui/login")
    answer = browser.post(path, data={"csrf": browser.cookies["mnemic_form"], **fields})
    return answer.status_code, answer.text if answer.status_code != 303 else answer.headers["location"]


VAULT, ERASURE = "/ui/banks/anna/vault", "/ui/banks/anna/erasure"


def test_the_words_of_a_secret_stand_in_one_answer_and_its_purpose_in_the_audit(memory: mnemic.Memory) -> None:
    browser = client(memory)
    (secret,) = memory.bank("anna").secrets()
    listed = browser.get(VAULT)
    assert secret.placeholder in listed.text
    assert "4111" not in listed.text
    assert post(browser, VAULT, action="reveal", secret=secret.placeholder, purpose=" ")[0] == 400
    browser.get(VAULT)
    form = {"csrf": browser.cookies["mnemic_form"], "action": "reveal", "secret": secret.placeholder}
    shown = browser.post(VAULT, data=form | {"purpose": "to pay the rent"})
    assert "4111" in shown.text
    assert (shown.headers["cache-control"], shown.url.query) == ("no-store", b"")
    assert "4111" not in browser.get(VAULT).text
    (entry,) = [e for e in memory.acting(Acting()).audit("anna") if (e.verb, e.body["outcome"]) == ("reveal", "done")]
    assert entry.body["purpose"] == "to pay the rent"


def test_a_secret_is_forgotten_for_good(memory: mnemic.Memory) -> None:
    browser = client(memory)
    (secret,) = memory.bank("anna").secrets()
    status, where = post(browser, VAULT, action="forget", secret=secret.placeholder)
    assert (status, where) == (303, f"{VAULT}?done=forgotten")
    assert not memory.bank("anna").secrets()
    assert post(browser, VAULT, action="reveal", secret=secret.placeholder, purpose="again")[0] == 404
    assert post(browser, VAULT, action="forget", secret=secret.placeholder)[0] == 404
    assert secret.placeholder in memory.bank("anna").list().records[0].value
    told = [e.body["outcome"] for e in memory.acting(Acting()).audit("anna") if e.verb == "forget_secrets"]
    assert told == ["done", "failed"]


def test_who_governs_lists_secrets_and_opens_none(memory: mnemic.Memory) -> None:
    (secret,) = memory.bank("anna").secrets()
    governor, holder, reader = client(memory, "governor"), client(memory, "keyholder"), client(memory, "reader")
    seen = governor.get(VAULT).text
    assert secret.placeholder in seen
    assert 'value="reveal"' not in seen
    assert post(governor, VAULT, action="reveal", secret=secret.placeholder, purpose="curious")[0] == 403
    seen = holder.get(VAULT).text
    assert 'value="reveal"' in seen
    assert 'value="forget"' not in seen
    assert post(holder, VAULT, action="forget", secret=secret.placeholder)[0] == 403
    assert "4111" in post(holder, VAULT, action="reveal", secret=secret.placeholder, purpose="to pay")[1]
    assert reader.get(VAULT).status_code == 403
    assert post(reader, VAULT, action="reveal", secret=secret.placeholder, purpose="to pay")[0] == 403


def test_without_a_vault_key_the_page_says_so(tmp_path: Path) -> None:
    with mnemic.open(tmp_path / "b.db", embedder="hashing", reranker="overlap") as bare:
        bare.bank("anna")
        assert "no vault key" in client(bare).get(VAULT).text


def chosen(browser: TestClient, **fields: str) -> tuple[str, dict[str, str]]:
    """The page of a plan, and the fields that its form of confirmation carries."""
    _, text = post(browser, ERASURE, action="plan", **fields)
    seen = re.search(r'name="seen" value="([^"]+)"', text)
    return text, {**fields, "seen": seen[1] if seen else ""}


def test_nothing_goes_before_it_is_shown_and_typed(memory: mnemic.Memory) -> None:
    browser, bank = client(memory), memory.bank("anna")
    text, form = chosen(browser, person="Ben")
    assert "<strong>1</strong> events" in text
    assert len(bank.events()) == 2
    assert "Nothing was erased" in post(browser, ERASURE, action="erase", typed="ben", **form)[1]
    bank.retain([{"role": "user", "actor": "Ben", "content": "Ben has a dog.", "session": "s3"}])
    assert "written meanwhile" in post(browser, ERASURE, action="erase", typed="anna", **form)[1]
    assert len(bank.events()) == 3
    _, form = chosen(browser, person="Ben")
    status, where = post(browser, ERASURE, action="erase", typed="anna", reason=HOSTILE, **form)
    assert status == 303
    assert [event.speaker for event in bank.events()] == ["Anna"]
    page = browser.get(where).text
    assert "The signature holds" in page
    assert HOSTILE not in page
    told = json.loads(browser.get(f"{where}/file").text)
    receipt = ErasureReceipt.from_json(told)
    assert receipt.clean
    assert receipt_holds(receipt, receipt.signature["public"])


def test_a_receipt_that_was_changed_does_not_hold(memory: mnemic.Memory) -> None:
    receipt = memory.bank("anna").erase(session="s2", reason="asked")
    body = receipt.with_(events=0, reason="nothing happened").to_json()
    memory.engine.store.put_note(Note(bank="anna", kind="erasure", id=receipt.id, at=receipt.at, body=body))
    assert "The signature does not hold" in client(memory).get(f"{ERASURE}/{receipt.id}").text


def test_an_interrupted_erasure_is_finished_by_hand(memory: mnemic.Memory) -> None:
    receipt = memory.bank("anna").erase(session="s2")
    body = receipt.with_(state="rows").to_json()
    memory.engine.store.put_note(Note(bank="anna", kind="erasure", id=receipt.id, at=receipt.at, body=body))
    browser = client(memory)
    assert "not finished" in browser.get(ERASURE).text
    assert post(browser, ERASURE, action="finish") == (303, f"{ERASURE}?done=finished")
    assert [one.state for one in memory.bank("anna").erasures()] == ["done"]


def test_a_bank_goes_whole_once_its_name_is_typed(memory: mnemic.Memory) -> None:
    browser = client(memory)
    assert post(browser, ERASURE, action="bank", typed="Anna", reason="x")[0] == 400
    status, where = post(browser, ERASURE, action="bank", typed="anna", reason="left")
    assert status == 303
    assert not memory.banks()
    assert "The signature holds" in browser.get(where).text
    assert "anna" in browser.get("/ui/erasures").text


def test_an_eraser_erases_what_he_cannot_read_and_a_governor_sees_the_receipts(memory: mnemic.Memory) -> None:
    eraser, auditor = client(memory, "eraser"), client(memory, "auditor")
    assert eraser.get(ERASURE).status_code == 200
    _, form = chosen(eraser, session="s2")
    assert post(eraser, ERASURE, action="erase", typed="anna", **form)[0] == 303
    assert eraser.get("/ui/banks/anna/records").status_code == 403
    assert auditor.get(ERASURE).status_code == 403
    (receipt,) = memory.bank("anna").erasures()
    assert receipt.who.startswith("key:")
