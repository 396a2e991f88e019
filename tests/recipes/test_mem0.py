"""Mem0 works when the store follows the operations, and an alias that was never shown changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnemic.context.within_budget import WithinBudget
from mnemic.core.reading import Where
from mnemic.formation.asked_records import AskedRecords
from mnemic.formation.index_text import IndexText
from mnemic.formation.named_entities import NamedEntities
from mnemic.formation.per_turn import PerTurn
from mnemic.formation.turn_record import TurnRecord
from mnemic.recipes.mem0 import GRAPH, RECIPE, V3
from mnemic.retrieval.dense import Dense
from mnemic.retrieval.lexical import Lexical

from .asked_records import add_all, as_said, each_as_said
from .locomo_bank import locomo
from .measured import answerable, open_with, recall_at
from .workbench import bank_at, current, log_of, model_of, seq_of

#: Turn by turn, so that a test says one thing at a time.
PER_TURN = replace(RECIPE, formation=PerTurn() >> AskedRecords())

#: Known memory, new fact, event, wording of an UPDATE; what holds afterwards follows from the event.
TABLE = (
    ("Anna lives in Porto", "Anna lives in Lisbon now", "DELETE+ADD", ""),
    ("Ben likes pizza", "Ben likes cheese pizza", "UPDATE", "Ben likes cheese pizza"),
    ("Clara plays chess", "Clara is a chess player", "NONE", ""),
    ("Dora has a cat", "Dora has a dog", "ADD", ""),
    ("Emil works at a bank", "Emil quit the bank", "DELETE", ""),
    ("Fay is 30 years old", "Fay turned 31 years old", "UPDATE", "Fay is 31 years old"),
    ("Gus drives a Volvo", "Gus sold the Volvo", "DELETE", ""),
    ("Hana studies law", "Hana studies law in Kyoto", "UPDATE", "Hana studies law in Kyoto"),
    ("Ivo runs marathons", "Ivo runs marathons", "NONE", ""),
    ("Jana loves jazz", "Jana hates jazz", "DELETE+ADD", ""),
    ("Karl owns a boat", "Karl owns a tent", "ADD", ""),
    ("Lena speaks Czech", "Lena speaks Czech and Polish", "UPDATE", "Lena speaks Czech and Polish"),
    ("Milo fears spiders", "Milo is afraid of spiders", "NONE", ""),
    ("Nora bakes bread", "Nora bakes rye bread", "UPDATE", "Nora bakes rye bread"),
    ("Otto is married", "Otto is divorced", "DELETE+ADD", ""),
    ("Pia swims daily", "Pia plays the oboe", "ADD", ""),
    ("Quin has a garden", "Quin moved out of the garden house", "NONE", ""),
    ("Rosa collects stamps", "Rosa gave her stamps away", "DELETE", ""),
    ("Sven brews beer", "Sven brews dark beer", "UPDATE", "Sven brews dark beer"),
    ("Tara dislikes tea", "Tara likes tea", "DELETE+ADD", ""),
)


def operate(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the table says; a fact that is not in it is a memory in the making."""
    operations: list[dict[str, str]] = []
    rows = {fact: (memory, event, text) for memory, fact, event, text in TABLE}
    for fact in inputs["facts"]:
        known = {memory["text"]: memory["alias"] for memory in inputs["memories"]}
        memory, events, text = rows.get(fact["text"], ("", "ADD", ""))
        if fact["text"] in rows and not known:
            memory, events = "", "ADD"
        told = {"fact": fact["alias"], "memory": known.get(memory, ""), "text": text}
        operations.extend({"event": event, "reason": event, **told} for event in events.split("+"))
    return {"operations": operations}


def gold() -> list[str]:
    out: list[str] = []
    for memory, fact, event, text in TABLE:
        if event in ("NONE", "ADD"):
            out.append(memory)
        if event in ("ADD", "DELETE+ADD"):
            out.append(fact)
        if event == "UPDATE":
            out.append(text)
    return sorted(out)


def test_a_table_of_twenty_pairs_gives_the_gold_store(tmp_path: Path) -> None:
    answer = [add_all]
    scripts = {"extract_facts": as_said, "memory_operations": lambda inputs: answer[0](inputs)}
    with bank_at(tmp_path / "x.db", PER_TURN, scripts) as bank:
        bank.retain([{"content": memory} for memory, *_ in TABLE], session="before")
        answer[0] = operate
        bank.retain([{"content": fact} for _, fact, *_ in TABLE], session="after", at="2026-07-01")
        assert sorted(record.value for record in current(bank)) == gold()
        # Nothing is destroyed: what was deleted is still told by the history, with what took its place.
        gone = {record.value: record for record in current(bank, states=("superseded",))}
        assert set(gone) == {memory for memory, _, event, _ in TABLE if event.startswith("DELETE")}
        lives = next(record for record in current(bank) if record.value == "Anna lives in Lisbon now")
        assert gone["Anna lives in Porto"].fields["superseded_by"] == lives.id
        updated = next(record for record in current(bank) if record.value == "Fay is 31 years old")
        assert [entry.entry.op.kind for entry in bank.history(updated.id)] == ["ADD", "UPDATE"]
        assert len({span.source for span in updated.sources}) == 2


def test_the_model_sees_aliases_never_ids(tmp_path: Path) -> None:
    seen: list[str] = []

    def look(inputs: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(str(inputs))
        return {"operations": [{"event": "ADD", "fact": fact["alias"]} for fact in inputs["facts"]]}

    scripts = {"extract_facts": as_said, "memory_operations": look}
    with bank_at(tmp_path / "x.db", PER_TURN, scripts) as bank:
        bank.retain([{"content": memory} for memory, *_ in TABLE[:4]], session="s")
        ids = [record.id for record in current(bank)]
    assert len(ids) == 4
    assert not [record_id for record_id in ids for text in seen if record_id in text]


def test_an_unknown_alias_changes_nothing_and_is_told(tmp_path: Path) -> None:
    answers = [
        {"operations": [{"event": "ADD", "fact": "0"}]},
        {
            "operations": [
                {"event": "UPDATE", "fact": "0", "memory": "17", "text": "Ben left"},
                {"event": "DELETE", "fact": "4", "memory": "0"},
                {"event": "UPDATE", "fact": "0", "memory": "", "text": "Ben left"},
            ]
        },
    ]
    with bank_at(tmp_path / "x.db", PER_TURN, {"extract_facts": as_said, "memory_operations": answers}) as bank:
        bank.retain("Ben lives in Rome", session="s")
        before = [(record.id, record.sha) for record in current(bank)]
        seq = seq_of(bank)
        bank.retain("Ben went away", session="s")
        assert [(record.id, record.sha) for record in current(bank)] == before
        refused = [op.reason for op in log_of(bank, seq) if op.kind == "NOOP" and op.reason.startswith("refused")]
        assert len(refused) == 3
        assert "'17' was never shown" in refused[0]


def test_a_pair_of_messages_costs_two_calls_and_is_read_with_what_came_before(tmp_path: Path) -> None:
    with bank_at(tmp_path / "x.db", RECIPE, {"extract_facts": each_as_said, "memory_operations": add_all}) as bank:
        bank.retain([{"content": f"Line {number} of the talk"} for number in range(1, 7)], session="s")
        calls = model_of(bank).calls
        assert [call.task for call in calls] == ["extract_facts", "memory_operations"] * 3
        assert [turn["text"] for turn in calls[4].inputs["earlier"]] == [f"Line {n} of the talk" for n in range(1, 5)]
        assert len(current(bank)) == 6


UPDATES = tuple((f"Anna lives in {city}", city) for city in ("Porto", "Lisbon", "Rome", "Oslo", "Graz"))


def replace_home(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The newest home takes the place of the one before."""
    fact = inputs["facts"][0]["alias"]
    gone = [{"event": "DELETE", "fact": fact, "memory": memory["alias"]} for memory in inputs["memories"]]
    return {"operations": [*gone, {"event": "ADD", "fact": fact}]}


def test_updates_in_a_stream_leave_the_last_and_additions_answer_before_too(tmp_path: Path) -> None:
    added = replace(V3, formation=PerTurn() >> AskedRecords())
    found = {}
    for name, recipe in (("classic", PER_TURN), ("added", added)):
        scripts = {"extract_facts": each_as_said, "memory_operations": replace_home}
        with bank_at(tmp_path / f"{name}.db", recipe, scripts) as bank:
            for month, (text, _) in enumerate(UPDATES, start=1):
                bank.retain(text, session=f"s{month}", at=f"2026-{month:02}-01")
            lines = [citation.record for citation in bank.recall("Where does Anna live?").citations]
            found[name] = [bank.get(record).value for record in lines]
            if name == "classic":
                before = bank.list(Where(states=("superseded",))).records
                assert [record.value for record in before] == [text for text, _ in UPDATES[:-1]]
    assert found["classic"] == ["Anna lives in Graz"]
    assert found["added"] == [text for text, _ in UPDATES]


TRIPLES = {
    "Anna rows on the Tagus": [("Anna", "rows on", "the Tagus"), ("Anna", "lives in", "Lisbon")],
    "Ben repairs clocks": [("Ben", "repairs", "clocks")],
}


def triples(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The triples of each turn."""
    out = []
    for turn in inputs["turns"]:
        for head, relation, tail in TRIPLES.get(turn["text"], ()):
            out.append({"head": head, "relation": relation, "tail": tail, "turns": [turn["alias"]]})
    return {"records": out}


def test_the_graph_hangs_triples_on_nodes_and_finds_them_by_the_names_in_a_question(tmp_path: Path) -> None:
    scripts = {
        "extract_facts": lambda inputs: {"records": []},
        "extract_triples": triples,
        "memory_operations": add_all,
    }
    with bank_at(tmp_path / "x.db", GRAPH, scripts) as bank:
        for text in (*TRIPLES, "Anna rows on the Tagus", "Ben repairs clocks"):
            bank.retain([{"content": text}], session="s")
        nodes = {record.value for record in current(bank, kinds=("entity",))}
        assert nodes == {"anna", "tagus", "lisbon", "ben", "clocks"}
        context = bank.recall("Where does Anna live?", tokens=200)
        assert all("Anna" in line for line in context.text.splitlines())
        assert "Anna lives in Lisbon" in context.text
        why = [citation.hit.path for citation in context.citations]
        assert all(path[-1] == "about" for path in why)


def test_on_real_turns_the_sum_finds_more_than_words_or_meaning_alone(tmp_path: Path) -> None:
    conversation = locomo()
    events = conversation.events[:200]
    turns = PerTurn() >> TurnRecord() >> NamedEntities() >> IndexText(key="said", previous=0, captions=False)
    chains = {
        "words": Lexical(key="said") >> WithinBudget(),
        "meaning": Dense(key="said") >> WithinBudget(),
        "sum": V3.retrieval,
    }
    with open_with(tmp_path / "x.db", "bge-small") as memory:
        bank = memory.bank("b", recipe=replace(V3, formation=turns, evolution=()))
        bank.retain(events)
        found = recall_at(bank, chains, answerable(conversation, events, 24))
    assert found["sum"] > max(found["words"], found["meaning"]), found
