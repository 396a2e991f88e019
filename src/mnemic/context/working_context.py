"""Working context: an agent edits what stands in its own window, and can always take it back.

    context = ordered blocks;  an edit changes only which view of a block is rendered, never its value
    render(restore_all(edits(blocks))) = render(blocks), byte for byte

Every edit is a pure function of the blocks it is shown and gives ops; the engine applies them.

Source: M. Li et al., "Sculptor: Empowering LLMs with Cognitive Agency via Active Context Management",
arXiv 2508.04664, 2025.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Span, sha
from mnemic.core.op import Op
from mnemic.core.record import Record

ACTOR = "working_context"
FRAGMENTS = "fragments"
SEPARATOR = "\n\n"
_TITLE = 40


@dataclass(frozen=True, slots=True)
class Found:
    """An exact occurrence: the block, where in its value it starts, and the text around it."""

    block: str
    start: int
    excerpt: str


def append(block_id: str, text: str, *, role: str = "", title: str = "") -> Op:
    """A new block at the end of the context.

    >>> append("b1", "Hello", role="user").record.kind
    'block'
    """
    fields = {"title": title} if title else {}
    return Op.add(Record(id=block_id, kind="block", value=text, role=role, fields=fields), actor=ACTOR)


def in_parts(text: str, count: int) -> list[int]:
    """Where to cut a text into ``count`` parts of about equal length, after a line end or space if one is near.

    >>> in_parts("one two three four", 2)
    [8]
    """
    if count < 1:
        raise BadInput(f"count: {count} parts make no text; give 1 or more")
    size = len(text) / count
    cuts = []
    for place in range(1, count):
        ideal = round(place * size)
        near = range(max(ideal - int(size // 2), 1), min(ideal + int(size // 2), len(text)))
        ends = [i for i in near if text[i - 1] == "\n"] or [i for i in near if text[i - 1].isspace()]
        cuts.append(min(ends, key=lambda end: abs(end - ideal), default=ideal))
    return sorted({cut for cut in cuts if 0 < cut < len(text)})


def at_markers(text: str, start: str, end: str) -> list[int]:
    """Where to cut so that the stretch from ``start`` through ``end`` is a part of its own.

    Raises BadInput when the markers do not occur in that order.

    >>> at_markers("a <b> c", "<", ">")
    [2, 5]
    """
    low = text.find(start)
    high = text.find(end, low + len(start)) if low >= 0 else -1
    if high < 0:
        raise BadInput(f"markers: {start!r} followed by {end!r} does not occur; copy both exactly from the block")
    return [cut for cut in (low, high + len(end)) if 0 < cut < len(text)]


def fragment(block: Record, cuts: Sequence[int]) -> list[Op]:
    """Cut a block into fragments that can be folded one by one; together they render as the block did.

    Raises BadInput on a block that is in fragments already, or on cuts that are not rising within its text.

    >>> block = Record(id="b1", kind="block", value="one two")
    >>> [op.record.value for op in fragment(block, [4]) if op.record]
    ['one ', 'two']
    """
    if FRAGMENTS in block.views:
        raise BadInput(f"block {block.id!r} is in fragments already; fragment one of those")
    ends = [0, *cuts, len(block.value)]
    if any(high <= low for low, high in pairwise(ends)):
        raise BadInput(f"cuts: {list(cuts)} must rise and lie within the {len(block.value)} characters of the block")
    ops = []
    for place, (low, high) in enumerate(pairwise(ends)):
        text = block.value[low:high]
        part = Record(
            id=f"{block.id}.{place}",
            kind="block",
            value=text,
            role=block.role,
            fields={"parent": block.id, "place": place},
            sources=(Span(block.id, low, high, sha(text)[:16]),),
            derived_from=(block.id,),
        )
        ops.append(Op.add(part, actor=ACTOR))
    listing = " ".join(f"{block.id}.{place}" for place in range(len(ops)))
    return [*ops, Op.set_view(block, FRAGMENTS, listing, actor=ACTOR)]


def fold(block: Record, tokens: int) -> Op:
    """Hide a block behind a stub that tells its id, its size and what it was about.

    >>> fold(Record(id="b1", kind="block", value="A long report"), 4).changes["text"]
    '[b1: folded, 4 tokens: A long report]'
    """
    return Op.set_view(block, "stub", _stub(block, tokens), actor=ACTOR)


def summarise(block: Record, summary: str) -> Op:
    """Show a summary in place of a block.

    >>> summarise(Record(id="b1", kind="block", value="A long report"), "All is well").changes["view"]
    'summary'
    """
    return Op.set_view(block, "summary", summary, actor=ACTOR)


def restore(block: Record) -> Op:
    """Show a block as it was: whole, with its fragments put together again.

    >>> restore(Record(id="b1", kind="block", value="A long report")).changes["view"]
    'full'
    """
    return Op.set_view(block, "full", actor=ACTOR)


def restore_all(blocks: Iterable[Record]) -> list[Op]:
    """Show every block as it was.

    >>> len(restore_all([Record(id="b1", kind="block", value="x", fields={"view": "stub"})]))
    1
    """
    return [restore(block) for block in blocks if block.fields.get("view", "full") != "full"]


def search(blocks: Sequence[Record], text: str, *, hidden: bool = True, around: int = 40) -> list[Found]:
    """Every exact occurrence of a text in the blocks' values, with ``around`` characters to each side.

    ``hidden`` says whether to look behind stubs and summaries too. Raises BadInput on an empty text.

    >>> search([Record(id="b1", kind="block", value="the key is 7")], "key", around=4)
    [Found(block='b1', start=4, excerpt='the key is ')]
    """
    if not text:
        raise BadInput("text: give at least one character to search for")
    out = []
    for block in _leaves(blocks):
        if not hidden and block.fields.get("view", "full") != "full":
            continue
        start = block.value.find(text)
        while start >= 0:
            excerpt = block.value[max(start - around, 0) : start + len(text) + around]
            out.append(Found(block.id, start, excerpt))
            start = block.value.find(text, start + len(text))
    return out


def render(blocks: Sequence[Record], budget: int, count: Callable[[str], int]) -> str:
    """The blocks in their order as one text of at most ``budget`` tokens by ``count``.

    When they are too long, the oldest are shown as stubs, and left out when that is not enough.

    >>> blocks = [Record(id=f"b{i}", kind="block", value="word " * 20) for i in (1, 2)]
    >>> render(blocks, 35, lambda text: len(text.split())).splitlines()[0]
    '[b1: folded, 20 tokens: word word word word word word word word]'
    """
    children = _children(blocks)
    roots = [block for block in blocks if "parent" not in block.fields]
    texts = [_text(block, children) for block in roots]
    shown = list(texts)
    for place, block in enumerate(roots):
        if count(SEPARATOR.join(shown)) <= budget:
            break
        stub = _stub(block, count(texts[place]))
        if count(stub) < count(shown[place]):
            shown[place] = stub
    while shown and count(SEPARATOR.join(shown)) > budget:
        del shown[0]
    return SEPARATOR.join(shown)


def _stub(block: Record, tokens: int) -> str:
    title = str(block.fields.get("title") or " ".join(block.value.split()))
    return f"[{block.id}: folded, {tokens} tokens: {title[:_TITLE].strip()}]"


def _children(blocks: Iterable[Record]) -> dict[str, list[Record]]:
    out: dict[str, list[Record]] = {}
    for block in sorted(blocks, key=lambda block: int(block.fields.get("place", 0))):
        if "parent" in block.fields:
            out.setdefault(str(block.fields["parent"]), []).append(block)
    return out


def _text(block: Record, children: Mapping[str, list[Record]]) -> str:
    if block.fields.get("view") == FRAGMENTS and block.id in children:
        return "".join(_text(child, children) for child in children[block.id])
    return block.shown()


def _leaves(blocks: Sequence[Record]) -> Iterator[Record]:
    # A fragment's text is also its parent's: whichever of the two is rendered is searched.
    known = {block.id: block for block in blocks}
    for block in blocks:
        above = block
        rendered = True
        while (parent := known.get(str(above.fields.get("parent", "")))) is not None:
            rendered = rendered and parent.fields.get("view") == FRAGMENTS
            above = parent
        if rendered and not (block.fields.get("view") == FRAGMENTS and FRAGMENTS in block.views):
            yield block
