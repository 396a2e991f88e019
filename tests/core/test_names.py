"""Which words of a text are names, and when two spellings are one name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.names import ORDINARY_WORDS, canonical_name, find_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What did Caroline paint last May?", ["Caroline"]),
        ("Did Anna and Ben go?", ["Anna", "Ben"]),
        ("Thanks Melanie! That's great.", ["Melanie"]),
        ("Hey Ben, how are you?", ["Ben"]),
        ("I'm fine. It's ok. Don't worry.", []),
        ("Painting is fun. Baked a cake. Honestly, yes.", []),
        ("Cooking? I love cooking.", []),
        ("Porto is nice.", ["Porto"]),
        ("Anna's dog met Ben's cat", ["Anna", "Ben"]),
        ("She studied at the University of Porto", ["University of Porto"]),
        ("Vincent van Gogh and Ludwig van der Rohe", ["Vincent van Gogh", "Ludwig van der Rohe"]),
        ("the Lord of the Rings", ["Lord of the Rings"]),
        ("J. K. Rowling met Dr. Smith in St. Louis", ["J. K. Rowling", "Dr. Smith", "St. Louis"]),
        ("We flew to New York. New car!", ["New York"]),
        ("NASA and the U.S. Navy", ["NASA", "U.S. Navy"]),
        ("my iPhone 15 runs PyTorch", ["iPhone 15", "PyTorch"]),
        ("Jean-Luc O'Brien", ["Jean-Luc O'Brien"]),
        ('She read "Clair de Lune" twice', ["Clair de Lune"]),
        ("he said “I love you so much” again", []),
        ("ask @ben_k about #Hiking", ["@ben_k", "#Hiking"]),
        ("write to anna@x.org or see https://www.example.org/a?b#c", ["anna@x.org", "example.org"]),
        ("On Monday or in May, Last Friday I ran", []),
        ("Zoë and Łukasz left", ["Zoë", "Łukasz"]),
        ("Anna met ANNA and Anna", ["Anna"]),
        ("STOP SHOUTING AT ME", []),
        ("'New York' is quoted", ["New York"]),
        ("See:\n```\nclass Parser(Base): NASA\n```\nfor Anna", ["Anna"]),
        ("Flan is good, she said, and Flan again", ["Flan"]),
        ("", []),
    ],
)
def test_names_of_a_text(text: str, names: list[str]) -> None:
    assert find_names(text) == names


@pytest.mark.parametrize(
    ("one", "other"),
    [("Café", "cafe"), ("Anna’s", "Anna"), ("The Beatles", "beatles"), ("STRASSE", "Straße"), ("@Ben", "ben")],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert canonical_name(one) == canonical_name(other)


def test_different_names_stay_apart() -> None:
    assert canonical_name("Ann") != canonical_name("Anna")


@given(st.text())
def test_never_raises_and_gives_each_name_once(text: str) -> None:
    names = find_names(text)
    keys = [canonical_name(name) for name in names]
    assert len(set(keys)) == len(keys)
    assert all(keys)
    assert names == find_names(text)


@given(st.text())
def test_canonical_form_is_stable(name: str) -> None:
    assert canonical_name(canonical_name(name)) == canonical_name(name)


@given(st.sampled_from(sorted(ORDINARY_WORDS - {"iphone"})))
def test_an_ordinary_word_that_starts_a_sentence_is_no_name(word: str) -> None:
    assert find_names(f"{word.capitalize()} is here.") == []
