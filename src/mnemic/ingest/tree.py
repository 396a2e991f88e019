"""Reply trees: from the chosen leaf to the root, so that regenerated and abandoned branches stay out.

branch = leaf, parent(leaf), parent(parent(leaf)) ..., reversed; what has a cycle is no tree and is refused.
Source: A. B. Kahn, "Topological sorting of large networks", CACM 5(11), 1962.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mnemic.core.errors import BadInput
from mnemic.ingest.message import shown


def branch(parents: Mapping[str, str | None], leaf: str) -> list[str]:
    """The nodes from the root to ``leaf``; raises BadInput for a cycle or a parent that is not there.

    >>> branch({"a": None, "b": "a", "b2": "a", "c": "b"}, "c")
    ['a', 'b', 'c']
    >>> branch({"a": "b", "b": "a"}, "a")
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: its replies run in a circle at 'a'; download the export again
    """
    path: dict[str, None] = {}
    node: str | None = leaf
    while node is not None:
        if node in path:
            raise BadInput(f"its replies run in a circle at {shown(node)}; download the export again")
        if node not in parents:
            raise BadInput(f"message {shown(node)} is referred to but not there; download the export again")
        path[node] = None
        node = parents[node]
    return list(path)[::-1]


def check_acyclic(edges: Iterable[tuple[str, str]]) -> None:
    """Raise BadInput when following the edges (parent, child) can lead back to where one was.

    >>> check_acyclic([("a", "b"), ("a", "c")])
    >>> check_acyclic([("a", "b"), ("b", "c"), ("c", "b")])
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: its replies run in a circle at 'b'; download the export again
    """
    below: defaultdict[str, list[str]] = defaultdict(list)
    waiting: dict[str, int] = {}
    for parent, child in set(edges):
        below[parent].append(child)
        waiting.setdefault(parent, 0)
        waiting[child] = waiting.get(child, 0) + 1
    free = [node for node, count in waiting.items() if not count]
    while free:
        node = free.pop()
        del waiting[node]
        for child in below[node]:
            waiting[child] -= 1
            if not waiting[child]:
                free.append(child)
    if waiting:
        raise BadInput(f"its replies run in a circle at {shown(min(waiting))}; download the export again")
