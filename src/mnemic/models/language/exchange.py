"""The exchange with a model: prompt, answer as JSON, check, and one repair in which the model is told its error.

tokens asked for = min(longest answer that the shape admits, limit of a call - prompt)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mnemic.core.errors import Malformed, ModelFailure, TooLarge
from mnemic.core.shape import Fields
from mnemic.core.task import Task
from mnemic.core.usage import Usage
from mnemic.models.language.port import Reply
from mnemic.models.language.prompt import CHARACTERS_A_TOKEN, Prompt, render

#: Fewer tokens than this are no room for an answer.
LEAST_OUTPUT = 256
#: More than this most models refuse to write at once.
MOST_OUTPUT = 8000
#: What a model that cannot answer without thinking may think, in tokens that count as its answer's.
THINKING = 2000
#: JSON and other scripts than Latin take more tokens a character than prose.
_OUTPUT_CHARACTERS_A_TOKEN = 2
_QUOTED_BACK = 1500


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: the prompt, an answer that could not be used with what to say to it, and bounds."""

    task: Task
    prompt: Prompt
    schema: Mapping[str, Any]
    max_tokens: int
    rejected: str = ""
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: text, and what it cost; ``cut`` when the model ran out of tokens."""

    text: str
    usage: Usage
    cut: bool = False


Send = Callable[[Request], Said]


def most_tokens(shape: Fields) -> int:
    """The tokens that the longest answer of a shape takes, within what models write at once.

    >>> from mnemic.core.shape import Text
    >>> most_tokens(Fields(of={"text": Text(most=2000)})), most_tokens(Fields(of={"text": Text(most=20)}))
    (1007, 256)
    """
    return min(max(-(-shape.longest // _OUTPUT_CHARACTERS_A_TOKEN), LEAST_OUTPUT), MOST_OUTPUT)


def exchange(task: Task, inputs: Mapping[str, Any], send: Send, *, call_tokens: int) -> Reply:
    """Ask through ``send``; gives the checked answer and what it cost, repair included.

    ``call_tokens`` is the most that prompt and answer of one call may take. Raises TooLarge before sending when
    there is no room for an answer, Malformed when the repaired answer is no better, and what ``send`` raises.

    >>> from mnemic.core.task import task_named
    >>> answers = iter(["Sure!", '```json\\n{"need": false}\\n```'])
    >>> said = lambda request: Said(next(answers), Usage(1, 0, 10, 2))
    >>> exchange(task_named("need_memory"), {"question": "Thanks!"}, said, call_tokens=4000)
    Reply(answer={'need': False}, usage=Usage(calls=2, cached=0, tokens_in=20, tokens_out=4))
    """
    prompt, shape = render(task, inputs), task.shape(inputs)
    wanted, room = most_tokens(shape), call_tokens - prompt.tokens
    if room < LEAST_OUTPUT:
        raise TooLarge(
            f"language model: task {task.name!r} has a prompt of about {prompt.tokens:,} tokens, and a call may take "
            f"{call_tokens:,} with its answer; raise language_model_call_tokens or give it less"
        )
    request = Request(task, prompt, shape.schema(), min(wanted, room))
    usage = Usage()
    try:
        said = send(request)
        usage += said.usage
        try:
            return Reply(task.answered(parsed(said, shape), inputs), usage)
        except Malformed as error:
            request = _repair(request, said, str(error), room)
        said = send(request)
        usage += said.usage
        return Reply(task.answered(parsed(said, shape), inputs), usage)
    except ModelFailure as error:
        error.usage += usage
        raise


def _repair(request: Request, said: Said, error: str, room: int) -> Request:
    rejected = said.text[:_QUOTED_BACK]
    complaint = f"That cannot be used. {error[:400]}. Answer again, with one JSON object of the schema alone."
    left = room - (len(rejected) + len(complaint)) // CHARACTERS_A_TOKEN
    if left < min(request.max_tokens, LEAST_OUTPUT):
        raise Malformed(error)
    return Request(request.task, request.prompt, request.schema, min(request.max_tokens, left), rejected, complaint)


def parsed(said: Said, shape: Fields) -> Any:
    """The JSON object in an answer, also out of a code fence or out of words around it; raises Malformed.

    >>> parsed(Said('Here: {"need": true}.', Usage()), Fields(of={}))
    {'need': True}
    """
    text = said.text.strip()
    # White space and escapes take room that the shape does not count.
    most = 4 * shape.longest + 4000
    if len(text) > most:
        raise Malformed(f"answer: has {len(text):,} characters, and at most {most:,} make sense")
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise Malformed("answer: was cut off; be shorter" if said.cut else "answer: holds no JSON object")
    try:
        return json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as error:
        what = "was cut off; be shorter" if said.cut else f"is no valid JSON ({error})"
        raise Malformed(f"answer: {what}") from None
