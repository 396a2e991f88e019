"""From a name to a language model: stand-ins by their name, a local one, and endpoints as ``provider:name``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mnemic.core.errors import BadInput
from mnemic.models.language.port import LanguageModel

NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a model is and what asking it may take.

    Parameters
    ----------
    url
        Address of the endpoint; empty for the provider's own.
    call_tokens, day_tokens
        The most tokens that one call may take, prompt and answer together; and that one bank may spend a day.
    timeout_s
        Seconds that one request may take.
    concurrency, attempts
        Requests at a time; and how often one is sent in all, when the endpoint is busy or not reached.

    >>> Limits(call_tokens=4000).day_tokens
    2000000
    """

    url: str = ""
    call_tokens: int = 16_000
    day_tokens: int = 2_000_000
    timeout_s: int = 60
    concurrency: int = 4
    attempts: int = 3


_USUAL = Limits()


def load_language_model(name: str, limits: Limits = _USUAL) -> LanguageModel | None:
    """The model of a name; nothing is loaded or sent before it is asked.

    ``none`` is no model; ``rules`` answers by each task's rule; ``smollm2`` is a small local one, for tests;
    ``recorded:FILE`` replays answers, ``recorded:FILE@NAME`` asks model NAME for those it lacks and records them;
    ``provider:model`` is an endpoint. Raises BadInput when it is none of these.

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

        return SmolLM2(limits.call_tokens)
    if recorded := re.fullmatch(r"recorded:(?P<file>.+?)(@(?P<inner>rules|smollm2|[a-z-]+:[^/\\].*))?", name):
        from mnemic.models.language.recorded import RecordedModel

        inner = load_language_model(recorded["inner"], limits) if recorded["inner"] else None
        return RecordedModel(Path(recorded["file"]).expanduser(), inner)
    if re.fullmatch(r"[a-z][a-z-]*:.+", name):
        from mnemic.models.language.endpoint import EndpointModel

        return EndpointModel(
            name, limits.url, limits.call_tokens, limits.timeout_s, limits.concurrency, limits.attempts
        )
    raise BadInput(
        f"language_model: {name!r} is unknown; use none, rules, smollm2, recorded:FILE, or provider:model such as "
        "openai:gpt-5-mini, anthropic:claude-haiku-4-5, google-gla:gemini-3-flash, ollama:qwen3"
    )
