"""pydantic-ai as the client: which model a name means, a request as its messages, its answer as text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnemic.core.errors import BadInput, ModelUnavailable
from mnemic.models.extras import require
from mnemic.models.language.exchange import Request

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters

_SECRET = re.compile(r"\b(?:sk|pk|key|AIza)[-_][\w.*-]{6,}|\bAIza[\w-]{6,}|\bBearer\s+\S+", re.IGNORECASE)


def kind_and_name(model: str) -> tuple[str, str]:
    """Provider and model name.

    >>> kind_and_name("google-gla:gemini-3-flash")
    ('google', 'gemini-3-flash')
    """
    provider, _, name = model.partition(":")
    return ("google" if provider == "google-gla" else provider), name


def key_variable(kind: str) -> str:
    """The variable in which a provider's key is looked for.

    >>> key_variable("anthropic")
    'ANTHROPIC_API_KEY'
    """
    family = "openai" if kind.startswith("openai-") else kind
    return f"{family.upper().replace('-', '_')}_API_KEY"


def connected(model: str, url: str) -> Model:
    """pydantic-ai's client of a model; raises ModelUnavailable without package or key, BadInput on an unknown name."""
    require("pydantic_ai", "models")
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model
    from pydantic_ai.providers import Provider, infer_provider, infer_provider_class

    kind, name = kind_and_name(model)

    def provider_at(provider: str) -> Provider[Any]:
        made: Any = infer_provider_class(provider)
        key = os.environ.get(key_variable(provider))
        # Servers of one's own mostly take any key, and clients refuse to send none.
        return made(base_url=url, api_key=key or "none")  # type: ignore[no-any-return]

    try:
        if url and kind in ("openai", "openai-chat"):
            from pydantic_ai.models.openai import OpenAIChatModel
            from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

            key = os.environ.get("OPENAI_API_KEY", "none")
            return OpenAIChatModel(name, provider=OpenAICompatibleProvider("endpoint", base_url=url, api_key=key))
        return infer_model(f"{kind}:{name}", provider_at if url else infer_provider)
    except ImportError as error:
        raise ModelUnavailable(f"language model {model}: {without_keys(str(error))}") from error
    except (UserError, ValueError, TypeError) as error:
        text = without_keys(str(error))
        if "key" in text.lower() or "base_url" in text.lower():
            raise ModelUnavailable(f"language model {model}: {text}") from None
        raise BadInput(f"language_model: {model!r}: {text}") from None


def messages_of(request: Request) -> list[ModelMessage]:
    """The prompt as messages; in a repair with the rejected answer and what is wrong with it."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    prompt = request.prompt
    messages: list[ModelMessage] = [ModelRequest([SystemPromptPart(prompt.system), UserPromptPart(prompt.user)])]
    if request.complaint:
        messages.append(ModelResponse([TextPart(request.rejected or "(nothing)")]))
        messages.append(ModelRequest([UserPromptPart(request.complaint)]))
    return messages


def wanted_output(client: Model, request: Request) -> ModelRequestParameters:
    """How the shape is asked for: natively, as a tool, or in words alone, as the model's profile allows."""
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    schema = dict(request.schema)
    if client.profile.get("supports_json_schema_output", False):
        wanted = OutputObjectDefinition(json_schema=schema, name=request.task.name)
        # The prompt holds the schema already.
        return ModelRequestParameters(output_mode="native", output_object=wanted, prompted_output_template=False)
    if client.profile.get("supports_tools", True):
        tool = ToolDefinition(
            name=request.task.name, parameters_json_schema=schema, description=request.task.summary, kind="output"
        )
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    return ModelRequestParameters()


def text_of(response: ModelResponse) -> str:
    """The answer, wherever the model has put it."""
    from pydantic_ai.messages import TextPart, ToolCallPart

    called = [part.args_as_json_str() for part in response.parts if isinstance(part, ToolCallPart)]
    return called[0] if called else "".join(part.content for part in response.parts if isinstance(part, TextPart))


def reason_of(body: Any) -> str:
    """What an endpoint says of a failure, in brackets; empty when it says nothing.

    >>> reason_of({"error": {"message": "no such model"}})
    ' (no such model)'
    """
    for name in ("error", "message"):
        body = body.get(name, body) if isinstance(body, Mapping) else body
    return f" ({without_keys(body)})" if isinstance(body, str) and body.strip() else ""


def without_keys(text: str) -> str:
    """One line without what may be a key.

    >>> without_keys("Incorrect API key provided: sk-abcdef123. Find yours")
    'Incorrect API key provided: [key] Find yours'
    """
    known = [value for name, value in os.environ.items() if name.endswith(("_KEY", "_TOKEN")) and len(value) > 5]
    for value in known:
        text = text.replace(value, "[key]")
    return " ".join(_SECRET.sub("[key]", text).split())[:200]
