"""Leaks: entries of the log that rest on nothing erased and hold words of it nevertheless, such as a turn's neighbours.

What is compared are pieces of the erased events' texts that no event that stays holds.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator

from mnemic.store.pieces import LONG, SHORT, Pieces, cut

#: No more pieces than these: of very much text every n-th is looked for.
MOST_PIECES = 200_000
_RUN = 1 << 22


def pieces_of(texts: Iterable[str]) -> list[bytes]:
    """Pieces of texts, as they are and as JSON writes them."""
    out: dict[bytes, None] = {}
    for text in dict.fromkeys(texts):
        forms = {text, json.dumps(text, ensure_ascii=False)[1:-1]}
        for form in forms:
            out.update(dict.fromkeys(cut(form.encode("utf-8", "surrogatepass"))))
    found = list(out)
    step = -(-len(found) // MOST_PIECES)
    return found[:: max(1, step)]


def of_ids(ids: Iterable[str]) -> list[bytes]:
    """One piece of each id that is long enough: its end, which is the part of chance."""
    out = []
    for name in ids:
        raw = name.encode("utf-8", "surrogatepass")
        if len(raw) >= LONG:
            out.append(raw[-LONG:])
        elif len(raw) > SHORT:
            out.append(raw[-SHORT:])
    return out


def unsaid(pieces: list[bytes], said: Iterable[str]) -> list[bytes]:
    """The pieces that none of the texts holds."""
    looked = Pieces(pieces)
    found = looked.found_in(text.encode("utf-8", "surrogatepass") for text in said)
    return [piece for number, piece in enumerate(looked.pieces) if number not in found]


def leaking(log: Iterable[tuple[int, str]], gone: Container[int], pieces: list[bytes]) -> set[int]:
    """The seqs of entries, given with their bodies, that hold a piece."""
    looked = Pieces(pieces)
    out: set[int] = set()
    if not pieces:
        return out
    for run in _runs((seq, body) for seq, body in log if seq not in gone):
        if looked.found(b"\0".join(body for _, body in run)):
            out.update(seq for seq, body in run if looked.found(body))
    return out


def _runs(log: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, bytes]]]:
    run: list[tuple[int, bytes]] = []
    size = 0
    for seq, body in log:
        raw = body.encode("utf-8", "surrogatepass")
        run.append((seq, raw))
        size += len(raw)
        if size >= _RUN:
            yield run
            run, size = [], 0
    if run:
        yield run
