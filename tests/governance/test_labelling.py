"""Labels by rule: weighed words, circumstances, sentences, strictness, and nearness to examples."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import mnemic
from mnemic.config import Settings
from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.core.evidence import Event, Part
from mnemic.core.times import instant
from mnemic.governance.labelling import STRICTNESS, Labeller, Lexicon, label, labeller_of, own_lexicon

OWN = own_lexicon()
CAREFUL, OPEN = Labeller(OWN, STRICTNESS["careful"]), Labeller(OWN, STRICTNESS["open"])


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("The surgeon looked at my knee.", "health"),
        ("We owe the bank $9,000 on the car loan.", "finance"),
        ("Panic and worries keep me awake.", "mental-health"),
        ("Our landlord wants a new lease.", "housing"),
        ("I passed the chemistry exam.", "education"),
        ("My lawyer filed an appeal.", "legal"),
        ("My boss gave me another shift.", "employment"),
        ("My cousin is engaged to a friend of mine.", "relationships"),
        ("The next appointment is on Friday at 3 pm.", "schedule"),
        ("I am 34 years old.", "identity"),
        ("We pray in the mosque.", "beliefs"),
    ],
)
def test_what_a_sentence_is_about_is_its_label(text: str, matter: str) -> None:
    assert matter in OPEN.labels(text)
    assert len(OPEN.labels(text)) == 1


def test_what_says_nothing_of_any_matter_has_no_label() -> None:
    assert CAREFUL.all_labels(["The river is wide.", "", "  \n ", "Happy to help!"]) == [(), (), (), ()]
    everyday = (
        "I'm fine, thanks. The train leaves at noon. Please sum up the text. Of course! The function returns a list."
    )
    assert CAREFUL.labels(everyday) == ()


def test_a_circumstance_weighs_less_than_what_is_said() -> None:
    assert OPEN.labels("She learned to cook during the lawsuit.") == ("education",)
    assert OPEN.labels("The lawsuit began after the exam.")[0] == "legal"


def test_words_against_a_matter_take_away_what_it_looks_like() -> None:
    assert OPEN.labels("Her blood pressure is fine.") == ("health",)
    assert "mental-health" not in CAREFUL.labels("Her blood pressure is fine.")


def test_every_sentence_of_a_turn_counts() -> None:
    assert set(OPEN.labels("My doctor called. Then the landlord came!")) == {"health", "housing"}


def test_hyphens_and_apostrophes_are_as_on_a_keyboard() -> None:
    assert OPEN.labels("My driver\u2019s licence is suspended.") == OPEN.labels("My driver's licence is suspended.")
    assert OPEN.labels("a mental\u2011health matter") == OPEN.labels("a mental-health matter") == ("mental-health",)


WORDS = st.lists(
    st.sampled_from("doctor loan lawyer during the after boss friend school pain rent on Friday $5 . wide of".split()),
    max_size=12,
).map(" ".join)


@given(text=WORDS)
def test_more_care_is_never_fewer_labels(text: str) -> None:
    found = [set(Labeller(OWN, margin).labels(text)) for margin in sorted(STRICTNESS.values())]
    assert all(fewer <= more for fewer, more in pairwise(found))
    assert bool(found[0]) == bool(found[-1])


@given(texts=st.lists(WORDS, max_size=5))
def test_a_text_has_the_same_labels_alone_and_among_others(texts: list[str]) -> None:
    assert CAREFUL.all_labels(texts) == [CAREFUL.labels(text) for text in texts]


PLACES = Lexicon.of(
    {
        "sea": {"words": ["boat"], "examples": ["a boat", "two boats", "boating"]},
        "land": {"words": ["cart"], "examples": ["a cart", "two carts", "carting near a ship"]},
        "air": {"words": ["plane"], "examples": ["a plane", "planes", "flying near a ship"]},
    }
)


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    axes = (("boat", "ship"), ("cart",), ("plane", "fly"))
    found = np.array([[0.2 + sum(map(text.casefold().count, words)) for words in axes] for text in texts], np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def test_nearness_finds_what_no_word_names_and_settles_what_words_leave_open() -> None:
    words, near = Labeller(PLACES, STRICTNESS["open"]), Labeller(PLACES, STRICTNESS["open"], embed)
    assert words.labels("The ship left.") == ()
    assert near.labels("The ship left.") == ("sea",)
    assert words.labels("A boat, a ship, a ship and a cart.") == ("sea", "land")
    assert near.labels("A boat, a ship, a ship and a cart.") == ("sea",)
    assert near.labels("Nothing at all") == ()


def test_an_embedder_that_fails_leaves_the_careful_rules() -> None:
    def failing(_: Sequence[str]) -> NDArray[np.float32]:
        raise ModelUnavailable("embedder: not today")

    text = "My doctor and my lawyer met a friend about the loan."
    assert Labeller(OWN, STRICTNESS["open"], failing).labels(text) == CAREFUL.labels(text)


def test_labels_that_were_given_stay() -> None:
    event = Event(
        id="e", session="s", role="user", parts=(Part("text", "My doctor called."),), labels=("Mine", "Health"),
        occurred_at=instant("2026-06-02"),
    )  # fmt: skip
    assert label([event], CAREFUL)[0] is event
    assert label([event], Labeller(Lexicon.of({"calls": {"words": ["called"]}})))[0].labels == (
        "Mine",
        "Health",
        "calls",
    )


def test_settings_and_lexicons_that_are_not_right_are_refused() -> None:
    assert labeller_of("none") is None
    for name, strictness, what in (("rule", "careful", "labelling:"), ("rules", "strict", "labelling_strictness:")):
        with pytest.raises(BadInput, match=what):
            labeller_of(name, strictness)
    with pytest.raises(BadInput, match=r"pets\.wrods"):
        Lexicon.of({"pets": {"wrods": ["cat"]}})
    with pytest.raises(BadInput, match="pets: a pattern"):
        Lexicon.of({"pets": {"patterns": ["("]}})


def test_nearness_takes_part_where_the_setting_says_so(tmp_path: Path) -> None:
    told = Settings(labelling="nearest", labelling_strictness="open")
    with mnemic.open(tmp_path / "a.db", embedder="hashing", reranker="overlap", settings=told) as memory:
        bank = memory.bank("anna", "full-context")
        bank.retain(["The surgeon looked at my knee."])
        assert "health" in bank.list().records[0].labels
    with mnemic.open(tmp_path / "b.db", embedder="none", reranker="overlap", settings=told) as memory:
        bank = memory.bank("anna", "full-context")
        bank.retain(["The surgeon looked at my knee."])
        assert bank.list().records[0].labels == ("health",)
