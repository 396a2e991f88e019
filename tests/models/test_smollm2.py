"""A real small model: its answers have the shape asked for, stay in their budget, and are the same every time."""

from __future__ import annotations

import json

import pytest

from mnemic.core.errors import ModelUnavailable, TooLarge
from mnemic.core.task import task_named
from mnemic.models.language.exchange import most_tokens
from mnemic.models.language.smollm2 import SmolLM2, weights

TURNS = [
    {"alias": str(i), "speaker": "Anna", "when": "2026-06-02", "text": t} for i, t in enumerate(["I moved.", "Hi."])
]


@pytest.fixture(scope="module")
def model() -> SmolLM2:
    pytest.importorskip("xllamacpp", reason="the extra 'smollm2' is not installed")
    try:
        weights()
    except ModelUnavailable as error:
        pytest.skip(str(error))
    return SmolLM2()


@pytest.mark.parametrize(
    ("task", "inputs"),
    [
        ("need_memory", {"question": "Where do I live?"}),
        ("continues", {"earlier": TURNS[:1], "turns": TURNS[1:]}),
        ("fold", {"text": "Rex is a dog.", "new": ["Rex barks."], "count": 1, "tokens": 20}),
        (
            "label_matter",
            {"text": "My knee hurts.", "matters": [{"name": "health"}, {"name": "work"}]},
        ),
        ("judge", {"question": "Where?", "expected": "Lisbon", "answer": "Porto"}),
    ],
)
def test_answers_have_their_shape_and_stay_in_their_budget(
    model: SmolLM2, task: str, inputs: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    asked = task_named(task)
    given = asked.given(inputs)
    reply = model.ask(asked, given)
    assert asked.answered(reply.answer, given) == reply.answer
    assert json.dumps(reply.answer)
    assert reply.usage.calls == 1
    assert 0 < reply.usage.tokens_out <= most_tokens(asked.shape(given))
    assert capfd.readouterr() == ("", "")


def test_the_same_question_has_the_same_answer(model: SmolLM2) -> None:
    asked = task_named("need_memory")
    given = {"question": "Thanks!"}
    assert model.ask(asked, given) == model.ask(asked, given)


def test_what_it_cannot_read_is_refused_before_it_is_asked(model: SmolLM2) -> None:
    with pytest.raises(TooLarge):
        model.ask(task_named("need_memory"), {"question": "word " * 8000})
