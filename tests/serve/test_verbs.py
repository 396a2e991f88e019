"""Every verb of the façade over HTTP does what it does in the library."""

from __future__ import annotations

from fastapi.testclient import TestClient

from mnemic.memory import Memory
from mnemic.serve.app import create_app


def test_what_was_retained_is_recalled_with_its_citation(anna: TestClient) -> None:
    context = anna.post("/v1/banks/anna/recall", json={"question": "Where did we move?", "tokens": 500}).json()
    assert "Lisbon" in context["text"]
    assert context["citations"][0]["events"] == ["e1"]
    receipt = anna.get(f"/v1/banks/anna/receipts/{context['receipt']}").json()
    assert receipt["lines"] == context["citations"]
    assert anna.get(f"/v1/banks/anna/receipts/{context['receipt']}/lines/1").json() == context["citations"][0]


def test_an_event_that_is_known_is_skipped(anna: TestClient) -> None:
    message = {"id": "e1", "role": "user", "actor": "Anna", "content": "We moved to Lisbon last May."}
    done = anna.post("/v1/banks/anna/events", json={"messages": message, "session": "s1", "at": "2026-06-02"}).json()
    assert (done["added"], done["skipped"]) == ([], 1)


def test_pages_hold_each_record_once_also_while_others_are_written(anna: TestClient) -> None:
    seen = []
    page = anna.get("/v1/banks/anna/records", params={"limit": 1}).json()
    while True:
        seen += [record["sources"][0][0] for record in page["records"]]
        if page["next"] is None:
            break
        early = {"id": f"early{len(seen)}", "content": "Long ago.", "at": "1990-01-01"}
        anna.post("/v1/banks/anna/events", json={"messages": early})
        page = anna.get("/v1/banks/anna/records", params={"limit": 1, "cursor": page["next"]}).json()
    assert seen == ["e1", "e2"]


def test_events_come_in_pages(anna: TestClient) -> None:
    first = anna.get("/v1/banks/anna/events", params={"limit": 1}).json()
    second = anna.get("/v1/banks/anna/events", params={"limit": 1, "cursor": first["next"]}).json()
    assert [event["id"] for page in (first, second) for event in page["events"]] == ["e1", "e2"]
    assert anna.get("/v1/banks/anna/events/e2").json() == second["events"][0]


def test_a_record_is_changed_only_as_it_was_read(anna: TestClient) -> None:
    record = anna.get("/v1/banks/anna/records").json()["records"][0]
    at = f"/v1/banks/anna/records/{record['id']}"
    tag = {"If-Match": anna.get(at).headers["etag"]}
    changed = anna.patch(at, json={"value": "We moved to Porto.", "reason": "misheard"}, headers=tag)
    assert changed.json()["value"] == "We moved to Porto."
    late = anna.patch(at, json={"value": "We moved to Faro."}, headers=tag)
    assert (late.status_code, late.json()["code"]) == (412, "outdated")
    assert anna.delete(at, headers=tag).status_code == 412
    assert anna.delete(at, headers={"If-Match": changed.headers["etag"]}).json()["state"] == "archived"
    assert anna.post(f"{at}/restore").json()["state"] == "active"
    history = anna.get(f"{at}/history").json()["versions"]
    assert [entry["record"]["value"] for entry in history][:2] == [record["value"], "We moved to Porto."]


def test_the_log_is_read_compared_and_rolled_back(anna: TestClient) -> None:
    before = anna.get("/v1/banks/anna").json()["seq"]
    record = anna.get("/v1/banks/anna/records").json()["records"][0]
    anna.patch(f"/v1/banks/anna/records/{record['id']}", json={"value": "We moved to Porto."})
    changed = anna.get("/v1/banks/anna/diff", params={"since": before}).json()["changed"]
    assert [one["after"]["value"] for one in changed] == ["We moved to Porto."]
    anna.post("/v1/banks/anna/rollback", json={"to": before})
    assert anna.get(f"/v1/banks/anna/records/{record['id']}").json()["value"] == record["value"]
    entries = anna.get("/v1/banks/anna/log", params={"limit": 2}).json()
    assert [entry["seq"] for entry in entries["entries"]] == [1, 2]
    assert anna.get("/v1/banks/anna/log", params={"cursor": entries["next"]}).json()["entries"][0]["seq"] == 3


def test_search_answer_feedback_and_the_rest_answer(anna: TestClient) -> None:
    hits = anna.post("/v1/banks/anna/search", json={"question": "coffee", "k": 1}).json()["hits"]
    assert "coffee" in hits[0]["record"]["value"]
    many = anna.post("/v1/banks/anna/recall_many", json={"question": "coffee", "tokens": [5, 500]}).json()
    assert len(many["contexts"]) == 2
    answer = anna.post("/v1/banks/anna/answer", json={"question": "What does Anna drink?"}).json()
    assert "coffee" in answer["text"]
    fed = {"kind": "cited", "records": [hits[0]["record"]["id"]], "receipt": answer["context"]["receipt"]}
    assert anna.post("/v1/banks/anna/feedback", json=fed).json()["ops"] == 1
    for verb in ("consolidate", "reflect", "sessions/close"):
        assert anna.post(f"/v1/banks/anna/{verb}").status_code == 200
    assert anna.get("/v1/banks/anna/stats").json()["events"] == 2


def test_names_may_hold_what_addresses_are_made_of(http: TestClient) -> None:
    for name in ("a/b", "50%", "..", "ünï cödé", "a%2Fb", "?x=1#y"):
        path = "/v1/banks/" + "".join(f"%{byte:02X}" for byte in name.encode())
        assert http.put(path).status_code == 201
        assert http.get(path).json()["name"] == name
        assert http.put(path).status_code == 200
    assert len(http.get("/v1/banks", params={"limit": 4}).json()["banks"]) == 4


def test_it_lives_and_is_ready(kept: Memory) -> None:
    with TestClient(app := create_app(kept)) as client:
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/ready").json()["status"] == "ready"
        app.state.draining = True
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
