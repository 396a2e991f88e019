"""A language model looks at what rules have labelled: it adds, in its own time, and where it fails nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mnemic
from mnemic.bank import Bank
from mnemic.config import Settings
from mnemic.core.acting import Acting
from mnemic.core.errors import ModelFailure
from mnemic.core.op import Op
from mnemic.core.reading import Where
from mnemic.core.record import Record
from mnemic.memory import Memory
from mnemic.models.language.port import LanguageModel
from mnemic.models.scripted_model import ScriptedModel


def by_word(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Knows of the allotment what no list of words does."""
    return {"matters": ["housing"] if "allotment" in inputs["text"] else []}


@contextmanager
def opened(path: Path, model: LanguageModel | str | None, labelling: str = "model") -> Iterator[Memory]:
    told = Settings(labelling=labelling)
    with mnemic.open(path / "a.db", embedder="hashing", reranker="overlap", language_model=model, settings=told) as it:
        yield it


def anna(memory: Memory) -> Bank:
    """A bank that asks a model nothing but this."""
    return memory.bank("anna", "full-context")


def labels(memory: Memory, text: str) -> set[str]:
    found = anna(memory).list(Where(kinds=("episodic",)), limit=100).records
    return {label for record in found if text in record.value for label in record.labels}


def test_it_adds_to_records_their_folds_and_their_events(tmp_path: Path) -> None:
    model = ScriptedModel({"label_matter": by_word})
    with opened(tmp_path, model) as memory:
        bank = anna(memory)
        bank.retain([{"content": "We dig the allotment."}, {"content": "My knee hurts, says the doctor."}])
        [dig] = [r for r in bank.list().records if "allotment" in r.value]
        memory.engine.commit(
            "anna", lambda _: [Op.add(Record(id="d", kind="summary", value="Digging.", derived_from=(dig.id,)))]
        )
        assert model.calls == []
        assert labels(memory, "allotment") == set()
        assert labels(memory, "knee") == {"health"}
        done = bank.consolidate()
        assert done.calls == 2
        assert labels(memory, "allotment") == {"housing"}
        assert labels(memory, "knee") == {"health"}
        assert bank.get("d").labels == ("housing",)
        owner = memory.acting(Acting())
        key, _ = owner.create_key("narrow")
        owner.give(key.principal, "anna", "reader", without=["housing"])
        me = memory.acting(Acting(principal=key.principal)).bank("anna")
        assert "allotment" not in str((me.events(), me.list(), me.recall("the allotment").text))
        bank.consolidate()
        assert len(model.calls) == 2
        bank.retain("The allotment has a shed.")
        bank.consolidate()
        assert len(model.calls) == 3


def test_what_a_hand_said_stays(tmp_path: Path) -> None:
    with opened(tmp_path, ScriptedModel({"label_matter": by_word})) as memory:
        bank = anna(memory)
        bank.retain([{"content": "We dig the allotment.", "labels": ["Mine"]}])
        [record] = bank.list(Where(kinds=("episodic",))).records
        bank.relabel(record.id, ["work"])
        bank.consolidate()
        assert labels(memory, "allotment") == {"mine", "work", "housing"}
        bank.unlabel(record.id, ["housing"])
        memory.engine.store.drop_note("anna", "labelled", "model")
        bank.consolidate()
        assert labels(memory, "allotment") == {"mine", "work"}


def failing(after: int, then: Callable[[], Exception]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    left = [after]

    def answer(inputs: Mapping[str, Any]) -> dict[str, Any]:
        left[0] -= 1
        if left[0] < 0:
            raise then()
        return by_word(inputs)

    return answer


def test_where_the_model_fails_the_rules_stand_and_the_rest_waits(tmp_path: Path) -> None:
    down = ScriptedModel({"label_matter": failing(1, lambda: ModelFailure("it is down"))})
    with opened(tmp_path, down) as memory:
        bank = anna(memory)
        bank.retain([{"content": f"The surgeon saw allotment {n}."} for n in range(3)])
        done = bank.consolidate()
        assert "it is down" in done.pending_reason
        assert labels(memory, "allotment 0") == {"health", "housing"}
        assert labels(memory, "allotment 2") == {"health"}
        asked = len(down.calls)
        assert "it is down" in bank.consolidate().pending_reason
        assert len(down.calls) == asked
    with opened(tmp_path, ScriptedModel({"label_matter": by_word})) as memory:
        assert anna(memory).consolidate().calls == 2
        assert labels(memory, "allotment 2") == {"health", "housing"}


def test_an_answer_of_no_form_leaves_the_rules_and_goes_on(tmp_path: Path) -> None:
    def answer(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"matters": ["everything"]} if "first" in inputs["text"] else by_word(inputs)

    with opened(tmp_path, ScriptedModel({"label_matter": answer})) as memory:
        bank = anna(memory)
        bank.retain([{"content": "The surgeon saw the first allotment."}, {"content": "Another allotment."}])
        assert not bank.consolidate().pending_reason
        assert labels(memory, "first") == {"health"}
        assert labels(memory, "Another") == {"housing"}


def test_its_budget_holds(tmp_path: Path) -> None:
    told = Settings(labelling="model", language_model_day_tokens=1)
    model = ScriptedModel({"label_matter": by_word})
    with mnemic.open(
        tmp_path / "a.db", embedder="hashing", reranker="overlap", language_model=model, settings=told
    ) as memory:
        bank = anna(memory)
        bank.retain("My knee hurts, says the doctor.")
        assert "tokens a day" in bank.consolidate().pending_reason
        assert model.calls == []
        assert labels(memory, "knee") == {"health"}


def test_without_a_model_or_by_rules_alone_it_is_the_rules(tmp_path: Path) -> None:
    for n, (model, labelling) in enumerate([(None, "model"), ("rules", "model"), ("rules", "rules")]):
        (tmp_path / str(n)).mkdir()
        with opened(tmp_path / str(n), model, labelling) as memory:
            bank = anna(memory)
            bank.retain("My knee hurts, says the doctor.")
            bank.consolidate()
            assert labels(memory, "knee") == {"health"}
