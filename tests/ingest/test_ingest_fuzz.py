"""Whatever bytes come in, the result is events that can be stored, or BadInput."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mnemic.core.errors import BadInput
from mnemic.core.evidence import Event
from mnemic.core.times import from_micros, to_micros
from mnemic.ingest import FORMATS, read_all

FIXTURES = sorted((Path(__file__).parent / "fixtures").iterdir())
formats = st.sampled_from([None, *FORMATS])
words = st.text(max_size=12)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | words
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4))


def imports_or_refuses(data: bytes, format: str | None) -> None:
    for skip_bad in (False, True):
        try:
            events, report = read_all(data, format, at="2026-01-01", skip_bad=skip_bad)
        except BadInput:
            continue
        assert report.events == len(events)
        assert len({event.id for event in events}) == len(events)
        for event in events:
            again = Event.from_json(json.loads(json.dumps(event.to_json())))
            assert again.sha == event.sha
            event.text.encode()
            assert from_micros(to_micros(event.occurred_at)) == event.occurred_at


@settings(deadline=None)
@given(st.binary(max_size=300), formats)
def test_any_bytes(data: bytes, format: str | None) -> None:
    imports_or_refuses(data, format)


@settings(deadline=None)
@given(st.text(max_size=300), formats)
def test_any_text(text: str, format: str | None) -> None:
    imports_or_refuses(text.encode("utf-8", "surrogatepass"), format)


@settings(deadline=None)
@given(values, formats)
def test_any_json(value: object, format: str | None) -> None:
    imports_or_refuses(json.dumps([value]).encode(), format)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FIXTURES), st.data())
def test_damaged_files(path: Path, data: st.DataObject) -> None:
    original = path.read_bytes()
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(len(original), start + 40)))
    imports_or_refuses(original[:start] + data.draw(st.binary(max_size=8)) + original[end:], None)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_values_of_other_types_in_exports(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in FIXTURES if path.suffix == ".json"]))
    document = json.loads(path.read_bytes())
    node, places = document, []
    while isinstance(node, (dict, list)) and node:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        places.append((node, key))
        node = node[key]
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(values)
    imports_or_refuses(json.dumps(document).encode(), path.stem)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=6))
def test_damaged_archives(place: int, noise: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(Path(__file__).parent / "fixtures" / "claude.json", "conversations.json")
    whole = packed.getvalue()
    cut = place % len(whole)
    imports_or_refuses(whole[:cut] + noise + whole[cut + len(noise) :], None)
    imports_or_refuses(whole[:cut], None)
