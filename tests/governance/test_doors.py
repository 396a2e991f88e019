"""Doors: keys, grants, what is open and to whom, and that nothing is unless it was granted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mnemic.core.acting import Acting
from mnemic.core.errors import BadInput, Denied, MnemicError, NotFound, Unauthenticated
from mnemic.guarded import BANK_VERBS, MEMORY_VERBS, GuardedMemory
from mnemic.memory import Memory
from mnemic.verifying import export_audit, verify_file


@pytest.fixture
def owner(memory: Memory) -> GuardedMemory:
    """The owner of the process, with two banks."""
    guarded = memory.acting(Acting())
    for name in ("anna", "ben"):
        guarded.bank(name, create=True).retain(f"{name} keeps bees.", session="s")
    return guarded


def with_key(memory: Memory, role: str, *banks: str, **options: Any) -> GuardedMemory:
    key, text = memory.acting(Acting()).create_key("a key", role=role, banks=banks, **options)
    assert memory.access.holder(text).principal == key.principal
    return memory.acting(Acting(principal=key.principal))


def test_nothing_is_open_by_default(memory: Memory, owner: GuardedMemory) -> None:
    key, _ = owner.create_key("nobody yet")
    nobody = memory.acting(Acting(principal=key.principal))
    assert nobody.banks() == []
    for name in ("anna", "no such bank"):
        with pytest.raises(Denied) as refused:
            nobody.bank(name)
        assert str(refused.value).replace(name, "X") == (
            "open: there is no grant to do this in bank 'X'; ask whoever governs it"
        )


def test_each_role_opens_its_verbs_and_no_other(memory: Memory, owner: GuardedMemory) -> None:
    reader = with_key(memory, "reader", "anna").bank("anna")
    assert "bees" in reader.recall("bees").text
    with pytest.raises(Denied):
        reader.retain("no")
    with pytest.raises(Denied):
        reader.log()
    teller = with_key(memory, "teller", "anna").bank("anna")
    teller.retain("Anna sold the hives.")
    with pytest.raises(Denied):
        teller.recall("bees")
    editor = with_key(memory, "editor", "anna").bank("anna")
    record = editor.list().records[0]
    assert editor.update(record.id, "Anna keeps wasps.").value == "Anna keeps wasps."
    with pytest.raises(Denied):
        editor.switch("bm25")


def test_banks_lists_what_is_granted_and_patterns_reach_later_banks(memory: Memory, owner: GuardedMemory) -> None:
    member = with_key(memory, "writer", "team-*")
    assert member.banks() == []
    owner.bank("team-blue", create=True)
    assert [row.name for row in member.banks()] == ["team-blue"]
    member.bank("team-blue").retain("Blue won.")
    with pytest.raises(Denied):
        member.bank("anna")
    with pytest.raises(NotFound):
        member.bank("team-red")


def test_verbs_that_nobody_named_are_nobodys(owner: GuardedMemory) -> None:
    bank = owner.bank("anna")
    for verb in ("engine", "scope_of", "handed", "_read", "query", "recorded"):
        assert verb not in BANK_VERBS
        with pytest.raises(AttributeError):
            getattr(bank, verb)
    for verb in ("engine", "settings", "access", "auditor", "close"):
        assert verb not in MEMORY_VERBS
        with pytest.raises(AttributeError):
            getattr(owner, verb)


def test_a_bank_is_made_by_a_right_of_its_own_and_owned_by_its_maker(memory: Memory, owner: GuardedMemory) -> None:
    founder = with_key(memory, "founder", "lab-*")
    with pytest.raises(Denied):
        founder.bank("other", create=True)
    made = founder.bank("lab-1", create=True)
    made.retain("The first result.")
    assert "result" in made.recall("result").text
    assert [row.name for row in founder.banks()] == ["lab-1"]
    other = with_key(memory, "founder", "lab-*")
    with pytest.raises(Denied):
        other.bank("lab-1").recall("result")


def test_expired_grants_and_keys_are_none(memory: Memory, owner: GuardedMemory) -> None:
    soon = memory.engine.clock.now() + timedelta(seconds=60)
    key, text = owner.create_key("short", role="reader", banks=["anna"], expires=soon)
    reader = memory.acting(Acting(principal=key.principal))
    assert reader.bank("anna").recall("bees").text
    # The clock of the test steps each time it is looked at.
    while memory.engine.clock.now() < soon:
        pass
    with pytest.raises(Denied):
        reader.bank("anna")
    with pytest.raises(Unauthenticated):
        memory.access.holder(text)


def test_revoking_a_key_takes_its_grants(memory: Memory, owner: GuardedMemory) -> None:
    key, text = owner.create_key("leaver", role="reader", banks=["anna", "b*"])
    leaver = memory.acting(Acting(principal=key.principal)).bank("anna")
    assert leaver.recall("bees").text
    owner.revoke_key(key.id)
    with pytest.raises(Unauthenticated):
        memory.access.holder(text)
    with pytest.raises(Denied):
        leaver.recall("bees")
    assert owner.grants(to=key.principal) == []
    memory.flush()
    assert owner.keys() == []


def test_forged_keys_are_refused_in_the_same_words(memory: Memory, owner: GuardedMemory) -> None:
    _, text = owner.create_key("real")
    other, _ = owner.create_key("other")
    flipped = text[:-1] + ("0" if text[-1] != "0" else "1")
    mixed = f"mnk_{other.id}_{text[-64:]}"
    words = set()
    for forged in (flipped, text[:-1], text + "0", text.upper(), "", "mnk_", mixed, "x" * 10_000, "\ud800"):
        with pytest.raises(Unauthenticated) as refused:
            memory.access.holder(forged)
        words.add(str(refused.value))
    assert len(words) == 1
    assert text[-64:] not in repr(memory.access.keys()) + str([one.shown() for one in list(memory.access.keys())])


def test_purposes_and_recipients_of_a_grant_must_be_said(memory: Memory, owner: GuardedMemory) -> None:
    key, _ = owner.create_key("clinic")
    owner.give(key.principal, "anna", "reader", purposes=["treat*"], recipients=["Doctor"])
    for acting in (
        Acting(principal=key.principal),
        Acting(principal=key.principal, purpose="treatment"),
        Acting(principal=key.principal, purpose="marketing", recipient="doctor"),
    ):
        with pytest.raises(Denied):
            memory.acting(acting).bank("anna").recall("bees")
    right = Acting(principal=key.principal, purpose="treatment", recipient="doctor")
    assert "bees" in memory.acting(right).bank("anna").recall("bees").text


def test_groups_of_a_token_are_granted_like_people(memory: Memory, owner: GuardedMemory) -> None:
    owner.give("group:keepers", "ben", "reader")
    member = memory.acting(Acting(principal="oidc:https://id.example|u1", groups=("keepers",)))
    assert [row.name for row in member.banks()] == ["ben"]
    assert "bees" in member.bank("ben").recall("bees").text
    assert memory.acting(Acting(principal="oidc:https://id.example|u1")).banks() == []
    # A principal cannot call himself a group.
    assert memory.acting(Acting(principal="group:keepers")).banks() == []


def test_nobody_gives_more_than_he_holds(memory: Memory, owner: GuardedMemory) -> None:
    governor = with_key(memory, "governor", "anna")
    key, _ = owner.create_key("friend")
    governor.give(key.principal, "anna", "reader")
    for bank, role in (("anna", "owner"), ("ben", "reader"), ("*", "reader"), ("ann*", "reader")):
        with pytest.raises(Denied):
            governor.give(key.principal, bank, role)
    reader = with_key(memory, "reader", "*")
    with pytest.raises(Denied):
        reader.give(key.principal, "anna", "reader")
    for verb in (reader.keys, reader.grants, reader.policies, reader.audit, reader.verify_audit, reader.check):
        with pytest.raises(Denied):
            verb()
    with pytest.raises(Denied):
        reader.create_key("mine", role="owner")
    [grant] = governor.grants(bank="anna", to=key.principal)
    with pytest.raises(Denied):
        reader.take(grant.id)
    assert governor.take(grant.id).id == grant.id


def test_a_grant_goes_with_its_bank(memory: Memory, owner: GuardedMemory) -> None:
    reader = with_key(memory, "reader", "anna")
    assert reader.bank("anna")
    memory.engine.store.drop_bank("anna")
    owner.bank("anna", create=True)
    with pytest.raises(Denied):
        reader.bank("anna")


def test_a_branch_needs_export_of_the_one_and_the_making_of_the_other(memory: Memory, owner: GuardedMemory) -> None:
    with pytest.raises(Denied):
        with_key(memory, "exporter", "anna").branch("anna", "copy")
    with pytest.raises(Denied):
        with_key(memory, "founder", "*").branch("anna", "copy")
    both = with_key(memory, "exporter+founder", "*")
    copy = both.branch("anna", "copy")
    assert type(copy).__name__ == "GuardedBank"
    assert "bees" in copy.recall("bees").text


def test_what_cannot_be_granted_is_said(owner: GuardedMemory) -> None:
    for to, bank, role, field in (
        ("anna", "anna", "reader", "to"), ("key:none", "anna", "reader", "to"), ("group:", "anna", "reader", "to"),
        ("group:g", "", "reader", "bank"), ("group:g", "zoe", "reader", "bank"), ("group:g", "anna", "king", "role"),
    ):  # fmt: skip
        with pytest.raises((BadInput, NotFound), match=f"^{field}:"):
            owner.give(to, bank, role)
    with pytest.raises(BadInput, match=r"^only:"):
        owner.give("group:g", "anna", "reader", only=[""])


def test_each_verb_leaves_an_entry_without_content(memory: Memory, owner: GuardedMemory) -> None:
    me = with_key(memory, "reader", "anna").acting.principal
    speaking = memory.acting(Acting(principal=me, recipient="boss", purpose="plan", reason="r-7")).bank("anna")
    speaking.recall("SENTINEL question")
    with pytest.raises(Denied):
        speaking.retain("SENTINEL text")
    with pytest.raises(NotFound):
        speaking.get("SENTINEL-ID")
    entries = owner.audit("anna")
    told = [(e.who, e.verb, e.body["outcome"]) for e in entries[-3:]]
    assert told == [(me, "recall", "done"), (me, "retain", "denied"), (me, "get", "failed")]
    assert entries[-3].body["recipient"] == "boss"
    assert entries[-3].body["purpose"] == "plan"
    assert "SENTINEL" not in str([e.to_json() for e in (*entries, *owner.audit())])
    assert owner.verify_audit().holds


def test_refusals_fill_no_disk(memory: Memory, owner: GuardedMemory) -> None:
    reader = with_key(memory, "reader", "anna").bank("anna")
    for _ in range(300):
        with pytest.raises(Denied):
            reader.retain("x")
    denied = [e for e in owner.audit("anna", limit=1000) if e.body["outcome"] == "denied"]
    # The clock of the test steps a second at a time, so that this took some minutes.
    assert 10 <= len(denied) <= 250
    assert sum(e.body.get("not_noted_before", 0) for e in denied) > 0


def test_a_changed_or_missing_entry_is_named(memory: Memory, owner: GuardedMemory, tmp_path: Path) -> None:
    memory.flush()
    file = tmp_path / "audit.jsonl"
    assert export_audit(memory.engine.store, file) >= 4
    assert verify_file(file).holds
    lines = file.read_text("utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if '"create"' in line)
    changed = json.loads(lines[place])
    changed["who"] = "key:somebody-else"
    file.write_text("\n".join([*lines[:place], json.dumps(changed), *lines[place + 1 :]]), "utf-8")
    assert f"entry {changed['n']} was changed" in verify_file(file).broken[0]
    file.write_text("\n".join([*lines[:place], *lines[place + 1 :]]), "utf-8")
    assert "missing" in verify_file(file).broken[0]
    file.write_text("no audit", "utf-8")
    with pytest.raises(BadInput, match="line 1"):
        verify_file(file)


def test_writes_past_the_doors_are_told(memory: Memory, owner: GuardedMemory) -> None:
    assert not owner.verify_audit().past
    memory.bank("anna").retain("Written with the library.")
    owner.bank("anna").retain("Written through a door.")
    past = owner.verify_audit().past
    assert list(past) == ["anna"]
    assert len(past["anna"]) == 1


def test_any_error_says_nothing_of_other_banks(memory: Memory, owner: GuardedMemory) -> None:
    owner.bank("SENTINEL-bank", create=True)
    nobody = with_key(memory, "reader", "anna")
    calls: list[Callable[[], object]] = [
        lambda: nobody.bank("x"), lambda: nobody.bank(), lambda: nobody.export("x", "y"), lambda: nobody.switching("x"),
        lambda: nobody.branch("x", "z"), lambda: nobody.import_bank("f", name="n"), lambda: nobody.import_bank("f"),
        lambda: nobody.bank("anna").get("x"), lambda: nobody.bank("anna").receipt("x"), lambda: nobody.take("x"),
        lambda: nobody.bank("anna", recipe="bm25"), lambda: nobody.bank("x", create=True),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(MnemicError) as error:
            call()
        assert "SENTINEL" not in str(error.value)
        assert "ben" not in str(error.value)
