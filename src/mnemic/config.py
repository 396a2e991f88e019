"""Configuration: one TOML file and variables with the prefix ``MNEMIC_``; what is not known is an error.

A variable wins over the file, an argument over both. The file is ``$MNEMIC_CONFIG``, else ``mnemic.toml`` in
the working folder when there is one.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mnemic.core.errors import BadInput

PREFIX = "MNEMIC_"
FILE = "mnemic.toml"
#: Variables that are no settings of a store: where the file is, where benchmark data is, the key of who asks.
ALSO = ("config", "data", "key")


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be configured, with its default.

    >>> Settings.load({"MNEMIC_EMBEDDER": "hashing"}).embedder
    'hashing'
    >>> Settings.load({"MNEMIC_EMBEDER": "hashing"})
    Traceback (most recent call last):
    mnemic.core.errors.BadInput: MNEMIC_EMBEDER: no such setting; did you mean MNEMIC_EMBEDDER?
    """

    store: str = "mnemic.db"
    bank: str = "default"
    recipe: str = "default"
    profile: str = ""
    embedder: str = "bge-small"
    reranker: str = "minilm-l12"
    language_model: str = "none"
    language_model_url: str = ""
    language_model_call_tokens: int = 16_000
    language_model_day_tokens: int = 2_000_000
    language_model_timeout_s: int = 60
    language_model_concurrency: int = 4
    language_model_attempts: int = 3
    prompts: str = ""
    threads: int = 1
    cache_mb: int = 512
    hub: str = ""
    labelling: str = "none"
    labelling_strictness: str = "careful"
    audit_witness: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_jwks: str = ""
    oidc_groups: str = "groups"
    #: A key itself is in no printout.
    vault_key: str = field(default="", repr=False)
    vault_key_file: str = ""
    vault_service: str = ""
    serve_threads: int = 3
    serve_body_mb: int = 8
    serve_items: int = 10_000
    serve_in_flight: int = 512
    serve_in_flight_each: int = 256
    serve_timeout_s: int = 60
    serve_origins: str = ""
    reports: str = ""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, path: Path | None = None) -> Settings:
        """The settings of the environment and the file; raises BadInput on what is not known or not a number."""
        environ = os.environ if environ is None else environ
        known = {item.name: item for item in fields(cls)}
        values: dict[str, Any] = {}
        given = path or (Path(environ["MNEMIC_CONFIG"]) if "MNEMIC_CONFIG" in environ else None)
        source = given or Path(FILE)
        if given is not None or source.is_file():
            for name, value in _read(source).items():
                if name not in known:
                    raise BadInput(f"{source}: {name}: no such setting; {_hint(name, list(known))}")
                values[name] = _typed(f"{source}: {name}", value, known[name].default)
        for variable, text in environ.items():
            if not variable.startswith(PREFIX):
                continue
            name = variable.removeprefix(PREFIX).lower()
            if name in ALSO:
                continue
            if name not in known or variable != variable.upper():
                names = [PREFIX + name.upper() for name in (*known, *ALSO)]
                raise BadInput(f"{variable}: no such setting; {_hint(variable, names)}")
            values[name] = _typed(variable, text, known[name].default)
        return cls(**values)


def without_password(store: str) -> str:
    """A store's address as it may be shown: what a password is in it becomes stars.

    >>> without_password("postgresql://anna:s3cret@host/db?password=x"), without_password("agent.db")
    ('postgresql://anna:***@host/db?password=***', 'agent.db')
    """
    if "://" not in store:
        return store
    # A password may hold any character, also those that should have been percent-encoded.
    masked = re.sub(r"(?<=://)([^:/@]*):.*@", r"\1:***@", store)
    return re.sub(r"((?:ssl)?password=)[^&]*", r"\1***", masked)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: the configuration cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: the configuration is not valid TOML ({error})") from None


def _typed(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, int):
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise BadInput(f"{name}: {value!r} is not a whole number") from None
        if number < 1 or isinstance(value, bool):
            raise BadInput(f"{name}: {value!r} must be 1 or more")
        return number
    if not isinstance(value, str):
        raise BadInput(f"{name}: {value!r} must be text")
    return value


def _hint(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
