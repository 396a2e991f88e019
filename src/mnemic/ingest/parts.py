"""Parts of chat messages: text, pictures, files, tool calls and results, as the chat APIs write them.

Bytes that stand inline (``data:`` URIs) are replaced by their hash: a bank keeps words, and says which
picture it was.
Source: OpenAI, "API reference: chat completions, messages", 2025.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, cast

from mnemic.core.errors import BadInput
from mnemic.core.evidence import PART_KINDS, Part, PartKind, canonical
from mnemic.ingest.document import check_storable, text_of
from mnemic.ingest.message import shown


def content_parts(content: object) -> tuple[Part, ...]:
    """The parts of a ``content`` field: a string, null, or a list of strings and typed parts.

    >>> content_parts([{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "http://a/b.png"}}])
    (Part(kind='text', text='Look', ...), Part(kind='image', text='', uri='http://a/b.png', meta={}))
    """
    if content is None:
        return ()
    if isinstance(content, str):
        return (Part("text", content),) if content.strip() else ()
    if not isinstance(content, list):
        raise BadInput(f"content: {shown(content)} is neither text nor a list of parts")
    parts = (_typed(item, f"content[{place}]") for place, item in enumerate(content))
    return tuple(part for part in parts if part is not None)


def own_parts(value: object) -> tuple[Part, ...]:
    """The parts of a ``parts`` field, which holds parts in the form that events are exported in.

    >>> own_parts([{"kind": "image", "text": "a dog", "uri": "dog.jpg"}])[0].kind
    'image'
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadInput(f"parts: {shown(value)} is no list of parts")
    return tuple(_own(item, f"parts[{place}]") for place, item in enumerate(value))


def tool_calls(message: Mapping[str, Any]) -> tuple[Part, ...]:
    """The calls in ``tool_calls``, and the older ``function_call``; arguments are kept as they were written.

    >>> tool_calls({"tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": "{}"}}]})[0].meta
    {'name': 'weather', 'call_id': 'c1'}
    """
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list):
        raise BadInput(f"tool_calls: {shown(calls)} is no list")
    if message.get("function_call"):
        calls = [*calls, {"function": message["function_call"]}]
    parts = []
    for place, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise BadInput(f"tool_calls[{place}]: has no function; give its name and arguments")
        parts.append(call_part(function.get("name"), function.get("arguments"), call.get("id")))
    return tuple(parts)


def call_part(name: object, arguments: object, call_id: object) -> Part:
    """A tool call; arguments that are no text are written as JSON.

    >>> call_part("weather", {"city": "Porto"}, "c1").text
    '{"city":"Porto"}'
    """
    check_storable(arguments, "tool call arguments")
    text = arguments if isinstance(arguments, str) else "" if arguments is None else canonical(arguments)
    return Part("tool_call", text, meta=_known(name=name, call_id=call_id))


def result_part(text: str, name: object, call_id: object) -> Part:
    """A tool's result.

    >>> result_part("18 degrees", None, "c1").meta
    {'call_id': 'c1'}
    """
    return Part("tool_result", text, meta=_known(name=name, call_id=call_id))


def reference(uri: object, field: str) -> tuple[str, dict[str, str]]:
    """Where bytes are, with what is known of them; bytes that stand inline become their SHA-256.

    >>> reference("data:image/png;base64,AAAA", "image_url")[0][:15]
    'sha256:63c1dd95'
    """
    place = text_of(uri, field).strip()
    if not place.startswith("data:"):
        return place, {}
    head, _, data = place.partition(",")
    media_type = head.removeprefix("data:").partition(";")[0]
    digest = hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()
    return f"sha256:{digest}", {"media_type": media_type} if media_type else {}


def _typed(item: object, field: str) -> Part | None:
    if isinstance(item, str):
        return Part("text", item) if item else None
    if not isinstance(item, dict):
        raise BadInput(f"{field}: {shown(item)} is no part; give text or an object with a type")
    kind = item.get("type")
    if kind in ("text", "input_text", "output_text"):
        text = text_of(item.get("text"), f"{field}.text")
        return Part("text", text) if text else None
    if kind == "refusal":
        return Part("text", text_of(item.get("refusal"), f"{field}.refusal"))
    if kind in ("image_url", "input_image"):
        image = item.get("image_url")
        uri, meta = reference(image.get("url") if isinstance(image, dict) else image, f"{field}.image_url")
        return Part("image", uri=uri, meta=meta)
    if kind in ("file", "input_file", "input_audio"):
        file = item.get(kind) if isinstance(item.get(kind), dict) else item
        assert isinstance(file, dict)
        name = file.get("filename") or file.get("file_id") or file.get("format")
        return Part("file", meta=_known(name=name))
    raise BadInput(f"{field}.type: {shown(kind)} is unknown; use text, image_url, input_audio or file")


def _own(item: object, field: str) -> Part:
    if not isinstance(item, dict):
        raise BadInput(f"{field}: {shown(item)} is no part; give an object with kind and text")
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in PART_KINDS:
        raise BadInput(f"{field}.kind: {shown(kind)} is unknown; use one of {', '.join(PART_KINDS)}")
    uri, found = reference(item.get("uri"), f"{field}.uri")
    meta = item.get("meta") or {}
    if not isinstance(meta, dict):
        raise BadInput(f"{field}.meta: {shown(meta)} is no object")
    return Part(cast(PartKind, kind), text_of(item.get("text"), f"{field}.text"), uri, {**meta, **found})


def _known(**names: object) -> dict[str, str]:
    return {key: value for key, value in names.items() if isinstance(value, str) and value}
