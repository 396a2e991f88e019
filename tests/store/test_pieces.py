"""Pieces: wherever 29 bytes of a text lie in a file, a piece of it is found, and nothing that is not there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemic.store import pieces as module
from mnemic.store.pieces import LONG, SHORT, Pieces, cut

#: Letters that are few, so that words and pieces of other texts are met again and again.
few = st.binary(max_size=400).map(lambda raw: bytes(97 + byte % 3 for byte in raw))
texts = st.one_of(st.binary(min_size=SHORT, max_size=200), few.filter(lambda raw: len(raw) >= SHORT))


@given(data=st.one_of(st.binary(max_size=600), few), wanted=st.lists(texts, max_size=6))
def test_just_what_is_there_is_found(data: bytes, wanted: list[bytes]) -> None:
    looked = Pieces(piece for text in wanted for piece in cut(text))
    found = looked.found(data)
    assert set(found) == {number for number, piece in enumerate(looked.pieces) if piece in data}
    assert all(data[place:].startswith(looked.pieces[number]) for number, place in found.items())


@given(text=texts, low=st.integers(0, 200), size=st.integers(2 * LONG - 1, 200), before=st.binary(max_size=40))
def test_any_29_bytes_of_a_text_hold_a_piece(text: bytes, low: int, size: int, before: bytes) -> None:
    part = text[low : low + size]
    if len(part) < 2 * LONG - 1:
        part = text
    assert Pieces(cut(text)).found(before + part + b"\xff")


@pytest.mark.parametrize("sizes", [(1 << 10, 1 << 5), (1 << 12, 1 << 16)])
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), length=st.integers(0, 40_000), turns=st.integers(1, 4))
def test_texts_planted_anywhere_in_a_file_are_found(
    tmp_path_factory: pytest.TempPathFactory, sizes: tuple[int, int], seed: int, length: int, turns: int
) -> None:
    rng = random.Random(seed)
    data = bytearray(rng.randbytes(length))
    planted = [rng.randbytes(rng.randint(SHORT, 90)) for _ in range(rng.randint(0, 12))]
    said = [rng.randbytes(rng.randint(SHORT, 90)) for _ in range(12)]
    for text in planted:
        # Part of a text is enough, if it is long: what lies around it may be overwritten.
        part = text[rng.randint(0, len(text) - 2 * LONG + 1) :][: 2 * LONG - 1] if len(text) > 2 * LONG else text
        place = rng.randint(0, max(0, len(data)))
        data[place : place + len(part)] = part
    file = tmp_path_factory.mktemp("pieces") / "file"
    file.write_bytes(data)
    looked = Pieces(piece for text in [*planted, *said] for piece in cut(text))
    there = {number for number, piece in enumerate(looked.pieces) if piece in data}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_STRETCH", sizes[0])
        patch.setattr(module, "_BLOCK", sizes[1])
        patch.setattr(module, "_cores", lambda: turns)
        found = looked.found_in_file(file)
    assert set(found) == there
    assert all(
        data[place : place + len(looked.pieces[number])] == looked.pieces[number] for number, place in found.items()
    )
    assert looked.found_in([bytes(data[:100]), bytes(data)]).keys() >= there


def test_a_file_that_is_gone_or_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert Pieces([b"fifteen letters"]).found_in_file(tmp_path / "empty") == {}
    assert Pieces([]).found(b"anything at all, it does not matter") == {}
