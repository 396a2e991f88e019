"""From a name to a language model: stand-ins by their name, a local one, and endpoints as ``provider:name``."""

from __future__ import annotations

import re
from pathlib import Path

from mnemic.core.errors import BadInput
from mnemic.models.language.port import LanguageModel

NONE = "none"


def load_language_model(
    name: str,
    *,
    url: str = "",
    call_tokens: int = 16_000,
    timeout: float = 60.0,
    concurrency: int = 4,
    attempts: int = 3,
) -> LanguageModel | None:
    """The model of a name; nothing is loaded or sent before it is asked.

    ``none`` is no model; ``rules`` answers by each task's rule; ``smollm2`` is a small local one, for tests;
    ``recorded:FILE`` replays answers, ``recorded:FILE@NAME`` asks model NAME for those it lacks and records them;
    ``provider:model`` is an endpoint, at ``url`` if that is given. Raises BadInput when it is none of these.

    >>> load_language_model("rules").name, load_language_model("ollama:qwen3").name, load_language_model("none")
    ('rules', 'ollama:qwen3', None)
    >>> load_language_model("rule")
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: language_model: 'rule' is unknown; use none, rules, smollm2, recorded:FILE, ...
    """
    if name == NONE:
        return None
    if name == "rules":
        from mnemic.models.language.rules import RuleModel

        return RuleModel()
    if name == "smollm2":
        from mnemic.models.language.smollm2 import SmolLM2

        return SmolLM2(call_tokens)
    if recorded := re.fullmatch(r"recorded:(?P<file>.+?)(@(?P<inner>rules|smollm2|[a-z-]+:[^/\\].*))?", name):
        from mnemic.models.language.recorded import RecordedModel

        limits = {"call_tokens": call_tokens, "concurrency": concurrency, "attempts": attempts}
        given = recorded["inner"]
        inner = load_language_model(given, url=url, timeout=timeout, **limits) if given else None
        return RecordedModel(Path(recorded["file"]).expanduser(), inner)
    if re.fullmatch(r"[a-z][a-z-]*:.+", name):
        from mnemic.models.language.endpoint import EndpointModel

        return EndpointModel(name, url, call_tokens, timeout, concurrency, attempts)
    raise BadInput(
        f"language_model: {name!r} is unknown; use none, rules, smollm2, recorded:FILE, or provider:model such as "
        "openai:gpt-5-mini, anthropic:claude-haiku-4-5, google-gla:gemini-3-flash, ollama:qwen3"
    )
