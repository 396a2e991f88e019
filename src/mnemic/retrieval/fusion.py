"""Fusion: what each list gives to a record is added up, and kept by the list's name.

score(r) = Σ_list contribution(list, r)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mnemic.core.reading import Hit, Ranked


def list_name(ranked: Ranked) -> str:
    """How a list is called in a hit's parts: its channel, and the sub-query when it is not the first.

    >>> list_name(Ranked([], "dense()")), list_name(Ranked([], "dense()", sub=2))
    ('dense()', 'dense()#2')
    """
    return f"{ranked.channel}#{ranked.sub}" if ranked.sub else ranked.channel


def fuse(lists: Iterable[tuple[Ranked, Sequence[float]]]) -> list[Hit]:
    """One ranking of many: each list comes with one contribution per hit.

    A hit keeps the raw parts that its channels gave, the first path by which it was reached and, under
    the list's name, each contribution. Equal scores keep the order in which they were first seen.

    >>> dense = Ranked([Hit("a", 0.9, "dense", {"cosine": 0.9})], "dense()")
    >>> lexical = Ranked([Hit("b", 4.0, "lexical"), Hit("a", 3.0, "lexical")], "lexical()")
    >>> for hit in fuse([(dense, [1.0]), (lexical, [1.0, 0.5])]):
    ...     print(hit.id, hit.score, hit.channel, hit.parts)
    a 1.5 dense+lexical {'cosine': 0.9, 'dense()': 1.0, 'lexical()': 0.5}
    b 1.0 lexical {'lexical()': 1.0}
    """
    fused: dict[str, Hit] = {}
    for ranked, contributions in lists:
        name = list_name(ranked)
        for hit, contribution in zip(ranked.hits, contributions, strict=True):
            known = fused.get(hit.id)
            if known is None:
                parts = {**hit.parts, name: contribution}
                fused[hit.id] = Hit(hit.id, contribution, hit.channel, parts, hit.path)
                continue
            known.score += contribution
            known.path = known.path or hit.path
            if hit.channel not in known.channel.split("+"):
                known.channel = f"{known.channel}+{hit.channel}"
            for part, value in hit.parts.items():
                known.parts[part] = max(value, known.parts.get(part, value))
            known.parts[name] = known.parts.get(name, 0.0) + contribution
    return ranked_by_score(fused.values())


def ranked_by_score(hits: Iterable[Hit]) -> list[Hit]:
    """Hits from best to worst; equal scores stay in the order given.

    >>> [hit.id for hit in ranked_by_score([Hit("a", 1, ""), Hit("b", 2, ""), Hit("c", 1, "")])]
    ['b', 'a', 'c']
    """
    return sorted(hits, key=lambda hit: -hit.score)
